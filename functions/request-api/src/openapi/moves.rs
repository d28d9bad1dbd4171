//! A work order's moves, as OpenAPI describes them.

use millwright_domain::resource::{
    ACKNOWLEDGEMENT, ASSIGNMENT, CHECKLIST, FOLLOW_UP, FORMS, Resource, TRANSITION, WORK_ORDERS,
};
use serde_json::{Map, Value, json};

use super::id;
use super::operations::{BODY_PROBLEMS, answer, body, idempotency_key, if_match, problems, with};
use super::schemas::{closed, name, object, reference};

/// The paths under a work order that are no resource.
pub(super) fn paths() -> Map<String, Value> {
    let actions: [(&str, &Resource, &str); 3] = [
        ("transitions", &TRANSITION, "Moves it to another status; 409 says which moves are open to you now"),
        ("assign", &ASSIGNMENT, "Gives it to someone; a new one becomes assigned"),
        ("acknowledge", &ACKNOWLEDGEMENT, "Says that it was seen: escalation waits"),
    ];
    let path = |(path, form, summary): (&str, &Resource, &str)| {
        let moved = answer("As it is now.", &reference(&name(&WORK_ORDERS)));
        let post = json!({
            "operationId": format!("work_order_{path}"),
            "summary": summary,
            "tags": [WORK_ORDERS.path],
            "parameters": [idempotency_key(), if_match()],
            "requestBody": body(&reference(&name(form))),
            "responses": with(problems(&[BODY_PROBLEMS, &[404, 412]].concat()), "200", moved),
        });
        let path = format!("/api/v1/{}/{{id}}/{path}", WORK_ORDERS.path);
        (path, json!({"parameters": [id("id", &WORK_ORDERS)], "post": post}))
    };
    actions.map(path).into_iter().collect()
}

/// What is said with a move.
pub(super) fn schemas() -> Map<String, Value> {
    let form = |form: &&Resource| {
        (name(form), closed(object(form, |field| form.is_said_at_first(field), |field| field.required)))
    };
    FORMS.iter().map(form).collect()
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
