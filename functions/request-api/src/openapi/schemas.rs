//! Resources and their fields, as JSON Schema.

use std::ops::RangeInclusive;

use millwright_domain::escalation::{Action, MAX_STEPS, MAX_WAIT_MINUTES};
use millwright_domain::opening::MAX_HOURS;
use millwright_domain::problem_code::PROBLEM_CODES;
use millwright_domain::public_address::MAX_ADDRESS;
use millwright_domain::recurrence::SHORTHANDS;
use millwright_domain::resource::{Child, FORMS, Field, Kind, MAX_TEXTS, Resource};
use millwright_domain::text::UNSEEN;
use millwright_domain::time_zone::MAX_TIME_ZONE;
use millwright_domain::work_order::Status;
use serde_json::{Map, Value, json};

use super::names::{name, noun, reference};
use super::narrow::narrowed;
use super::told;
use super::with::with;

/// Something is left when the white space around it is taken away. U+0085 is white space to Unicode, not to ECMAScript.
pub(crate) const NOT_BLANK: &str = "[^\\s\\u0085]";

/// The characters that a text of one line has none of, and one of several lines.
const IN_NO_LINE: &str = r"\u0000-\u001f\u007f-\u009f\u2028\u2029";
const IN_NO_PROSE: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";

/// All schemas of a resource: what is read, what opens one, what changes one.
pub(super) fn of(resource: &Resource) -> Map<String, Value> {
    let name = name(resource);
    let mut schemas = Map::new();
    schemas.insert(name.clone(), row(resource));
    if resource.opens {
        let new = object(resource, |field| resource.is_said_at_first(field), |field| field.required);
        schemas.insert(new_name(resource), closed(new));
    }
    if resource.changes() {
        let changes = closed(object(resource, |field| resource.is_changed_later(field), |_| false));
        schemas.insert(format!("{name}Changes"), with(changes, "minProperties", json!(1)));
    }
    schemas
}

/// The name of the schema of a new one.
pub(super) fn new_name(resource: &Resource) -> String {
    format!("New{}", noun(resource))
}

/// A row, which has children, names and the like only where they are asked for.
fn row(resource: &Resource) -> Value {
    let mut row = object(resource, |_| true, |_| true);
    if let Some(properties) = row.get_mut("properties").and_then(Value::as_object_mut) {
        properties.extend(told::members(resource));
    }
    row
}

fn rows(of: &Child) -> Value {
    json!({"type": "array", "items": reference(&name(of.of))})
}

/// A row with the children that come with it whatever is asked.
pub(crate) fn with_children(resource: &Resource, comes: impl Fn(&Child) -> bool) -> Value {
    let children: Map<_, _> = resource
        .children
        .iter()
        .filter(|child| comes(child))
        .map(|child| (child.name.to_owned(), rows(child)))
        .collect();
    if children.is_empty() {
        return reference(&name(resource));
    }
    let names: Vec<_> = children.keys().cloned().collect();
    json!({"allOf": [reference(&name(resource)), {"type": "object", "required": names, "properties": children}]})
}

/// The schemas of what is said with a move, a report and the like.
pub(super) fn forms() -> Map<String, Value> {
    let schema = |form: &&Resource| {
        (name(form), closed(object(form, |field| form.is_said_at_first(field), |field| field.required)))
    };
    FORMS.iter().map(schema).collect()
}

/// The schemas that belong to no resource.
pub(super) fn shared() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let error = json!({
        "type": "object",
        "description": "A field that is wrong",
        "required": ["pointer", "message"],
        "properties": {
            "pointer": {"type": "string", "description": "A JSON Pointer into the body, or `?name` of a parameter"},
            "message": text,
        },
    });
    let problem = json!({
        "type": "object",
        "description": "What was refused, and why (RFC 9457)",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "code": reference("ProblemCode"),
            "detail": {"type": "string", "description": "The reason, in words for a person"},
            "request_id": {"type": "string", "description": "By which an operator finds it in the log"},
            "errors": {"type": "array", "items": reference("FieldError"), "description": "Every field that is wrong"},
            "current_status": {"type": "string", "enum": Status::WORDS, "description": "Of a refused move: where the work order is"},
            "open_moves": {
                "type": "array", "items": {"type": "string", "enum": Status::WORDS},
                "description": "Of a refused move: where the caller may move it instead",
            },
            "on_hand": {"type": "number", "description": "Of insufficient stock: how much there is"},
            "available": {"type": "number", "description": "Of insufficient stock: how much of it is not reserved for other work"},
            "needed": {"type": "number", "description": "Of insufficient stock: how much was asked for"},
        },
    });
    let codes = json!({"type": "string", "description": "The reason, for programs", "enum": PROBLEM_CODES});
    let said = [("FieldError", error), ("Problem", problem), ("ProblemCode", codes)];
    said.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
}

