//! What is said with a move: read the same from a request and from a phone that was offline.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::id::ProfileId;
use crate::input::FieldError;
use crate::resource::{Row, TRANSITION};
use crate::work_order::Status;

/// Reads `{"to", "hold_reason"?, "assigned_to"?, "note"?}`, said by `me`. Whoever takes a work order and names nobody takes
/// it themselves.
///
/// # Errors
/// Every field that is wrong, or does not go with the move.
pub fn read(body: &Value, me: ProfileId) -> Result<Row, Vec<FieldError>> {
    let mut said = TRANSITION.read_new(body)?;
    let to = said.get("to").and_then(|to| Status::deserialize(to).ok());
    match (to, said.contains_key("hold_reason")) {
        (Some(Status::OnHold), false) => {
            return Err(vec![FieldError::field("hold_reason", "is required to put it on hold")]);
        }
        (Some(to), true) if to != Status::OnHold => {
            return Err(vec![FieldError::field("hold_reason", "is said only to put it on hold")]);
        }
        _ => {}
    }
    match (to, said.contains_key("assigned_to")) {
        (Some(Status::Assigned), false) => drop(said.insert("assigned_to".to_owned(), json!(me))),
        (Some(to), true) if to != Status::Assigned => {
            return Err(vec![FieldError::field("assigned_to", "is said only to assign it")]);
        }
        _ => {}
    }
    Ok(said)
}
