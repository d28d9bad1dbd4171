//! The life of a machine, as OpenAPI describes it.

use millwright_domain::equipment::MachineHistoryKind;
use millwright_domain::kpi::{PERIOD, of_a_machine};
use millwright_domain::resource::EQUIPMENT;
use serde_json::{Map, Value, json};

use super::{OF_EXPORT, PARAMETERS};
use crate::export::description::described;
use crate::openapi::{answer, answers, declared, list_answer, reference};

/// `GET /api/v1/equipment/{id}/history`.
pub(super) fn history() -> Value {
    json!({
        "operationId": "listMachineEvents",
        "summary": "What happened to a machine, newest first, as far as you may see it",
        "description": "Work orders and their moves, downtime (at its beginning), meter readings, changes of status, parts used.",
        "tags": [EQUIPMENT.path],
        "parameters": declared(&PARAMETERS),
        "responses": answers("200", list_answer(&reference("MachineEvent"))),
    })
}

/// `GET /api/v1/equipment/{id}/history/export.csv`.
pub(super) fn whole_history() -> Value {
    described("MachineEvents", "equipment/{id}/history", EQUIPMENT.path, &declared(&OF_EXPORT))
}

/// `GET /api/v1/equipment/{id}/kpis`.
pub(super) fn kpis() -> Value {
    let figures = of_a_machine().into_iter().map(|(name, formula)| format!("`{name}`: {formula}."));
    json!({
        "operationId": "getMachineKpis",
        "summary": "The figures of a machine over a period, as the reports count them",
        "description": figures.collect::<Vec<_>>().join(" "),
        "tags": [EQUIPMENT.path],
        "parameters": declared(&PERIOD),
        "responses": answers("200", answer("Its figures.", &reference("MachineKpis"))),
    })
}

/// Their answers.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let id = json!({"type": "string", "format": "uuid"});
    let event = json!({
        "type": "object",
        "required": ["id", "happened_at", "kind", "actor_id", "details"],
        "properties": {
            "id": id,
            "happened_at": {"type": "string", "format": "date-time"},
            "kind": {"type": "string", "enum": MachineHistoryKind::WORDS},
            "actor_id": {"type": ["string", "null"], "format": "uuid"},
            "details": {"type": "object", "additionalProperties": true, "description": "What is told of an entry of this kind"},
        },
        "examples": [{
            "id": "01900000-0000-7000-8000-000000000001", "happened_at": "2026-03-02T08:00:00Z", "kind": "status_changed",
            "actor_id": null, "details": {"from": "active", "to": "maintenance"},
        }],
    });
    let number = json!({"type": ["number", "null"]});
    let date = json!({"type": "string", "format": "date"});
    let figure = |(name, formula): (&str, &str)| {
        let figure = json!({
            "type": "object",
            "description": formula,
            "required": ["formula", "numerator", "denominator", "value", "counts"],
            "properties": {
                "formula": {"type": "string"}, "numerator": number, "denominator": number,
                "value": {"type": ["number", "null"], "description": "Null where there is nothing to divide by"},
                "counts": {"type": "object", "additionalProperties": number},
            },
        });
        (name.to_owned(), figure)
    };
    let figures: Map<_, _> = of_a_machine().into_iter().map(figure).collect();
    let names: Vec<_> = figures.keys().collect();
    let kpis = json!({
        "type": "object",
        "required": ["equipment_id", "asset_tag", "from", "until", "time_zone", "kpis"],
        "properties": {
            "equipment_id": id, "asset_tag": {"type": "string"}, "from": date, "until": date,
            "time_zone": {"type": "string"},
            "kpis": {"type": "object", "required": names, "properties": figures},
        },
    });
    schemas.insert("MachineEvent".to_owned(), event);
    schemas.insert("MachineKpis".to_owned(), kpis);
}
