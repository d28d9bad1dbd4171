//! Templates, previews, the calendar, reasons and compliance, as a client sees them.
//!
//! All firings here are for now, as in the other tests: at any other time their schedules would be due, too.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_harness::client::fire;
use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

const TEMPLATES: &str = "/api/v1/pm/templates";

/// A machine of a model that only this site has.
fn machine(api: &Api, site: &Site) -> String {
    let body = json!({"asset_tag": format!("{}-1", site.mark), "name": "Press", "model": site.mark});
    let machine = api.post(&site.token(api, "supervisor"), "/api/v1/equipment", &body).expect(201);
    machine["id"].as_str().unwrap().to_owned()
}

fn template(api: &Api, site: &Site, more: &Value) -> Value {
    let mut body = json!({"title": "Inspection", "equipment_model": site.mark, "starts_on": "2020-03-01", "lead_time_days": 0});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    api.post(&site.token(api, "supervisor"), TEMPLATES, &body).expect(201)
}

/// Fires now, and again: nothing may come twice.
fn generate(api: &Api) {
    for _ in 0..2 {
        assert_eq!(fire(&api.stack, "pm-scheduler", None, None).unwrap().outcome, "ok");
    }
}

/// The day there, so many days from now.
fn day(api: &Api, from_now: i32) -> String {
    api.ask(&format!("select (now() at time zone 'Europe/Amsterdam')::date + {from_now}"))
}

fn schedule(api: &Api, site: &Site) -> String {
    api.ask(&format!(
        "select s.id from public.pm_schedules s join public.equipment e on e.id = s.equipment_id
         where e.warehouse_id = '{}'",
        site.warehouse
    ))
}

