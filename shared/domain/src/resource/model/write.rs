//! Reading a client's body: every field that is wrong is named at once.
//!
//! `serde` stops at the first mistake, which makes a client find its mistakes one request at a time.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Field, Resource};
use crate::input::{FieldError, pointer};

/// The values of a row, by field.
pub type Row = Map<String, Value>;

type Errors = Vec<FieldError>;

const AHEAD: &str = "must not be in the future: it tells of something that has happened";

impl Resource {
    /// Reads a new row. Fields that the client leaves out have the database's defaults.
    ///
    /// # Errors
    /// Every field that is wrong, missing, unknown, or not the client's to write.
    pub fn read_new(&self, body: &Value) -> Result<Row, Errors> {
        self.read_all(body, None)
    }

    /// The same of a row that is told now: what has happened must not lie ahead.
    ///
    /// # Errors
    /// See [`Self::read_new`].
    pub fn read_new_at(&self, body: &Value, now: DateTime<Utc>) -> Result<Row, Errors> {
        self.read_all(body, Some(now))
    }

    fn read_all(&self, body: &Value, now: Option<DateTime<Utc>>) -> Result<Row, Errors> {
        let (row, mut errors) = self.read(body, |field| self.is_said_at_first(field), true, now)?;
        let required = self.fields.iter().filter(|field| field.required && self.is_said_at_first(field));
        for field in required {
            if body.get(field.name).is_none_or(Value::is_null) {
                errors.retain(|error| error.pointer != pointer(field.name));
                errors.push(FieldError::field(field.name, "is required"));
            }
        }
        if errors.is_empty() {
            errors = (self.judge)(&row);
        }
        finish(row, errors)
    }

    /// Reads the changed fields of one that is there.
    ///
    /// # Errors
    /// Every field that is wrong, unknown, or not the client's to change; a change of nothing.
    pub fn read_changes(&self, body: &Value) -> Result<Row, Errors> {
        self.read_some(body, None)
    }

    /// The same of changes that are told now: what has happened must not lie ahead.
    ///
    /// # Errors
    /// See [`Self::read_changes`].
    pub fn read_changes_at(&self, body: &Value, now: DateTime<Utc>) -> Result<Row, Errors> {
        self.read_some(body, Some(now))
    }

    fn read_some(&self, body: &Value, now: Option<DateTime<Utc>>) -> Result<Row, Errors> {
        let (row, mut errors) = self.read(body, |field| self.is_changed_later(field), false, now)?;
        if row.is_empty() && errors.is_empty() {
            errors.push(FieldError::whole("names no field to change"));
        }
        finish(row, errors)
    }

    fn read(
        &self,
        body: &Value,
        writable: impl Fn(&Field) -> bool,
        whole: bool,
        now: Option<DateTime<Utc>>,
    ) -> Result<(Row, Errors), Errors> {
        let ahead =
            |field: &Field, value: &Value| now.is_some_and(|now| field.lies_ahead(value, body, whole, now));
        let object = body.as_object().ok_or_else(|| vec![FieldError::whole("must be a JSON object")])?;
        let mut row = Map::new();
        let mut errors = Vec::new();
        for (name, value) in object {
            match self.field(name) {
                Some(field) if writable(field) => match read_field(field, value) {
                    Ok(value) if ahead(field, &value) => errors.push(FieldError::field(name, AHEAD)),
                    Ok(value) => drop(row.insert(name.clone(), value)),
                    Err(message) => errors.push(FieldError::field(name, &message)),
                },
                Some(_) => errors.push(FieldError::field(name, "cannot be written")),
                None => {
                    let known: Vec<_> = self.fields.iter().filter(|f| writable(f)).map(|f| f.name).collect();
                    errors.push(FieldError::field(
                        name,
                        format!("is not a field; known are: {}", known.join(", ")),
                    ));
                }
            }
        }
        Ok((row, errors))
    }
}

fn read_field(field: &Field, value: &Value) -> Result<Value, String> {
    if value.is_null() {
        return if field.nullable { Ok(Value::Null) } else { Err("must not be null".to_owned()) };
    }
    let read = field.kind.read(value).ok_or_else(|| field.kind.objection(value))?;
    // An empty title is no title.
    if field.required && read == "" { Err("must not be empty".to_owned()) } else { Ok(read) }
}

fn finish(row: Row, errors: Errors) -> Result<Row, Errors> {
    if errors.is_empty() { Ok(row) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{EQUIPMENT, WORK_ORDERS};
    use serde_json::json;

    fn pointers(result: Result<Row, Errors>) -> Vec<String> {
        let mut pointers: Vec<_> = result.unwrap_err().into_iter().map(|error| error.pointer).collect();
        pointers.sort_unstable();
        pointers
    }

    #[test]
    fn the_least_a_client_must_say() {
        let order = WORK_ORDERS.read_new(&json!({"type": "corrective", "title": " Belt slips "})).unwrap();
        assert_eq!(Value::from(order), json!({"type": "corrective", "title": "Belt slips"}));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let body = json!({
            "type": "urgent", "title": "  ", "priority": 3, "equipment_id": "7", "due_at": "tomorrow",
            "custom_fields": [], "status": "closed", "description": "a\u{0}b", "colour": "red",
        });
        assert_eq!(
            pointers(WORK_ORDERS.read_new(&body)),
            [
                "/colour",
                "/custom_fields",
                "/description",
                "/due_at",
                "/equipment_id",
                "/priority",
                "/status",
                "/title",
                "/type"
            ]
        );
        assert_eq!(pointers(WORK_ORDERS.read_new(&json!({"type": null}))), ["/title", "/type"]);
    }

    #[test]
    fn a_change_names_what_changes_and_may_empty_it() {
        let changes = EQUIPMENT.read_changes(&json!({"area": null, "status": "retired"})).unwrap();
        assert_eq!(Value::from(changes), json!({"area": null, "status": "retired"}));
        assert_eq!(pointers(EQUIPMENT.read_changes(&json!({}))), [""]);
        let refused = json!({"id": "7", "name": null, "version": 2, "warehouse_id": null});
        assert_eq!(pointers(EQUIPMENT.read_changes(&refused)), ["/id", "/name", "/version", "/warehouse_id"]);
    }

    #[test]
    fn something_else_than_an_object_is_refused() {
        for body in [json!(null), json!([]), json!("title"), json!(1)] {
            assert_eq!(pointers(WORK_ORDERS.read_new(&body)), [""]);
        }
    }
}
