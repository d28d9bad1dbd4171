"""What schemathesis cannot know of Millwright: which ids are there, and which refusals the state of the data decides."""

import os
import re
import uuid

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation

# Why a request that fits its schema may still be 422.
DECIDED_BY_THE_DATA = {
    "names nothing that exists here",
    "is not the current password",
    "must be in the future",
    # A link is in a mail.
    "is of no link that holds: it was used, is too old, or a newer one was sent",
    "must not be in the future: it tells of something that has happened",
    # Of six hundred names.
    "must be the name of a time zone as IANA writes it, like Europe/Berlin",
    # A schema cannot bound a date.
    "must be a date like 2026-03-02, from 1900 to 2200",
    "must be a time in RFC 3339, from 1900 to 2200",
    "must be a list of at most 100 dates like 2026-03-02, each once",
    # Some roles belong to no warehouse.
    "is required for this role",
    # Every word of a field is left out.
    "leaves nothing",
    # The fields of a template go together: its machines, its meter, its season.
    "is required, or equipment_id",
    "does not go with equipment_model",
    "does not go with meter_every",
    "only one of both may be said",
    "a meter has both a name and a count",
    "is required: which meter of the machine",
    "is required with meter_name, or meter_at",
    "is required with season_from",
    "is required with season_until",
}

DECIDED_HERE = {
    # A cursor is of one list in one order; alone it is another problem.
    ("?cursor", "is not a cursor of this list"),
    # Some have a warehouse of their own and need not name one.
    ("/warehouse_id", "is required"),
    # A rule between several fields: an end before its beginning, a setting's value of another setting's kind.
    ("/value", "is not a value of this setting"),
    ("/started_at", "must end after it starts"),
    ("/ended_at", "must end after it starts"),
    ("/started_at", "must stop after it starts"),
    ("/stopped_at", "must stop after it starts"),
    ("/issued_on", "must not expire before it is issued"),
    ("/expires_on", "must not expire before it is issued"),
    ("/quantity", "must be more than 0, but in an adjustment"),
    ("/other_id", "must be another work order"),
    ("/warehouse_id", "is required, but for managers and administrators"),
    # A follow-up alone changes nothing of its item.
    ("", "names no field to change"),
    # A period ends after it begins, and is no longer than ten years.
    ("?until", "must not be before from"),
    ("?until", "must be less than 3660 days after from"),
    ("?to", "must not be before from"),
    ("?to", "must be less than 366 days after from"),
    # Fields that only some moves take.
    ("/hold_reason", "is required to put it on hold"),
    ("/hold_reason", "is said only to put it on hold"),
    ("/assigned_to", "is said only to assign it"),
    ("/signature_name", "is said only to complete it"),
    ("/signature_id", "is said only to complete it"),
    ("/signature_name", "is required with a drawn signature"),
    ("/signature_name", "must not be empty"),
    # A sheet has its own columns.
    ("?columns", "does not go with sheet"),
}

# A schema can bound the decimals of a number only by a multiple, which floats are not.
DECIMALS = re.compile(r"^must be a number .* with at most \d decimals$")

# A span of opening hours does not end when it begins; a follow-up comes with an issue; the parts of a recurrence go together; bytes
# at random are no photo; a page has as many positions as its sheet.
OF_SEVERAL_VALUES = {"/operating_hours", "/follow_up", "/rrule", "/photo", "?start"}

# The ids that the caller sees, by the name of the field that holds them and by the path of their list.
seen = {}

# The ids of the people that the tests go as, and one of nobody.
spared = set()
NOBODY = "00000000-0000-7000-8000-000000000000"

# A machine and the token of its label, which nobody renews meanwhile.
LABELLED, LABEL = os.environ["MILLWRIGHT_LABEL"].split()


@schemathesis.hook
def after_load_schema(context, schema):
    """Reads a page of every list. Made-up ids name nothing, and a test that only ever meets 404 and 422 finds nothing."""
    for path, operations in schema.raw_schema["paths"].items():
        answer = operations.get("get", {}).get("responses", {}).get("200", {})
        rows = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("type") == "array"
        if rows and "{" not in path:
            answer = requests.get(os.environ["MILLWRIGHT_API"] + path, headers=token(), timeout=20)
            answer.raise_for_status()
            remember(path, answer.json())


def token():
    return {"authorization": f"Bearer {os.environ['MILLWRIGHT_TOKEN']}"}


def remember(path, rows):
    for row in rows:
        # Whoever the tests go as stays who they are.
        if row.get("email") == f"{row.get('role')}@demo.test":
            spared.add(row["id"])
        else:
            seen.setdefault(path, []).append(row["id"])
        for name, value in row.items():
            if name != "id" and is_id(value):
                seen.setdefault(name, []).append(value)


def is_id(value):
    try:
        return str(uuid.UUID(value)) == value
    except (AttributeError, TypeError, ValueError):
        return False


@schemathesis.hook
def before_call(context, case, kwargs):
    """Where a request is to fit, puts ids that are there in the place of made-up ones."""
    collection = case.path.split("/{id}")[0]
    if collection == "/api/v1/profiles" and case.method in ("PATCH", "DELETE"):
        case.path_parameters = {name: NOBODY if value in spared else value for name, value in case.path_parameters.items()}
    if is_made_to_fit(case, ParameterLocation.PATH) and "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = there(collection, case.path_parameters["id"])
    if is_made_to_fit(case, ParameterLocation.PATH) and "token" in (case.path_parameters or {}):
        case.path_parameters["token"] = LABEL
    if case.path.endswith("/qr/renew") and case.path_parameters.get("id") == LABELLED:
        case.path_parameters["id"] = NOBODY
    if is_made_to_fit(case, ParameterLocation.QUERY) and case.query:
        # Which names are fields the document does not say, and a row has fewer of them then than its schema.
        case.query.pop("fields", None)
    if is_made_to_fit(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        for name, value in case.body.items():
            case.body[name] = there(name, value)


def there(name, made_up):
    """Of the ids that are there, always the same one for the same made-up one."""
    ids = seen.get(name)
    return ids[uuid.UUID(made_up).int % len(ids)] if ids and is_id(made_up) and made_up not in ids else made_up


def is_made_to_fit(case, part=None):
    """Whether the schema allows it, or a part of it. A step of several takes values from earlier answers, null among them."""
    meta = case.meta
    if meta is None or meta.phase.name == "stateful":
        return False
    return meta.generation.mode.is_positive if part is None else not meta.is_negative_at(part)


@schemathesis.check
def only_the_data_may_object(ctx, response, case):
    """Of requests that fit their schema, only those are unprocessable that the state of the data objects to."""
    if response.status_code == 400 and is_made_to_fit(case) and not case.path.endswith("/import") and not case.path.startswith("/s/"):
        assert response.json()["code"] == "not_a_cursor", f"The schema allows what the API cannot read: {response.json()}"
    # No schema describes a CSV file. Pages are for people, and their forms are judged as those of the API are.
    if response.status_code != 422 or not is_made_to_fit(case) or case.path.endswith("/import") or case.path.startswith("/s/"):
        return
    problem = response.json()
    errors = problem.get("errors", [])
    explained = problem["code"] == "idempotency_key_reused" or errors and all(map(is_decided_by_the_data, errors))
    assert explained, f"The schema allows what the API refuses: {problem}"


def is_decided_by_the_data(error):
    pointer, message = error["pointer"], error["message"]
    return message in DECIDED_BY_THE_DATA or DECIMALS.search(message) or (pointer, message) in DECIDED_HERE or pointer in OF_SEVERAL_VALUES
