//! The body of a move: read the same from a request and from a phone that was offline.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::id::ProfileId;
use crate::input::FieldError;
use crate::resource::{Row, TRANSITION};
use crate::signature;
use crate::work_order::Status;

/// What is said with one move alone, and the refusal elsewhere.
const ONLY: [(&str, Status, &str); 4] = [
    ("hold_reason", Status::OnHold, "is said only to put it on hold"),
    ("assigned_to", Status::Assigned, "is said only to assign it"),
    (signature::NAME, Status::Completed, "is said only to complete it"),
    (signature::DRAWN, Status::Completed, "is said only to complete it"),
];

/// Reads `{"to", "hold_reason"?, "assigned_to"?, "signature_name"?, "signature_id"?, "note"?}`, said by `me`. Whoever takes
/// a work order and names nobody takes it themselves.
///
/// # Errors
/// Every field that is wrong, or does not go with the move.
pub fn read(body: &Value, me: ProfileId) -> Result<Row, Vec<FieldError>> {
    let mut said = TRANSITION.read_new(body)?;
    let to = said.get("to").and_then(|to| Status::deserialize(to).ok());
    let misplaced = ONLY.iter().filter(|(field, of, _)| said.contains_key(*field) && to != Some(*of));
    let mut errors: Vec<_> =
        misplaced.map(|(field, _, message)| FieldError::field(field, *message)).collect();
    if to == Some(Status::OnHold) && !said.contains_key("hold_reason") {
        errors.push(FieldError::field("hold_reason", "is required to put it on hold"));
    }
    if said.get(signature::NAME) == Some(&json!("")) {
        errors.push(FieldError::field(signature::NAME, "must not be empty"));
    } else if said.contains_key(signature::DRAWN) && !said.contains_key(signature::NAME) {
        errors.push(FieldError::field(signature::NAME, "is required with a drawn signature"));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if to == Some(Status::Assigned) && !said.contains_key("assigned_to") {
        said.insert("assigned_to".to_owned(), json!(me));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ME: ProfileId = ProfileId(Uuid::from_u128(7));

    fn wrong(body: &Value) -> Vec<String> {
        let errors = read(body, ME).err().unwrap_or_default();
        errors.into_iter().map(|error| format!("{} {}", error.pointer, error.message)).collect()
    }

    #[test]
    fn work_is_signed_by_a_name_and_perhaps_a_drawing_when_it_is_completed() {
        let drawn = Uuid::from_u128(9);
        let name = |name: &str| json!({"to": "completed", "signature_name": name, "signature_id": drawn});
        let read = read(&name(" Ada Op "), ME).unwrap();
        assert_eq!((&read[signature::NAME], &read[signature::DRAWN]), (&json!("Ada Op"), &json!(drawn)));
        assert_eq!(wrong(&json!({"to": "completed", "signature_name": "Ada"})), [""; 0]);
        assert_eq!(wrong(&json!({"to": "completed"})), [""; 0], "the warehouse judges that");
        assert_eq!(wrong(&name("")), ["/signature_name must not be empty"]);
        assert_eq!(wrong(&name(&"x".repeat(101))).len(), 1);
        assert_eq!(wrong(&name("Ada\nOp")).len(), 1);
        assert_eq!(
            wrong(&json!({"to": "completed", "signature_id": drawn})),
            ["/signature_name is required with a drawn signature"]
        );
        assert_eq!(
            wrong(&json!({"to": "completed", "signature_id": "a picture", "signature_name": 1})).len(),
            2
        );
    }

    #[test]
    fn what_does_not_go_with_a_move_is_named_all_at_once() {
        let all = json!({"to": "on_hold", "assigned_to": ME, "signature_name": "Ada", "signature_id": ME});
        assert_eq!(
            wrong(&all),
            [
                "/assigned_to is said only to assign it",
                "/signature_name is said only to complete it",
                "/signature_id is said only to complete it",
                "/hold_reason is required to put it on hold"
            ]
        );
        let held = json!({"to": "in_progress", "hold_reason": "parts"});
        assert_eq!(wrong(&held), ["/hold_reason is said only to put it on hold"]);
        assert_eq!(read(&json!({"to": "assigned"}), ME).unwrap()["assigned_to"], json!(ME));
    }
}
