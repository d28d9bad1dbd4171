//! Parameters, bodies and answers, as OpenAPI describes them.

use millwright_domain::parameters::Parameter;
use millwright_domain::resource::{Field, Kind, MAX_LIMIT, MAX_SEARCH, MAX_VALUES, Resource};
use serde_json::{Map, Value, json};

use super::schemas;
use super::with::with;

/// The statuses that a list can be refused with.
pub(crate) const READ_PROBLEMS: &[u16] = &[401, 403, 422, 500, 503, 504];
/// The statuses that a single one can be refused with.
pub(crate) const FIND_PROBLEMS: &[u16] = &[401, 403, 404, 422, 500, 503, 504];
/// The statuses that a body can be refused with.
pub(crate) const BODY_PROBLEMS: &[u16] = &[400, 401, 403, 409, 413, 415, 422, 429, 500, 503, 504];

/// The cursor `[null,"ffffffff-ffff-7fff-bfff-ffffffffffff"]`, which every list and every order takes.
const NO_ROW: &str = "W251bGwsImZmZmZmZmZmLWZmZmYtN2ZmZi1iZmZmLWZmZmZmZmZmZmZmZiJd";

/// The answers that are problem documents.
pub(crate) fn problems(statuses: &[u16]) -> Value {
    statuses.iter().map(|status| (status.to_string(), problem(*status))).collect::<Map<_, _>>().into()
}

fn problem(status: u16) -> Value {
    let problem = json!({
        "description": "What is wrong.",
        "content": {"application/problem+json": {"schema": schemas::reference("Problem")}},
    });
    let (name, about, schema) = match status {
        401 => ("WWW-Authenticate", "How to say who you are", json!({"const": "Bearer"})),
        429 | 503 => ("Retry-After", "Seconds to wait", json!({"type": "integer", "minimum": 0})),
        _ => return problem,
    };
    with(problem, "headers", json!({name: {"description": about, "required": true, "schema": schema}}))
}

/// An answer in JSON.
pub(crate) fn answer(description: &str, schema: &Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

/// An answer with a page of a list.
pub(crate) fn list_answer(row: &Value) -> Value {
    let rows = json!({"type": "array", "items": row});
    json!({
        "description": "A page of the list; `Link` has the next one.",
        "headers": {
            "Link": {"schema": {"type": "string"}, "description": "`<…>; rel=\"next\"`"},
            "X-Total-Count": {"schema": {"type": "string", "pattern": "^[0-9]+\\+?$"}, "description": "With `count=true`"},
        },
        "content": {"application/json": {"schema": rows}, "text/csv": {"schema": {"type": "string"}}},
    })
}

/// A body that must be there.
pub(crate) fn body(schema: &Value) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
}

/// What `raw` is for.
pub(crate) const RAW: &str =
    "In CSV, texts as they are; otherwise those that a spreadsheet takes for a formula have a ' before them";

/// The parameters of a list.
pub(crate) fn list_parameters(resource: &Resource) -> Vec<Value> {
    let names: Vec<_> = resource.fields.iter().map(|field| field.name).collect();
    let mut parameters = vec![
        parameter("limit", "Rows on a page", &json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT})),
        parameter("cursor", "Where the page begins; it is in `Link`, and of no other form", &cursor()),
        parameter("sort", "A field, or `-field` for the greatest first", &sort_schema(resource)),
        any_of("fields", "Only these fields", &json!({"type": "string", "enum": names})),
        parameter("raw", RAW, &json!({"type": "boolean"})),
        parameter("count", COUNT, &json!({"type": "boolean"})),
        separated("ids", "Only these, at most 200, all on one page", &json!({
            "type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1, "maxItems": MAX_LIMIT,
        })),
    ];
    parameters.extend(include(resource, false));
    for flag in resource.flags {
        let about = match *flag {
            "overdue" => "Whether there is work to do that should be done by now; fastest with `sort=due_at`",
            _ => "Whether less than the reorder point is free",
        };
        parameters.push(parameter(flag, about, &json!({"type": "boolean"})));
    }
    if resource.searched {
        let schema = schemas::of_field(&Field::new("q", Kind::Text(MAX_SEARCH)).required());
        parameters.push(parameter("q", "What is in it: each word as the beginning of a word or as any part of a code, in any case, with or without accents", &schema));
    }
    for field in resource.filters() {
        let about = match field.kind {
            Kind::Date | Kind::Time | Kind::Integer(..) => {
                "This value or one of several; also as a range with `.gte`, `.gt`, `.lte`, `.lt` behind the name"
            }
            Kind::Text(_) => {
                "This value or one of several; one that holds a comma stands in quotation marks, and its own are doubled: `\"A,1\"`"
            }
            _ => "This value or one of several",
        };
        let value = one_of_several(field);
        parameters.push(several(field.name, about, &value));
    }
    parameters
}

