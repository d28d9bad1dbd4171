//! A work order's moves, as OpenAPI describes them.

use millwright_domain::resource::{
    ACKNOWLEDGEMENT, ASSIGNMENT, CHECKLIST, FOLLOW_UP, Resource, TRANSITION, WORK_ORDERS,
};
use serde_json::{Map, Value, json};

use crate::openapi::{answers, body, idempotency_key, if_match, name, reference, row_answer};

/// `POST /api/v1/work-orders/{id}/transitions`.
pub(super) fn transition() -> Value {
    let about = "A move that is not open is 409, with the `open_moves`.\n\n\
        To be `completed` it may be signed for, by whoever takes it over: `signature_name` is the name they type, also of \
        someone without an account, and `signature_id` a picture that was uploaded to the same work order before, that of \
        their drawn signature; it need not be processed yet. Both stand in the work order until it is reopened, and in its \
        history for good; `is_signature` of the picture is true from then on. Where `completion_signature` of the warehouse asks \
        for a signature, completing without is 409 `signature_needed`, and `errors` names each field that is missing. A \
        picture that is quarantined, or that work was completed with before, is 409 `signature_unusable`.";
    action("transition", &TRANSITION, "Moves it to another status", about)
}

/// `POST /api/v1/work-orders/{id}/assign`.
pub(super) fn assign() -> Value {
    let about = "A new one becomes assigned. To give it to whoever has it changes nothing.";
    action("assign", &ASSIGNMENT, "Gives it to someone", about)
}

/// `POST /api/v1/work-orders/{id}/acknowledge`.
pub(super) fn acknowledge() -> Value {
    action("acknowledge", &ACKNOWLEDGEMENT, "Says that it was seen", "Escalation waits.")
}

fn action(verb: &str, form: &Resource, summary: &str, about: &str) -> Value {
    json!({
        "operationId": format!("{verb}WorkOrder"),
        "summary": summary,
        "description": about,
        "tags": [WORK_ORDERS.path],
        "parameters": [idempotency_key(), if_match()],
        "requestBody": body(&reference(&name(form))),
        "responses": answers("200", row_answer(&WORK_ORDERS)),
    })
}

/// An item that becomes an issue may open a work order with it.
pub(super) fn describe_follow_up(schemas: &mut Map<String, Value>) {
    let properties = schemas
        .get_mut(&format!("{}Changes", name(&CHECKLIST)))
        .and_then(|schema| schema.get_mut("properties"))
        .and_then(Value::as_object_mut);
    if let Some(properties) = properties {
        let about =
            "With the state `issue`: opens a corrective work order for it, once; only `notes` may come along";
        properties.insert(
            "follow_up".to_owned(),
            json!({"allOf": [reference(&name(&FOLLOW_UP))], "description": about}),
        );
    }
}
