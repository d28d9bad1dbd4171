//! The bodies that open one of each resource, in an order in which each finds what it names.

use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

/// The paths, below `/api/v1/`, and what is sent there. `$parts` stands for the id of the part that was opened before.
pub(crate) fn bodies(api: &Api, site: &Site) -> Vec<(&'static str, Value)> {
    let mark = site.mark.clone();
    let warehouse = site.warehouse.clone();
    let technician = site.person(api, "technician");
    let other = json!({"type": "preventive", "title": "Related"});
    let other =
        api.post(&site.token(api, "supervisor"), "/api/v1/work-orders", &other).expect(201)["id"].clone();
    // Of which nothing is short, so that it is in no draft.
    let in_plenty = json!({"part_number": format!("{mark}-2"), "name": "Rag"});
    let in_plenty =
        api.post(&site.token(api, "inventory_clerk"), "/api/v1/parts", &in_plenty).expect(201)["id"].clone();
    let p256dh = "B".repeat(87);
    vec![
        ("equipment", json!({"asset_tag": mark, "name": "Press", "model": mark, "warehouse_id": warehouse})),
        ("equipment/{id}/meters", json!({"name": "Hours", "unit": "hours"})),
        ("equipment/{id}/qr/renew", json!({})),
        ("equipment/{id}/downtime", json!({"reason": "Belt torn"})),
        ("meters", json!({"equipment_id": "$equipment", "name": "Way", "unit": "km"})),
        ("meters/{id}/readings", json!({"value": 7})),
        ("vendors", json!({"name": mark, "kind": "supplier"})),
        ("vendors/{id}/documents", json!({"kind": "contract", "title": "Yearly"})),
        (
            "parts",
            json!({"part_number": mark, "name": "Seal", "warehouse_id": warehouse, "reorder_point": 40}),
        ),
        ("parts/{id}/transactions", json!({"type": "inbound", "quantity": 9})),
        ("reorder-drafts", json!({"warehouse_id": warehouse})),
        ("reorder-drafts/{id}/lines", json!({"part_id": in_plenty, "quantity": 1})),
        ("work-orders", json!({"type": "preventive", "title": "Walked over", "warehouse_id": warehouse})),
        ("work-orders/{id}/checklist", json!({"component": "Belt", "action": "Look"})),
        ("work-orders/{id}/crew", json!({"profile_id": technician})),
        ("work-orders/{id}/assign", json!({"assigned_to": technician})),
        ("work-orders/{id}/acknowledge", json!({})),
        ("work-orders/{id}/transitions", json!({"to": "in_progress"})),
        ("work-orders/{id}/time-logs", json!({"profile_id": technician})),
        ("work-orders/{id}/comments", json!({"body": "Done soon"})),
        ("work-orders/{id}/relations", json!({"kind": "related_to", "other_id": other})),
        ("work-orders/{id}/parts", json!({"part_id": "$parts", "type": "used", "quantity": 2})),
        // After the part was used: that would use it up.
        ("work-orders/{id}/reservations", json!({"part_id": "$parts", "quantity": 1})),
        ("notifications/read", json!({})),
        ("warehouses", json!({"code": format!("W{mark}"), "name": "Another", "time_zone": "UTC"})),
        ("warehouses/{id}/holidays", json!({"on_date": "2027-05-05", "name": "Liberation Day"})),
        (
            "profiles",
            json!({
                "email": format!("walked.{mark}@demo.test").to_lowercase(), "full_name": "Wanda", "role": "technician",
                "warehouse_id": warehouse,
            }),
        ),
        ("profiles/{id}/invite", json!({})),
        ("api-tokens", json!({"name": mark, "role": "technician", "warehouse_id": warehouse})),
        (
            "pm/templates",
            json!({
                "title": "Lubricate", "equipment_model": format!("none {mark}"), "warehouse_id": warehouse,
                "rrule": "FREQ=MONTHLY", "starts_on": "2027-01-01", "active": false,
            }),
        ),
        ("pm/templates/{id}/checklist", json!({"position": 1, "component": "Chain", "action": "Oil"})),
        (
            "pm/preview",
            json!({"rrule": "FREQ=MONTHLY;BYDAY=1MO", "starts_on": "2027-01-01", "warehouse_id": warehouse}),
        ),
        (
            "escalation-rules",
            json!({
                "name": mark, "warehouse_id": warehouse, "timeout_minutes": 60, "active": false,
                "steps": [{"action": "notify_manager", "wait_minutes": 0}],
            }),
        ),
        ("notification-settings", json!({"type": "missed_pm", "channel": "email", "enabled": true})),
        (
            "push-subscriptions",
            json!({"endpoint": format!("https://push.test/{mark}"), "p256dh": p256dh, "auth": "A".repeat(22)}),
        ),
        ("webhooks", json!({"name": mark, "url": "https://hooks.test/", "active": false})),
        ("webhooks/{id}/secrets", json!({})),
        ("settings", json!({"key": "default_pm_lead_time_days", "warehouse_id": warehouse, "value": 9})),
    ]
}
