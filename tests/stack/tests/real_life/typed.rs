//! What people type, as they type it: parts of codes, tags with commas, the same tag in other letters, times that are reversed,
//! time zones in small letters.

use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};
use ureq::http::Method;

const EQUIPMENT: &str = "/api/v1/equipment";

fn machine(tag: &str) -> Value {
    json!({"asset_tag": tag, "name": "Pumpe f\u{fc}r \u{d6}l", "model": "P-1"})
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[test]
fn a_part_of_a_code_or_the_beginning_of_a_word_finds_it_for_everyone_who_sees_it() {
    let api = Api::open();
    let site = Site::build(&api);
    let supervisor = site.token(&api, "supervisor");
    let mark = &site.mark;
    api.post(&supervisor, EQUIPMENT, &machine(&format!("PMP.001.{mark}"))).expect(201);
    let order = json!({"type": "corrective", "title": format!("Conveyor stands still {mark}"), "assigned_to": site.person(&api, "contractor"),
        "fo_number": format!("FO/{mark}-M8x20"), "due_at": "2080-01-01T00:00:00Z"});
    let number = api.post(&supervisor, "/api/v1/work-orders", &order).expect(201)["number"].clone();
    for role in ["technician", "supervisor", "contractor"] {
        let token = site.token(&api, role);
        let short = &number.as_str().unwrap()[3..];
        for q in [
            format!("conv%20{mark}"),
            format!("{}%20x20", &mark[3..]),
            format!("{short}%20STANDS"),
            format!("m8%20{mark}"),
        ] {
            for more in [
                "",
                "&sort=due_at",
                "&sort=-priority&status=assigned",
                "&due_at.gte=2079-01-01T00:00:00Z&limit=1",
            ] {
                let found = api.get(&token, &format!("/api/v1/work-orders?q={q}{more}")).expect(200);
                assert_eq!(found[0]["number"], number, "{role}: {q}{more}");
            }
        }
    }
    for q in ["001", "pmp", "%C3%96l", "OL", "p001"] {
        let found = api.get(&supervisor, &format!("{EQUIPMENT}?q={q}%20{mark}")).expect(200);
        assert_eq!(found.as_array().unwrap().len(), 1, "{q}");
    }
    assert_eq!(api.get(&supervisor, &format!("{EQUIPMENT}?q=nveyor%20{mark}")).expect(200), json!([]));
}

#[test]
fn pages_of_a_search_hold_every_row_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    for n in 0..7 {
        let due = (n % 2 == 0).then(|| format!("2080-01-0{}T00:00:00Z", 9 - n));
        let order = json!({"type": "corrective", "title": format!("Leak {n}"), "due_at": due});
        api.post(&token, "/api/v1/work-orders", &order).expect(201);
    }
    for sort in ["id", "-id", "due_at", "-priority"] {
        let mut path = Some(format!("/api/v1/work-orders?q=leak&limit=2&sort={sort}"));
        let mut seen = Vec::new();
        while let Some(page) = path {
            let answer = api.get(&token, &page);
            path = answer.next_page();
            seen.extend(answer.expect(200).as_array().unwrap().iter().map(|row| row["title"].to_string()));
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{sort}");
    }
}

#[test]
fn a_tag_with_a_comma_is_asked_for_in_quotation_marks() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let mark = &site.mark;
    for tag in [format!("{mark},1"), format!("{mark} \"2\""), format!("{mark}-3")] {
        api.post(&token, EQUIPMENT, &machine(&tag)).expect(201);
    }
    let found = |value: &str| {
        let rows = api.get(&token, &format!("{EQUIPMENT}?sort=asset_tag&asset_tag={value}")).expect(200);
        rows.as_array().unwrap().len()
    };
    assert_eq!(found(&format!("{mark},1")), 0);
    assert_eq!(found(&format!("%22{mark},1%22")), 1);
    assert_eq!(found(&format!("%22{mark},1%22,{mark}-3")), 2);
    assert_eq!(found(&format!("%22{mark}%20%22%222%22%22%22")), 1);
    assert_eq!(found(&format!("{mark}%20%222%22")), 1);
}

