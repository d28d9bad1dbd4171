//! API tokens: the checks of a new one beyond its declaration.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::access::Role;
use crate::input::FieldError;
use crate::resource::{API_TOKENS, Row};

/// Reads a new one.
///
/// # Errors
/// Everything that its declaration refuses; then a role without the warehouse it belongs to, and an end that is not after `now`.
pub fn read_new(body: &Value, now: DateTime<Utc>) -> Result<Row, Vec<FieldError>> {
    let row = API_TOKENS.read_new(body)?;
    let is = |name: &str| row.get(name).filter(|value| !value.is_null());
    let mut errors = Vec::new();
    let mut wrong = |name: &str, message: &str| errors.push(FieldError::field(name, message));
    let role = is("role").and_then(|role| Role::deserialize(role).ok());
    if role.is_some_and(Role::belongs_to_a_warehouse) && is("warehouse_id").is_none() {
        wrong("warehouse_id", "is required for this role");
    }
    let ends = is("expires_at").and_then(|end| DateTime::<Utc>::deserialize(end).ok());
    if ends.is_some_and(|end| end <= now) {
        wrong("expires_at", "must be in the future");
    }
    if errors.is_empty() { Ok(row) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WAREHOUSE: &str = "01900000-0000-7000-8000-000000000001";

    fn read(body: &Value) -> Result<Row, Vec<String>> {
        let now = "2026-03-02T08:00:00Z".parse().unwrap();
        let mut read =
            read_new(body, now).map_err(|errors| errors.into_iter().map(|e| e.pointer).collect::<Vec<_>>());
        if let Err(pointers) = &mut read {
            pointers.sort();
        }
        read
    }

    #[test]
    fn a_token_says_what_it_is_for_and_what_it_may() {
        let token = read(&json!({"name": " Line 4 ", "role": "manager"})).unwrap();
        assert_eq!(Value::from(token), json!({"name": "Line 4", "role": "manager"}));
        let whole = json!({
            "name": "PLC", "role": "technician", "warehouse_id": WAREHOUSE, "expires_at": "2026-03-02T08:00:01Z",
        });
        assert!(read(&whole).is_ok());
    }

    #[test]
    fn every_mistake_is_named() {
        assert_eq!(read(&json!({})).unwrap_err(), ["/name", "/role"]);
        assert_eq!(read(&json!({"name": "x", "role": "technician"})).unwrap_err(), ["/warehouse_id"]);
        let late = json!({"name": "x", "role": "requester", "expires_at": "2026-03-02T08:00:00Z"});
        assert_eq!(read(&late).unwrap_err(), ["/expires_at", "/warehouse_id"]);
        let forged = json!({"name": "x", "role": "admin", "token_hash": "0", "created_by": WAREHOUSE});
        assert_eq!(read(&forged).unwrap_err(), ["/created_by", "/token_hash"]);
    }
}