/// Some fields of a resource, as an object.
pub(crate) fn object(
    resource: &Resource,
    holds: impl Fn(&Field) -> bool,
    required: impl Fn(&Field) -> bool,
) -> Value {
    let fields = || resource.fields.iter().filter(|field| holds(field));
    let schema = |field: &Field| narrowed(resource, field, of_field(field));
    let properties: Map<_, _> = fields().map(|field| (field.name.to_owned(), schema(field))).collect();
    let required: Vec<_> = fields().filter(|field| required(field)).map(|field| field.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// No other field than those that are known.
pub(crate) fn closed(schema: Value) -> Value {
    with(schema, "additionalProperties", json!(false))
}

/// The schema of a field's values.
pub(crate) fn of_field(field: &Field) -> Value {
    let kind = if field.nullable { |name: &str| json!([name, "null"]) } else { |name: &str| json!(name) };
    match field.kind {
        Kind::Id => json!({"type": kind("string"), "format": "uuid"}),
        Kind::Text(max) | Kind::Prose(max) => {
            let control = if matches!(field.kind, Kind::Text(_)) { IN_NO_LINE } else { IN_NO_PROSE };
            let seen = seen_without(control);
            if field.required {
                json!({"type": kind("string"), "minLength": 1, "maxLength": max, "pattern": format!("^{seen}$")})
            } else {
                json!({"type": kind("string"), "maxLength": max, "pattern": format!("^({seen})?$")})
            }
        }
        Kind::Word(words) => {
            let nothing = field.nullable.then_some(Value::Null);
            let words: Vec<_> = words.iter().map(|word| json!(word)).chain(nothing).collect();
            json!({"type": kind("string"), "enum": words})
        }
        Kind::Integer(min, max) => json!({"type": kind("integer"), "minimum": min, "maximum": max}),
        Kind::Boolean => json!({"type": kind("boolean")}),
        Kind::Date => json!({"type": kind("string"), "format": "date"}),
        Kind::Time => json!({"type": kind("string"), "format": "date-time"}),
        Kind::Texts(max) => {
            let text = of_field(&Field::new(field.name, Kind::Text(max)).required());
            json!({"type": kind("array"), "maxItems": MAX_TEXTS, "items": text})
        }
        Kind::Words(words) => {
            json!({"type": kind("array"), "uniqueItems": true, "items": {"type": "string", "enum": words}})
        }
        // No `multipleOf`: most validators count in floats, and refuse 0.58 as a multiple of 0.01.
        Kind::Number(amount) => json!({
            "type": kind("number"), "minimum": amount.least(), "maximum": amount.most(),
            "description": format!("At most {} decimals", amount.places()),
        }),
        Kind::Object | Kind::Fields => json!({"type": kind("object"), "additionalProperties": true}),
        Kind::List => json!({"type": kind("array"), "items": {}}),
        Kind::Any => json!({"not": {"type": "null"}}),
        Kind::Recurrence => json!({
            "type": kind("string"),
            "description": "An RFC 5545 RRULE, or daily, weekly, monthly, quarterly, annually. The lines DTSTART, RRULE and EXDATE of a calendar are taken, too: they fill starts_on and exdates where these are not said. It is kept as a rule of dates; a time of UNTIL is the day that it is in the zone of DTSTART, or where the work is done",
            "pattern": recurrence_pattern(),
            "examples": ["FREQ=MONTHLY;INTERVAL=3", "FREQ=MONTHLY;BYDAY=-1FR", "monthly"],
        }),
        Kind::TimeZone => json!({
            "type": kind("string"), "description": "A time zone, as IANA writes its name", "examples": ["Europe/Berlin"],
            "maxLength": MAX_TIME_ZONE, "pattern": "^[A-Z][A-Za-z0-9+_/-]*$",
        }),
        Kind::MonthDay => json!({
            "type": kind("string"), "description": "A day of every year", "examples": ["05-01"],
            "pattern": "^((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))$",
        }),
        Kind::Dates(max) => {
            let date = json!({"type": "string", "format": "date"});
            json!({"type": kind("array"), "maxItems": max, "uniqueItems": true, "items": date})
        }
        Kind::Steps => json!({"type": kind("array"), "minItems": 1, "maxItems": MAX_STEPS, "items": step()}),
        Kind::PublicAddress => json!({
            "type": kind("string"), "maxLength": MAX_ADDRESS,
            "description": "An https address of a host on the open internet, with a name, without user and password",
            "pattern": address_pattern(),
            "examples": ["https://hooks.example.com/millwright"],
        }),
        Kind::Hours => json!({"type": kind("array"), "maxItems": MAX_HOURS, "items": hours()}),
    }
}

/// A pattern for a line with something to see, and without these characters.
pub(super) fn line_without(characters: &str) -> String {
    format!("^{}$", seen_without(&format!("{IN_NO_LINE}{characters}")))
}

fn seen_without(characters: &str) -> String {
    format!("[^{characters}]*[^{characters}\\s{}][^{characters}]*", unseen())
}

/// What takes no place beside white space. A pattern knows no characters above U+FFFF but as halves.
fn unseen() -> String {
    let span = |span: &RangeInclusive<char>| {
        let [first, last] = [span.start(), span.end()].map(|end| u16::try_from(u32::from(*end)).ok());
        Some(format!(r"\u{:04x}-\u{:04x}", first?, last?))
    };
    UNSEEN.iter().filter_map(span).collect()
}

/// The names of one's own network are left out: a pattern cannot say what is none.
fn address_pattern() -> String {
    let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    let end = "[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])";
    let port = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]";
    format!(r"^https://({label}\.)+{end}(:({port}))?([/?][!-~]*)?$")
}

/// The parts of a rule. A pattern cannot say which of them go together: a refusal says that in words.
fn recurrence_pattern() -> String {
    let list = |one: &str| format!("{one}(,{one})*");
    let from_either_end = |one: &str| list(&format!("[-+]?{one}"));
    let weekday = "(MO|TU|WE|TH|FR|SA|SU)";
    let parts = [
        "INTERVAL=[1-9][0-9]{0,2}".to_owned(),
        "COUNT=[1-9][0-9]{0,3}".to_owned(),
        "UNTIL=[0-9]{8}(T[0-9]{6}Z?)?".to_owned(),
        format!("WKST={weekday}"),
        format!("BYMONTH={}", list("([1-9]|1[0-2])")),
        format!("BYMONTHDAY={}", from_either_end("([1-9]|[12][0-9]|3[01])")),
        format!("BYYEARDAY={}", from_either_end("([1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-6])")),
        format!("BYWEEKNO={}", from_either_end("([1-9]|[1-4][0-9]|5[0-3])")),
        format!("BYSETPOS={}", from_either_end("[1-9]")),
        format!("BYDAY={}", list(&format!("([-+]?[1-5])?{weekday}"))),
    ];
    let shorthands = SHORTHANDS.map(|(short, _)| short).join("|");
    format!(
        "^({shorthands}|(RRULE:)?FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;({}))*;?|(DTSTART|RRULE|EXDATE)[;:][^\\u0000]*)$",
        parts.join("|")
    )
}

/// A step of an escalation.
fn step() -> Value {
    let wait = json!({"type": "integer", "minimum": 0, "maximum": MAX_WAIT_MINUTES});
    let properties = json!({"action": {"type": "string", "enum": Action::WORDS}, "wait_minutes": wait});
    closed(json!({"type": "object", "required": ["action", "wait_minutes"], "properties": properties}))
}

/// A span of opening hours.
fn hours() -> Value {
    let time = json!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["07:00"]});
    let day = json!({"type": "integer", "minimum": 1, "maximum": 7, "description": "Monday is 1"});
    let until = with(time.clone(), "description", json!("On the next day, unless it is after `from`"));
    let properties = json!({"day": day, "from": time, "until": until});
    closed(json!({"type": "object", "required": ["day", "from", "until"], "properties": properties}))
}