#[test]
fn the_same_tag_in_other_letters_is_not_another_machine() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let tag = format!("Q\u{fc}-{}", site.mark);
    let id = api.post(&token, EQUIPMENT, &machine(&tag)).expect(201)["id"].clone();
    for twin in [tag.to_lowercase(), tag.replace('\u{fc}', "u\u{308}")] {
        let problem = api.post(&token, EQUIPMENT, &machine(&twin)).problem(409, "already_exists");
        assert_eq!(pointers(&problem), ["/asset_tag"], "{problem}");
        let asked = twin.replace('\u{308}', "%CC%88").replace('\u{fc}', "%C3%BC");
        assert_eq!(api.get(&token, &format!("{EQUIPMENT}?asset_tag={asked}")).expect(200)[0]["id"], id);
        let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", "text/csv")];
        let file = format!("asset_tag,name,model\n{twin},Pumpe f\u{fc}r \u{d6}l,P-1\n");
        let report =
            api.send(&Method::POST, &format!("{EQUIPMENT}/import"), &headers, file.as_bytes()).expect(200);
        assert_eq!(
            (&report["lines"][0]["outcome"], &report["lines"][0]["id"]),
            (&json!("unchanged"), &id),
            "{report}"
        );
    }
    let file = format!("asset_tag,name,model\n{0}-9,a,P\n{1}-9,b,P\n", site.mark, site.mark.to_lowercase());
    let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", "text/csv")];
    let report =
        api.send(&Method::POST, &format!("{EQUIPMENT}/import"), &headers, file.as_bytes()).expect(200);
    assert_eq!(report["lines"][1]["errors"][0]["column"], "asset_tag", "{report}");
}

#[test]
fn a_rule_of_the_data_that_is_broken_is_told_at_its_fields() {
    let api = Api::open();
    let site = Site::build(&api);
    let supervisor = site.token(&api, "supervisor");
    let id = api.post(&supervisor, EQUIPMENT, &machine(&site.mark)).expect(201)["id"].clone();
    let id = id.as_str().unwrap();
    let reversed = json!({"started_at": "2026-03-02T10:00:00Z", "ended_at": "2026-03-02T09:00:00Z"});
    let problem =
        api.post(&supervisor, &format!("{EQUIPMENT}/{id}/downtime"), &reversed).problem(422, "invalid");
    assert_eq!(pointers(&problem), ["/started_at", "/ended_at"], "{problem}");
    let clerk = site.token(&api, "inventory_clerk");
    let part =
        api.post(&clerk, "/api/v1/parts", &json!({"part_number": site.mark, "name": "Belt"})).expect(201);
    let moves = format!("/api/v1/parts/{}/transactions", part["id"].as_str().unwrap());
    let problem =
        api.post(&clerk, &moves, &json!({"type": "inbound", "quantity": -1})).problem(422, "invalid");
    assert_eq!(pointers(&problem), ["/quantity"], "{problem}");
    let meter = json!({"name": "Hours", "unit": "hours"});
    api.post(&supervisor, &format!("{EQUIPMENT}/{id}/meters"), &meter).expect(201);
    let problem =
        api.post(&supervisor, &format!("{EQUIPMENT}/{id}/meters"), &meter).problem(409, "already_exists");
    assert_eq!(pointers(&problem), ["/name"], "{problem}");
}

#[test]
fn a_time_zone_is_one_that_everything_here_can_count_in() {
    let api = Api::open();
    let site = Site::build(&api);
    let admin = api.token("admin");
    let warehouse =
        |zone: &str| json!({"code": format!("Z{}", &site.mark[..9]), "name": "Zone", "time_zone": zone});
    for wrong in ["europe/berlin", "GMT+2", "Mars/Base"] {
        let problem = api.post(&admin, "/api/v1/warehouses", &warehouse(wrong)).problem(422, "invalid");
        assert_eq!(pointers(&problem), ["/time_zone"], "{problem}");
        let path = format!("/api/v1/warehouses/{}", site.warehouse);
        let problem = api.patch(&admin, &path, "", &json!({"time_zone": wrong})).problem(422, "invalid");
        assert!(problem["errors"][0]["message"].as_str().unwrap().contains("Europe/Berlin"), "{problem}");
    }
    api.post(&admin, "/api/v1/warehouses", &warehouse("Europe/Berlin")).expect(201);
}
