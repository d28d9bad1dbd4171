//! The dry run of escalations: it says what a sweep then does, and why, and writes nothing.

use millwright_stack_tests::moment;
use serde_json::{Value, json};

use crate::yard::{FULL, Found, Yard, after};

impl Yard {
    fn dry_run(&self, query: &str) -> Value {
        let path = format!("/api/v1/escalation-rules/dry-run?{query}");
        self.api.get(&self.supervisor, &path).expect(200)
    }
}

#[test]
fn a_sweep_does_what_its_dry_run_said() {
    let yard = Yard::open();
    let rule = yard.rule(&json!({}), &["auto_reassign", "notify_manager"]);
    let order = yard.order("corrective", "medium");
    let late = yard.began(&order) + after(1, 0);
    let one = |at| {
        let said = yard.dry_run(&format!("work_order_id={order}&at={}", moment(at)));
        assert_eq!(said["at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), at);
        said["work_orders"][0].clone()
    };
    let early = one(late - after(0, 1));
    assert_eq!((&early["escalates"], &early["level"]), (&json!(false), &Value::Null));
    assert!(early["reason"].as_str().unwrap().contains("1 h are allowed"), "{early}");

    let said = yard.dry_run(&format!("warehouse_id={}&at={}", yard.site.warehouse, moment(late)));
    assert_eq!((&said["complete"], &said["problems"]), (&json!(true), &json!([])));
    let said = said["work_orders"].as_array().unwrap();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0], one(late));
    assert_eq!((&said[0]["rule_id"], &said[0]["level"]), (&json!(rule), &json!(1)));
    assert_eq!(yard.found(&order), Found::by(&[]), "nothing is written");
    assert_eq!(yard.read(&order)["response_due_at"], Value::Null);

    yard.sweep(FULL, late);
    let done =
        yard.api.get(&yard.supervisor, &format!("/api/v1/work-orders/{order}/escalations")).expect(200);
    for name in ["rule_id", "level", "action", "reason", "outcome"] {
        assert_eq!(done[0][name], said[0][name], "{name}");
    }
    assert_eq!(yard.read(&order)["assigned_to"], said[0]["assigned_to"]);
    let shown =
        |row: &Value| row["response_due_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>();
    assert_eq!(shown(&yard.read(&order)).unwrap(), shown(&said[0]).unwrap());
    yard.act("supervisor", &order, "transitions", &json!({"to": "cancelled"}));
    assert_eq!(one(late)["reason"], "its clocks have ended: it is cancelled");
}

#[test]
fn only_who_leads_may_ask_and_only_of_what_they_see() {
    let yard = Yard::open();
    let order = yard.order("corrective", "medium");
    let path = format!("/api/v1/escalation-rules/dry-run?work_order_id={order}");
    for role in ["technician", "requester", "contractor", "inventory_clerk"] {
        yard.api.get(&yard.site.token(&yard.api, role), &path).problem(403, "forbidden");
    }
    let other = millwright_stack_tests::Site::build(&yard.api);
    yard.api.get(&other.token(&yard.api, "supervisor"), &path).problem(404, "not_found");
    let elsewhere = format!("/api/v1/escalation-rules/dry-run?warehouse_id={}", yard.site.warehouse);
    let said = yard.api.get(&other.token(&yard.api, "supervisor"), &elsewhere).expect(200);
    assert_eq!((&said["work_orders"], &said["looked_at"]), (&json!([]), &json!(0)));
    let wrong = "/api/v1/escalation-rules/dry-run?at=soon&warehouse_id=here&when=now";
    let wrong = yard.api.get(&yard.supervisor, wrong).expect(422);
    let named: Vec<_> = wrong["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(named, ["?at", "?warehouse_id", "?when"]);
    yard.api
        .post(&yard.supervisor, "/api/v1/escalation-rules/dry-run", &json!({}))
        .problem(405, "method_not_allowed");
}
