//! Reports over HTTP, about a site of the test's own.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use millwright_stack_tests::{Api, Site};
use serde_json::json;

const PERIOD: &str = "from=2025-03-24&until=2025-04-06";

#[test]
fn a_report_says_what_it_counted_and_how() {
    let api = Api::open();
    let site = Site::build(&api);
    let (warehouse, technician) = (&site.warehouse, site.person(&api, "technician"));
    // Two repairs: one of 3 hours, one of 6 that ends on the last day, at 23:30 local time.
    api.tell(&format!(
        "insert into public.work_orders (type, title, status, warehouse_id, assigned_to, completed_by, created_at, started_at, completed_at)
         select 'corrective', 'Belt slips', 'closed', '{warehouse}', '{technician}', '{technician}', s::timestamptz, s::timestamptz, e::timestamptz
         from (values ('2025-03-25 08:00Z', '2025-03-25 11:00Z'), ('2025-04-06 15:30Z', '2025-04-06 21:30Z')) r (s, e)"
    ));
    let supervisor = site.token(&api, "supervisor");
    let found =
        api.get(&supervisor, &format!("/api/v1/reports/mttr?{PERIOD}&warehouse_id={warehouse}")).expect(200);
    assert_eq!((&found["report"], &found["time_zone"]), (&json!("mttr"), &json!("Europe/Amsterdam")));
    assert!(found["formula"].as_str().is_some_and(|formula| formula.contains('÷')), "{found}");
    let row = &found["rows"][0];
    assert_eq!(
        json!([row["numerator"], row["denominator"], row["value"], row["counts"]["repairs"]]),
        json!([9, 2, 4.5, 2])
    );
    let by =
        api.get(&supervisor, &format!("/api/v1/reports/planned-work?{PERIOD}&by=technician")).expect(200);
    assert_eq!(
        (&by["rows"][0]["profile_id"], &by["rows"][0]["denominator"]),
        (&json!(technician), &json!(2))
    );
    let elsewhere = Site::build(&api).token(&api, "supervisor");
    let none =
        api.get(&elsewhere, &format!("/api/v1/reports/mttr?{PERIOD}&warehouse_id={warehouse}")).expect(200);
    assert_eq!(none["rows"], json!([]));
}

#[test]
fn everything_that_is_wrong_in_a_question_is_named() {
    let api = Api::open();
    let manager = api.token("manager");
    let wrong = "/api/v1/reports/mtbf?from=2025-02-30&by=technician&warehouse=1";
    let problem = api.get(&manager, wrong).problem(422, "invalid");
    let named: Vec<_> =
        problem["errors"].as_array().into_iter().flatten().map(|one| &one["pointer"]).collect();
    assert_eq!(named, ["?from", "?by", "?warehouse", "?until"]);
    let backwards = "/api/v1/reports/mtbf?from=2025-03-02&until=2025-03-01";
    assert_eq!(api.get(&manager, backwards).problem(422, "invalid")["errors"][0]["pointer"], "?until");
    api.get(&manager, &format!("/api/v1/reports/gossip?{PERIOD}")).problem(404, "not_found");
    api.get("", &format!("/api/v1/reports/mttr?{PERIOD}")).problem(401, "unauthenticated");
}
