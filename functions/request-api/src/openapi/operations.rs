//! Parameters, bodies and answers, as OpenAPI describes them.

use millwright_domain::parameters::Parameter;
use millwright_domain::resource::{
    DEFAULT_LIMIT, Field, Kind, MAX_LIMIT, MAX_SEARCH, MAX_VALUES, RANGES, RESOURCES, Resource,
};
use serde_json::{Map, Value, json};

use super::names::{name, reference};
use super::schemas;
use super::with::with;

/// The cursor `[null,"ffffffff-ffff-7fff-bfff-ffffffffffff"]`, which every list and every order takes.
const NO_ROW: &str = "W251bGwsImZmZmZmZmZmLWZmZmYtN2ZmZi1iZmZmLWZmZmZmZmZmZmZmZiJd";

/// The answers of an operation: what it says when it does what it is for, and the problems that any of them may have. They are not
/// told one by one: all have one form, and a `code` that says more than a status.
pub(crate) fn answers(status: &str, success: Value) -> Value {
    answers_to("401", status, success)
}

/// The same of one that takes no token, and how it refuses.
pub(crate) fn answers_to(refusal: &str, status: &str, success: Value) -> Value {
    let named = if refusal == "401" { "Unauthenticated" } else { "Problem" };
    let problem = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
    with(json!({refusal: problem(named), "default": problem("Problem")}), status, success)
}

/// The answers that operations share, by name.
pub(super) fn shared_answers() -> Map<String, Value> {
    let problem = |about: &str, headers: Value| {
        let content = json!({"application/problem+json": {"schema": reference("Problem")}});
        json!({"description": about, "headers": headers, "content": content})
    };
    let refused = "Refused, and nothing was changed: the request cannot be read (400), it is not the caller's to do (403) or to see \
        (404), the answer is of no kind that `Accept` takes (406), it contradicts what is true now (409), someone was faster (412), it \
        is too large (413) or of another kind (415), a field is wrong (422), it was asked too often (429). Or not done for now (500, \
        503); of a 504 nobody knows whether it was.";
    let stranger = "There is no valid token.";
    let mut shared = Map::from_iter([
        ("Problem".to_owned(), problem(refused, json!({"Retry-After": header("Retry-After")}))),
        (
            "Unauthenticated".to_owned(),
            problem(stranger, json!({"WWW-Authenticate": header("WWW-Authenticate")})),
        ),
        ("Done".to_owned(), json!({"description": "It is done."})),
        (
            "NotModified".to_owned(),
            json!({"description": "You have it.", "headers": {"ETag": header("ETag")}}),
        ),
    ]);
    shared.extend(RESOURCES.iter().map(|resource| (name(resource), row(resource))));
    shared
}

/// The headers of answers, by name.
pub(super) fn shared_headers() -> Value {
    let text = json!({"type": "string"});
    let seconds = json!({"type": "integer", "minimum": 0});
    json!({
        "ETag": {"schema": text, "required": true, "description": "The version, for `If-Match` and `If-None-Match`. Behind a hyphen it says what else is told with a row"},
        "Link": {"schema": text, "description": "The next page, while there is one: `<…>; rel=\"next\"`"},
        "Retry-After": {"schema": seconds, "description": "Seconds to wait: of 429 and 503"},
        "X-Total-Count": {
            "schema": {"type": "string", "pattern": "^[0-9]+\\+?$"},
            "description": "With `count=true`, of the first page: exactly up to 1000, and `1000+` of more",
        },
        "WWW-Authenticate": {"schema": {"const": "Bearer"}, "required": true, "description": "How to say who you are"},
    })
}

pub(crate) fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// The answer that is a row of this resource.
pub(crate) fn row_answer(resource: &Resource) -> Value {
    json!({"$ref": format!("#/components/responses/{}", name(resource))})
}

fn row(resource: &Resource) -> Value {
    let row = answer(&format!("The {}.", resource.singular), &reference(&name(resource)));
    match resource.field("version") {
        Some(_) => with(row, "headers", json!({"ETag": header("ETag")})),
        None => row,
    }
}

/// The answer that has no body.
pub(crate) fn done() -> Value {
    json!({"$ref": "#/components/responses/Done"})
}

/// The answer to whoever has it already.
pub(crate) fn not_modified() -> Value {
    json!({"$ref": "#/components/responses/NotModified"})
}

/// An answer in JSON.
pub(crate) fn answer(description: &str, schema: &Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

/// An answer with a page of a list.
pub(crate) fn list_answer(row: &Value) -> Value {
    let rows = json!({"type": "array", "items": row});
    let headers = json!({"Link": header("Link"), "X-Total-Count": header("X-Total-Count")});
    with(answer("A page of the list.", &rows), "headers", headers)
}

/// A body that must be there.
pub(crate) fn body(schema: &Value) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
}

/// The parameters of a list.
pub(crate) fn list_parameters(resource: &Resource) -> Vec<Value> {
    let mut parameters = vec![shared("limit"), shared("cursor"), shared("count")];
    parameters.extend(include(resource, false));
    parameters.extend(choice(resource));
    parameters
}

/// The parameters of one.
pub(super) fn one_parameters(resource: &Resource) -> Vec<Value> {
    let known = resource.field("version").map(|_| shared("If-None-Match"));
    [shared("fields")].into_iter().chain(include(resource, true)).chain(known).collect()
}