#[test]
fn everything_that_is_wrong_with_a_template_is_said_at_once_and_in_words() {
    let api = Api::open();
    let supervisor = Site::build(&api).token(&api, "supervisor");
    let refused = |body: Value| {
        let problem = api.post(&supervisor, TEMPLATES, &body).problem(422, "invalid");
        let errors = problem["errors"].as_array().unwrap().clone();
        let mut said: Vec<_> = errors
            .iter()
            .map(|error| {
                format!("{} {}", error["pointer"].as_str().unwrap(), error["message"].as_str().unwrap())
            })
            .collect();
        said.sort();
        said
    };
    let wrong = json!({"title": "A", "equipment_model": "M", "starts_on": "2027-01-01", "rrule": "FREQ=DAILY;BYHOUR=6",
        "exdates": ["2027-02-30"], "season_from": "5-1", "weekends": "maybe", "catch_up": "some", "tolerance_days": -1});
    assert_eq!(
        refused(wrong),
        [
            "/catch_up must be one of: latest, all, none",
            "/exdates must be a list of at most 100 dates like 2026-03-02, each once",
            "/rrule BYHOUR has no meaning here: maintenance is planned by day",
            "/season_from must be a day of the year like 05-01",
            "/tolerance_days must be a whole number from 0 to 365",
            "/weekends must be one of: keep, skip, before, after",
        ]
    );
    let apart = json!({"title": "A", "starts_on": "2027-01-01", "rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "season_from": "05-01", "meter_every": 250});
    assert_eq!(
        refused(apart),
        [
            "/equipment_model is required, or equipment_id",
            "/meter_name is required: which meter of the machine",
            "/rrule has no date from starts_on on",
            "/season_until is required with season_from",
        ]
    );
    let counted = json!({"title": "A", "equipment_model": "M", "starts_on": "2027-01-01", "rrule": "FREQ=DAILY;COUNT=3",
        "basis": "floating"});
    assert_eq!(refused(counted).len(), 1);
}

#[test]
fn a_rule_that_is_pasted_from_a_calendar_fills_its_fields_and_is_kept_as_a_rule_of_dates() {
    let api = Api::open();
    let site = Site::build(&api);
    let supervisor = site.token(&api, "supervisor");
    let pasted = "DTSTART;TZID=Europe/Berlin:20800102T080000\r\nRRULE:FREQ=WEEKLY;UNTIL=20800131T225959Z;BYDAY=TU;\r\n\
        EXDATE;TZID=Europe/Berlin:20800116T080000\r\n";
    let body = json!({"title": "Inspection", "equipment_model": site.mark, "rrule": pasted});
    let made = api.post(&supervisor, TEMPLATES, &body).expect(201);
    let told = |row: &Value| json!([row["rrule"], row["starts_on"], row["exdates"]]);
    assert_eq!(told(&made), json!(["FREQ=WEEKLY;BYDAY=TU;UNTIL=20800131", "2080-01-02", ["2080-01-16"]]));

    // Local in Amsterdam, where the work is done: half past eleven at night in UTC is the day after there.
    let path = format!("{TEMPLATES}/{}", made["id"].as_str().unwrap());
    let change = json!({"rrule": "RRULE:freq=daily;until=20800228T233000Z"});
    let changed = api.patch(&supervisor, &path, "", &change).expect(200);
    assert_eq!(told(&changed), json!(["FREQ=DAILY;UNTIL=20800229", "2080-01-02", ["2080-01-16"]]));
    let change = json!({"rrule": "FREQ=DAILY;UNTIL=20800228T233000;"});
    let changed = api.patch(&supervisor, &path, "", &change).expect(200);
    assert_eq!(changed["rrule"], "FREQ=DAILY;UNTIL=20800228", "a local time is written as it is meant");

    let preview = json!({"rrule": pasted, "count": 2, "warehouse_id": site.warehouse});
    let preview = api.post(&supervisor, "/api/v1/pm/preview", &preview).expect(200);
    assert_eq!(preview["dates"][0]["occurs_on"], "2080-01-02");

    let refused = |more: Value| {
        let mut body = body.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let problem = api.post(&supervisor, TEMPLATES, &body).problem(422, "invalid");
        let errors = problem["errors"].as_array().unwrap().clone();
        let mut said: Vec<_> = errors
            .iter()
            .map(|error| {
                format!("{} {}", error["pointer"].as_str().unwrap(), error["message"].as_str().unwrap())
            })
            .collect();
        said.sort();
        said
    };
    assert_eq!(
        refused(json!({"starts_on": "2080-01-03", "priority": "soon"})),
        [
            "/priority must be one of: low, medium, high, critical",
            "/rrule its DTSTART is \"2080-01-02\", and starts_on is \"2080-01-03\": one of them is enough",
            "/starts_on is \"2080-01-03\", and the DTSTART of rrule is \"2080-01-02\": one of them is enough",
        ]
    );
    let starts = |rrule: &str| json!({"starts_on": "2080-01-02", "rrule": rrule});
    for (rrule, reason) in [
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "several RRULEs do not go together: a template has one rule"),
        (
            "RRULE:FREQ=DAILY\nRDATE:20800107T080000Z",
            "RDATE is no part of a rule here: dates beside it need a template of their own",
        ),
        (
            "DTSTART:20800102T080000\nRRULE:FREQ=DAILY;BYHOUR=8",
            "BYHOUR has no meaning here: maintenance is planned by day",
        ),
    ] {
        assert_eq!(refused(starts(rrule)), [format!("/rrule {reason}")]);
    }
}

#[test]
fn a_week_number_is_of_the_weeks_own_year() {
    let api = Api::open();
    let supervisor = Site::build(&api).token(&api, "supervisor");
    let dates = |rrule: &str, starts_on: &str| {
        let rule = json!({"rrule": rrule, "starts_on": starts_on, "count": 2});
        let preview = api.post(&supervisor, "/api/v1/pm/preview", &rule).expect(200);
        json!([preview["dates"][0]["occurs_on"], preview["dates"][1]["occurs_on"]])
    };
    assert_eq!(
        dates("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO", "2024-01-01"),
        json!(["2024-01-01", "2025-12-29"])
    );
    let workdays = "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;";
    assert_eq!(dates(workdays, "2024-03-01"), json!(["2024-12-30", "2025-12-29"]));
}

#[test]
fn a_rule_is_tried_before_it_is_saved() {
    let api = Api::open();
    let site = Site::build(&api);
    let supervisor = site.token(&api, "supervisor");
    let holiday = json!({"on_date": "2027-05-03", "name": "A day off"});
    api.post(&supervisor, &format!("/api/v1/warehouses/{}/holidays", site.warehouse), &holiday).expect(201);
    let rule = json!({"rrule": "FREQ=MONTHLY;BYMONTHDAY=-1,1", "starts_on": "2027-04-30", "exdates": ["2027-05-31"],
        "weekends": "after", "holidays": "after", "warehouse_id": site.warehouse, "count": 4});
    let preview = api.post(&supervisor, "/api/v1/pm/preview", &rule).expect(200);
    let expected = json!([
        {"occurs_on": "2027-04-30", "due_on": "2027-04-30", "left_out": null},
        {"occurs_on": "2027-05-01", "due_on": "2027-05-04", "left_out": null},
        {"occurs_on": "2027-05-31", "due_on": "2027-05-31", "left_out": "2027-05-31 is taken out of the rule"},
        {"occurs_on": "2027-06-01", "due_on": "2027-06-01", "left_out": null},
    ]);
    assert_eq!(preview["dates"], expected);
    let elsewhere = Site::build(&api).token(&api, "supervisor");
    let problem = api.post(&elsewhere, "/api/v1/pm/preview", &rule).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/warehouse_id");
}

#[test]
fn what_is_planned_becomes_what_was_decided_with_its_reason() {
    let api = Api::open();
    let site = Site::build(&api);
    machine(&api, &site);
    let supervisor = site.token(&api, "supervisor");
    let [today, tomorrow, later, last] = [0, 1, 2, 3].map(|days| day(&api, days));
    template(&api, &site, &json!({"rrule": "daily", "starts_on": today, "exdates": [tomorrow, today]}));
    generate(&api);
    let id = schedule(&api, &site);
    let occurrences = api.get(&supervisor, &format!("/api/v1/pm/schedules/{id}/occurrences")).expect(200);
    assert_eq!(occurrences.as_array().unwrap().len(), 1);
    assert_eq!(occurrences[0]["decision"], "skipped");
    assert_eq!(occurrences[0]["reason"], format!("{today} is taken out of the rule"));

    let preview = api.get(&supervisor, &format!("/api/v1/pm/schedules/{id}/preview?count=2")).expect(200);
    let out = format!("{tomorrow} is taken out of the rule");
    let expected = json!([
        {"occurs_on": tomorrow, "due_on": tomorrow, "left_out": out},
        {"occurs_on": later, "due_on": later, "left_out": null},
    ]);
    assert_eq!((&preview["dates"], &preview["active"]), (&expected, &json!(true)));

    let calendar = format!("/api/v1/pm/calendar?from={today}&to={last}");
    let told = api.get(&supervisor, &calendar).expect(200);
    let entries = told["entries"].as_array().unwrap();
    let states: Vec<_> = entries.iter().map(|entry| (&entry["due_on"], &entry["state"])).collect();
    let expected = [(&today, "skipped"), (&tomorrow, "left_out"), (&later, "planned"), (&last, "planned")]
        .map(|(day, state)| (json!(day), json!(state)));
    assert_eq!(states, expected.iter().map(|(day, state)| (day, state)).collect::<Vec<_>>());
    assert_eq!(told["next"], Value::Null);
    let elsewhere = Site::build(&api).token(&api, "supervisor");
    assert_eq!(api.get(&elsewhere, &calendar).expect(200)["entries"], json!([]));
    api.get(&elsewhere, &format!("/api/v1/pm/schedules/{id}/preview")).problem(404, "not_found");
    assert_eq!(api.get(&site.token(&api, "requester"), &calendar).expect(200)["entries"], json!([]));
    let long = "/api/v1/pm/calendar?from=2027-03-02&to=2028-03-02";
    assert_eq!(api.get(&supervisor, long).problem(422, "invalid")["errors"][0]["pointer"], "?to");
}

#[test]
fn a_date_that_is_taken_out_leaves_its_day_to_one_that_is_moved_there() {
    let api = Api::open();
    let site = Site::build(&api);
    machine(&api, &site);
    let supervisor = site.token(&api, "supervisor");
    let friday = api.ask(
        "select d::date from generate_series((now() at time zone 'Europe/Amsterdam')::date + 2, now() + interval '12 days', '1 day') d
         where extract(isodow from d) = 5 limit 1",
    );
    let saturday = api.ask(&format!("select '{friday}'::date + 1"));
    let rule = json!({"rrule": "FREQ=WEEKLY;BYDAY=FR,SA", "starts_on": friday, "exdates": [friday], "weekends": "before",
        "lead_time_days": 10, "overlap": "generate"});
    template(&api, &site, &rule);
    generate(&api);
    let id = schedule(&api, &site);
    let told = api.get(&supervisor, &format!("/api/v1/pm/schedules/{id}/occurrences")).expect(200);
    let mut told: Vec<_> =
        told.as_array().unwrap().iter().filter(|one| one["due_on"] == json!(friday)).cloned().collect();
    told.sort_by_key(|one| one["occurs_on"].to_string());
    let told: Vec<_> = told.iter().map(|one| (&one["occurs_on"], &one["decision"])).collect();
    assert_eq!(told, [(&json!(friday), &json!("skipped")), (&json!(saturday), &json!("generated"))]);
}

#[test]
fn a_daily_round_is_due_at_local_midnight_on_both_sides_of_a_change_of_clocks() {
    let api = Api::open();
    let site = Site::build(&api);
    machine(&api, &site);
    // Whoever fires when, all of its dates are made up for.
    let rule = json!({"rrule": "FREQ=DAILY;UNTIL=20200330", "starts_on": "2020-03-27", "catch_up": "all", "overlap": "generate"});
    template(&api, &site, &rule);
    generate(&api);
    api.tell(&format!(
        "update public.pm_schedules s set since = '2020-03-27', next_due_on = '2020-03-27', generate_on = '2020-03-27'
         from public.equipment e where e.id = s.equipment_id and e.warehouse_id = '{}'",
        site.warehouse
    ));
    generate(&api);
    let due = api.ask(&format!(
        "select string_agg(to_char(due_at at time zone 'UTC', 'MM-DD HH24:MI'), ', ' order by due_at)
         from public.work_orders where warehouse_id = '{}'",
        site.warehouse
    ));
    assert_eq!(due, "03-27 23:00, 03-28 23:00, 03-29 22:00, 03-30 22:00");
}

#[test]
fn a_paused_schedule_says_so() {
    let api = Api::open();
    let site = Site::build(&api);
    machine(&api, &site);
    let supervisor = site.token(&api, "supervisor");
    template(&api, &site, &json!({"rrule": "monthly", "starts_on": "2080-01-31"}));
    generate(&api);
    let path = format!("/api/v1/pm/schedules/{}", schedule(&api, &site));
    api.patch(&supervisor, &path, "", &json!({"paused": true})).expect(200);
    let preview = api.get(&supervisor, &format!("{path}/preview")).expect(200);
    assert_eq!((&preview["active"], &preview["rest_reason"]), (&json!(false), &json!("it was paused")));
    api.patch(&supervisor, &path, "", &json!({"paused": false})).expect(200);
    generate(&api);
    assert_eq!(api.get(&supervisor, &path).expect(200)["active"], true);
}

#[test]
fn compliance_counts_what_was_done_in_time_also_when_it_is_verified_and_closed() {
    let api = Api::open();
    let site = Site::build(&api);
    machine(&api, &site);
    let (supervisor, technician) = (site.token(&api, "supervisor"), site.token(&api, "technician"));
    let today = day(&api, 0);
    template(&api, &site, &json!({"rrule": "daily", "starts_on": today, "tolerance_days": 1}));
    generate(&api);
    let order = api.get(&supervisor, "/api/v1/work-orders?type=preventive").expect(200)[0]["id"].clone();
    let path = format!("/api/v1/work-orders/{}", order.as_str().unwrap());
    let compliance = format!("/api/v1/pm/compliance?from={today}&until={today}&by=model");
    let told = || {
        let found = api.get(&supervisor, &compliance).expect(200);
        let row =
            found["rows"].as_array().unwrap().iter().find(|row| row["model"] == site.mark.as_str()).cloned();
        let row = row.unwrap();
        assert!(found["formula"].as_str().unwrap().contains('÷'));
        json!([row["numerator"], row["denominator"], row["counts"]["pending"]])
    };
    assert_eq!(told(), json!([0, 0, 1]));
    api.post(&technician, &format!("{path}/transitions"), &json!({"to": "assigned"})).expect(200);
    for (who, to) in [
        (&technician, "in_progress"),
        (&technician, "completed"),
        (&supervisor, "verified"),
        (&supervisor, "closed"),
    ] {
        api.post(who, &format!("{path}/transitions"), &json!({"to": to})).expect(200);
        if to != "in_progress" {
            assert_eq!(told(), json!([1, 1, 0]), "{to}");
        }
    }
}

#[test]
fn a_meter_reading_becomes_a_work_order_at_the_next_firing() {
    let api = Api::open();
    let site = Site::build(&api);
    let machine = machine(&api, &site);
    let supervisor = site.token(&api, "supervisor");
    template(&api, &site, &json!({"meter_name": "Hours", "meter_every": 250, "starts_on": "2026-01-01"}));
    let meter = json!({"name": "Hours", "unit": "hours"});
    let meter = api.post(&supervisor, &format!("/api/v1/equipment/{machine}/meters"), &meter).expect(201);
    generate(&api);
    assert_eq!(site.work_orders(&api), "0");
    let readings = format!("/api/v1/meters/{}/readings", meter["id"].as_str().unwrap());
    api.post(&supervisor, &readings, &json!({"value": 251})).expect(201);
    generate(&api);
    assert_eq!(site.work_orders(&api), "1");
    let occurrences = format!("/api/v1/pm/schedules/{}/occurrences", schedule(&api, &site));
    let one = &api.get(&supervisor, &occurrences).expect(200)[0];
    assert_eq!(one["meter_step"].as_f64(), Some(250.0));
    assert_eq!(one["reason"], "the meter has reached 250, and counts 251 now");
    // The next step, while nobody has done the first.
    api.post(&supervisor, &readings, &json!({"value": 500})).expect(201);
    generate(&api);
    let next = &api.get(&supervisor, &format!("{occurrences}?decision=skipped")).expect(200)[0];
    assert_eq!(next["meter_step"].as_f64(), Some(500.0));
    assert!(next["reason"].as_str().unwrap().ends_with("is still open (overlap: skip)"), "{next}");
}
