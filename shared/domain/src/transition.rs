//! The body of a move: read the same from a request and from a phone that was offline.

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
    let (holds, assigns) = (to == Some(Status::OnHold), to == Some(Status::Assigned));
    let (says_why, says_whose) = (said.contains_key("hold_reason"), said.contains_key("assigned_to"));
    if holds && !says_why {
        return Err(vec![FieldError::field("hold_reason", "is required to put it on hold")]);
    }
    if says_why && !holds {
        return Err(vec![FieldError::field("hold_reason", "is said only to put it on hold")]);
    }
    if says_whose && !assigns {
        return Err(vec![FieldError::field("assigned_to", "is said only to assign it")]);
    }
    if assigns && !says_whose {
        said.insert("assigned_to".to_owned(), json!(me));
    }
    Ok(said)
}