/// The parameters of one.
pub(crate) fn one_parameters(resource: &Resource) -> Vec<Value> {
    let names: Vec<_> = resource.fields.iter().map(|field| field.name).collect();
    let mut parameters = vec![any_of("fields", "Only these fields", &json!({"type": "string", "enum": names}))];
    parameters.extend(include(resource, true));
    parameters
}

/// What `count` is for.
const COUNT: &str = "`x-total-count` of the first page says how many there are: exactly up to 1000, and `1000+` of more";

/// The parameters that a path declares.
pub(crate) fn declared(parameters: &[Parameter]) -> Vec<Value> {
    let described = |declared: &Parameter| {
        let schema = schemas::of_field(&Field::new(declared.name, declared.kind).filled());
        with(parameter(declared.name, declared.about, &schema), "required", json!(declared.required))
    };
    parameters.iter().map(described).collect()
}

/// The parameter that names what is told beside the fields, where there is anything.
fn include(resource: &Resource, of_one: bool) -> Option<Value> {
    let names = resource.includable(of_one);
    let about = "With these children, with the names of what is referred to (`names`: all, those of children too), and with what you may do";
    (!names.is_empty()).then(|| any_of("include", about, &json!({"type": "string", "enum": names})))
}

/// The header that makes a repeated request harmless.
pub(crate) fn idempotency_key() -> Value {
    let schema = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"});
    let about = "The same key with the same body has the same answer and no further effect, for a week";
    json!({"name": "Idempotency-Key", "in": "header", "description": about, "schema": schema})
}

/// The parameter of a path that names one of a resource.
pub(crate) fn id(name: &str, of: &Resource) -> Value {
    let schema = json!({"type": "string", "format": "uuid"});
    let about = format!("Which {}", of.singular);
    json!({"name": name, "in": "path", "required": true, "description": about, "schema": schema})
}

/// The header that guards a change, where there are versions.
pub(super) fn guard(resource: &Resource) -> Vec<Value> {
    resource.field("version").map(|_| if_match()).into_iter().collect()
}

/// The header that guards a change.
pub(crate) fn if_match() -> Value {
    let about = "The `ETag` of what the change was made from; 412 when it has changed since. Empty is none";
    let schema = json!({"type": "string", "pattern": "^((W/)?\"[1-9][0-9]{0,8}\")?$", "examples": ["\"1\""]});
    json!({"name": "If-Match", "in": "header", "description": about, "schema": schema})
}

/// A cursor is opaque, so nobody can make one up; the example begins after no row at all.
fn cursor() -> Value {
    json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "examples": [NO_ROW]})
}

fn parameter(name: &str, about: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "description": about, "schema": schema})
}

/// A parameter of at most [`MAX_VALUES`] values that are separated by commas.
fn several(name: &str, about: &str, value: &Value) -> Value {
    separated(name, about, &json!({"type": "array", "items": value, "minItems": 1, "maxItems": MAX_VALUES}))
}

/// A value among others: it is there, and holds no comma.
fn one_of_several(field: &Field) -> Value {
    let value = schemas::of_field(&Field { nullable: false, required: true, ..*field });
    match field.kind {
        Kind::Text(_) => with(value, "pattern", json!(schemas::line_without(","))),
        _ => value,
    }
}

/// A parameter of as many values as there are, separated by commas.
fn any_of(name: &str, about: &str, value: &Value) -> Value {
    separated(name, about, &json!({"type": "array", "items": value, "minItems": 1}))
}

fn separated(name: &str, about: &str, schema: &Value) -> Value {
    let parameter = parameter(name, about, schema);
    with(with(parameter, "style", json!("form")), "explode", json!(false))
}

fn sort_schema(resource: &Resource) -> Value {
    json!({"type": "string", "enum": resource.sorts()})
}
