//! Two phones and the work that they have in common.

use crate::phone::Phone;
use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

/// A site with a work order of its technician's in progress, with one item; a phone of theirs and one of the supervisor's.
pub(crate) struct Scene {
    pub(crate) api: Api,
    pub(crate) site: Site,
    pub(crate) order: String,
    pub(crate) item: String,
    pub(crate) technician: Phone,
    pub(crate) supervisor: Phone,
}

impl Scene {
    pub(crate) fn set() -> Self {
        let api = Api::open();
        let site = Site::build(&api);
        let lead = site.token(&api, "supervisor");
        let new = json!({"type": "corrective", "title": "Belt slips", "assigned_to": site.person(&api, "technician")});
        let order = id(&api.post(&lead, "/api/v1/work-orders", &new).expect(201));
        let path = format!("/api/v1/work-orders/{order}");
        let item = json!({"component": "Belt", "action": "Check"});
        let item = id(&api.post(&lead, &format!("{path}/checklist"), &item).expect(201));
        let mut scene = Self {
            technician: Phone::new(site.token(&api, "technician")),
            supervisor: Phone::new(lead),
            api,
            site,
            order,
            item,
        };
        scene.moves("in_progress");
        scene.technician.pull(&scene.api);
        scene.supervisor.pull(&scene.api);
        scene
    }

    pub(crate) fn moves(&mut self, to: &str) {
        let path = format!("/api/v1/work-orders/{}/transitions", self.order);
        self.api.post(&self.technician.token, &path, &json!({"to": to})).expect(200);
    }

    pub(crate) fn order_now(&self) -> Value {
        self.api
            .get(
                &self.supervisor.token,
                &format!("/api/v1/work-orders/{}?include=checklist,comments,time_logs", self.order),
            )
            .expect(200)
    }

    pub(crate) fn item_now(&self) -> Value {
        self.order_now()["checklist"][0].clone()
    }

    /// The version of the order, or of its item, that a phone holds.
    pub(crate) fn version(&self, phone: &Phone, entity: &str) -> Option<i64> {
        let order = phone.document("work_orders", &self.order).unwrap();
        if entity == "work_orders" {
            order["version"].as_i64()
        } else {
            order["checklist"][0]["version"].as_i64()
        }
    }
}

pub(crate) fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

/// One phone's mutation of the work order or its item, and its outcome.
macro_rules! brings {
    ($scene:ident, $who:ident, $entity:literal, $changes:tt) => {{
        let version = $scene.version(&$scene.$who, $entity);
        let id = if $entity == "work_orders" { $scene.order.clone() } else { $scene.item.clone() };
        $scene.$who.does($entity, &id, version, &json!($changes));
        $scene.$who.push(&$scene.api).remove(0)
    }};
}

pub(crate) use brings;
