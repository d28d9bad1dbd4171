//! What is so today does not change what a report says of last October.

use crate::machine;
use millwright_stack_tests::{Api, Site};
use serde_json::json;

#[test]
fn a_machine_that_is_retired_today_stood_still_twice_in_october_all_the_same() {
    let api = Api::open();
    let site = Site::build(&api);
    let lead = site.token(&api, "supervisor");
    let machine = machine(&api, &lead, &site.mark);
    for day in [10, 20] {
        let stop = json!({"started_at": format!("2025-10-{day}T10:00:00Z"), "ended_at": format!("2025-10-{day}T12:00:00Z")});
        api.post(&lead, &format!("/api/v1/equipment/{machine}/downtime"), &stop).expect(201);
    }
    let october = "from=2025-10-01&until=2025-10-31";
    let told = || {
        let of = |report: &str, by: &str| {
            let path = format!("/api/v1/reports/{report}?{october}&warehouse_id={}&by={by}", site.warehouse);
            api.get(&lead, &path).expect(200)["rows"].clone()
        };
        let figures = api.get(&lead, &format!("/api/v1/equipment/{machine}/kpis?{october}")).expect(200);
        json!([
            of("mtbf", "warehouse"),
            of("availability", "model"),
            of("machine-costs", "machine"),
            figures["kpis"]
        ])
    };
    let before = told();
    assert_eq!(before[0][0]["denominator"], 2, "{before}");
    assert_eq!(before[3]["mtbf"]["denominator"], 2, "{before}");
    let path = format!("/api/v1/equipment/{machine}");
    api.patch(&lead, &path, "", &json!({"status": "retired", "model": "Scrap"})).expect(200);
    assert_eq!(told(), before);
}