/// The parameters that say which rows of a list are wanted, which of their fields, and in which order.
pub(crate) fn choice(resource: &Resource) -> Vec<Value> {
    let sorts = json!({"type": "string", "enum": resource.sorts()});
    let mut parameters = vec![shared("fields"), shared("ids"), plain("sort", &sorts)];
    for flag in resource.flags {
        let about = match *flag {
            "overdue" => "Whether there is work to do that should be done by now; fastest with `sort=due_at`",
            _ => "Whether less than the reorder point is free",
        };
        parameters.push(parameter(flag, about, &json!({"type": "boolean"})));
    }
    if resource.searched {
        parameters.push(shared("q"));
    }
    for field in resource.filters() {
        parameters.push(plain(field.name, &several(field)));
        if field.has_exceptions() {
            parameters.push(plain(&format!("{}.not", field.name), &several(field)));
        }
        if field.has_ranges() {
            let end = schemas::of_field(&field.filled());
            parameters.extend(RANGES.map(|range| plain(&format!("{}.{range}", field.name), &end)));
        }
    }
    parameters
}

/// The parameters that operations share, by name.
pub(super) fn shared_parameters() -> Value {
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT});
    let words = schemas::of_field(&Field::new("q", Kind::Text(MAX_SEARCH)).required());
    let name = json!({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"});
    let fields = json!({"type": "array", "items": name, "minItems": 1});
    json!({
        "limit": parameter("limit", "Rows on a page", &limit),
        "cursor": parameter("cursor", "Where the page begins, as `Link` says", &cursor()),
        "count": parameter("count", "Whether `X-Total-Count` of the first page says how many there are", &json!({"type": "boolean"})),
        "ids": parameter("ids", "Only these, all on one page", &json!({
            "type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1, "maxItems": MAX_LIMIT,
        })),
        "q": parameter("q", "Words that are in it", &words),
        "fields": parameter("fields", "Only these fields, and `id`; the others are missing then", &fields),
        "Idempotency-Key": idempotency_key_header(),
        "If-Match": if_match_header(),
        "If-None-Match": {
            "name": "If-None-Match", "in": "header", "description": "The `ETag` of what you have",
            "schema": {"type": "string"},
        },
    })
}

/// A reference to one of them.
pub(crate) fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// The parameters that a path declares.
pub(crate) fn declared(parameters: &[Parameter]) -> Vec<Value> {
    let described = |declared: &Parameter| {
        let field = Field::new(declared.name, declared.kind);
        let schema = schemas::of_field(&if declared.required { field.required() } else { field.filled() });
        with(parameter(declared.name, declared.about, &schema), "required", json!(declared.required))
    };
    parameters.iter().map(described).collect()
}

/// The parameter that names what is told beside the fields, where there is anything.
fn include(resource: &Resource, of_one: bool) -> Option<Value> {
    let names = resource.includable(of_one);
    let schema = json!({"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1});
    (!names.is_empty()).then(|| plain("include", &schema))
}

/// The header that makes a repeated request harmless.
pub(crate) fn idempotency_key() -> Value {
    shared("Idempotency-Key")
}

fn idempotency_key_header() -> Value {
    let schema = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"});
    let about = "The same key with the same body has the same answer, once, for a week";
    json!({"name": "Idempotency-Key", "in": "header", "description": about, "schema": schema})
}

/// The parameter of a path that names one of a resource.
pub(crate) fn id(name: &str, of: &Resource) -> Value {
    let schema = json!({"type": "string", "format": "uuid", "description": format!("Which {}", of.singular)});
    json!({"name": name, "in": "path", "required": true, "schema": schema})
}

/// The header that guards a change, where there are versions.
pub(super) fn guard(resource: &Resource) -> Vec<Value> {
    resource.field("version").map(|_| if_match()).into_iter().collect()
}

/// The header that guards a change.
pub(crate) fn if_match() -> Value {
    shared("If-Match")
}

fn if_match_header() -> Value {
    let about = "The `ETag` of what is changed: 412 if it has another one now";
    let schema = json!({"type": "string", "pattern": "^((W/)?\"[1-9][0-9]{0,8}(-[0-9a-f]{16})?\"|\\*)?$", "examples": ["\"1\""]});
    json!({"name": "If-Match", "in": "header", "description": about, "schema": schema})
}

/// A cursor is opaque, so nobody can make one up; the example begins after no row at all.
fn cursor() -> Value {
    json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "examples": [NO_ROW]})
}

fn parameter(name: &str, about: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "description": about, "schema": schema})
}

/// A parameter whose name says what it is.
fn plain(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "schema": schema})
}

/// At most [`MAX_VALUES`] values of a field, `null` among them where it may have none.
fn several(field: &Field) -> Value {
    let value = value(field);
    let value = if field.nullable { json!({"anyOf": [value, {"const": "null"}]}) } else { value };
    json!({"type": "array", "items": value, "minItems": 1, "maxItems": MAX_VALUES})
}

/// A value among others: it is there, and holds no comma.
fn value(field: &Field) -> Value {
    let value = schemas::of_field(&Field { nullable: false, required: true, ..*field });
    match field.kind {
        Kind::Text(_) => with(value, "pattern", json!(schemas::line_without(","))),
        _ => value,
    }
}
