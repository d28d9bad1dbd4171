//! CSV files of machines and parts, as someone sends them who comes from another system.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and it runs on a machine that has a clock"
)]

use std::time::{Duration, Instant};

use millwright_stack_tests::{Answer, Api, Site};
use serde_json::{Value, json};
use ureq::http::Method;

/// The time limit for the largest file: the gateway's deadline.
const LONGEST: Duration = Duration::from_secs(10);

fn send(api: &Api, token: &str, path: &str, content_type: &str, file: &[u8]) -> Answer {
    let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", content_type)];
    api.send(&Method::POST, &format!("/api/v1/{path}"), &headers, file)
}

fn import(api: &Api, token: &str, path: &str, file: &str) -> Answer {
    send(api, token, path, "text/csv; charset=utf-8", file.as_bytes())
}

fn export(api: &Api, token: &str, path: &str) -> String {
    let headers = [("authorization", &*format!("Bearer {token}")), ("accept", "text/csv")];
    String::from_utf8(api.send(&Method::GET, &format!("/api/v1/{path}"), &headers, &[]).body).unwrap()
}

/// Line, outcome, and for a rejected one its columns.
fn outcomes(report: &Value) -> Vec<Value> {
    let columns = |line: &Value| -> Value {
        line["errors"].as_array().into_iter().flatten().map(|error| error["column"].clone()).collect()
    };
    let lines = report["lines"].as_array().unwrap();
    lines.iter().map(|line| json!([line["line"], line["outcome"], columns(line)])).collect()
}

fn count(api: &Api, site: &Site, table: &str) -> String {
    api.ask(&format!("select count(*) from public.{table} where warehouse_id = '{}'", site.warehouse))
}

#[test]
fn a_file_is_tried_imported_and_imported_again() {
    let api = Api::open();
    let (site, other) = (Site::build(&api), Site::build(&api));
    let token = site.token(&api, "supervisor");
    let mark = &site.mark;
    // From a spreadsheet: a byte order mark, semicolons, CRLF, names as people write them, a comma in a number.
    let file = format!(
        "\u{feff}Asset Tag;Name;Model;Status;Purchase Cost;Installed-On;Warehouse_id\r\n\
         {mark}-1;\"Press; \"\"old\"\"\";P-1;Active;1500,25;2019-03-02;\r\n\
         {mark}-2;;P-1;broken;cheap;;\r\n\
         ;;;;;;\r\n\
         {mark}-3;Saw;S-1;;;;{}\r\n\
         {mark}-1;Press;P-1;;;;\r\n\
         {mark}-4;Lathe;L-1;;;;{}\r\n",
        other.warehouse, site.warehouse
    );
    let expected = |created: &str| {
        vec![
            json!([2, created, []]),
            json!([3, "rejected", ["name", "status", "purchase_cost"]]),
            json!([5, "rejected", ["warehouse_id"]]),
            json!([6, "rejected", ["asset_tag"]]),
            json!([7, created, []]),
        ]
    };
    let tried = import(&api, &token, "equipment/import?dry_run=true", &file).expect(200);
    assert_eq!((&tried["applied"], &tried["dry_run"]), (&json!(false), &json!(true)));
    assert_eq!(outcomes(&tried), expected("created"));
    assert_eq!(tried["lines"][0]["id"], Value::Null, "nothing has been made that could have one");
    assert_eq!(count(&api, &site, "equipment"), "0");

    let nothing = import(&api, &token, "equipment/import?atomic=true", &file).expect(200);
    assert_eq!((&nothing["applied"], outcomes(&nothing)), (&json!(false), expected("created")));
    assert_eq!(count(&api, &site, "equipment"), "0");

    let done = import(&api, &token, "equipment/import", &file).expect(200);
    assert_eq!((&done["applied"], outcomes(&done)), (&json!(true), expected("created")));
    assert_eq!(
        done["totals"],
        json!({"lines": 5, "created": 2, "updated": 0, "unchanged": 0, "rejected": 3})
    );
    let id = done["lines"][0]["id"].as_str().unwrap();
    let machine = api.get(&token, &format!("/api/v1/equipment/{id}")).expect(200);
    assert_eq!(
        [&machine["name"], &machine["status"], &machine["purchase_cost"], &machine["installed_on"]],
        [&json!("Press; \"old\""), &json!("active"), &json!(1500.25), &json!("2019-03-02")]
    );
    let again = import(&api, &token, "equipment/import", &file).expect(200);
    assert_eq!(outcomes(&again), expected("unchanged"));
    assert_eq!(api.get(&token, &format!("/api/v1/equipment/{id}")).expect(200), machine);
    assert_eq!((count(&api, &site, "equipment"), count(&api, &other, "equipment")), ("2".into(), "0".into()));
}

#[test]
fn an_export_is_imported_as_it_is_and_with_what_was_changed_in_it() {
    let api = Api::open();
    let site = Site::build(&api);
    let manager = api.token("manager");
    let (mark, warehouse) = (&site.mark, &site.warehouse);
    let file = format!(
        "warehouse_id,part_number,name,bin,compatible_models,reorder_point\n\
         {warehouse},{mark}-1,\"Belt, 2 m\",A-1,\"P-1, P-2\",3\n{warehouse},{mark}-2,Oil,,,\n"
    );
    let done = import(&api, &manager, "parts/import", &file).expect(200);
    assert_eq!(done["totals"]["created"], 2, "{done}");
    let exported = export(&api, &manager, &format!("parts?warehouse_id={warehouse}"));
    let same = import(&api, &manager, "parts/import", &exported).expect(200);
    assert_eq!(same["totals"]["unchanged"], 2, "{same}\n{exported}");
    let ignored = same["ignored_columns"].as_array().unwrap();
    for column in ["id", "on_hand", "reserved", "version"] {
        assert!(ignored.contains(&json!(column)), "{column} in {ignored:?}");
    }
    let changed = import(&api, &manager, "parts/import", &exported.replace(",A-1,", ",B-7,")).expect(200);
    let line = changed["lines"].as_array().unwrap().iter().find(|line| line["outcome"] == "updated").unwrap();
    assert_eq!((&line["changed"], &changed["totals"]["unchanged"]), (&json!(["bin"]), &json!(1)));
}

#[test]
fn a_file_that_is_sent_again_with_its_key_has_the_first_answer() {
    let api = Api::open();
    let site = Site::build(&api);
    let bearer = format!("Bearer {}", site.token(&api, "supervisor"));
    let key = format!("import-{}", site.mark);
    let send = |query: &str, file: &str| {
        let headers = [("authorization", &*bearer), ("content-type", "text/csv"), ("idempotency-key", &*key)];
        api.send(&Method::POST, &format!("/api/v1/equipment/import{query}"), &headers, file.as_bytes())
    };
    let file = format!("asset_tag,name,model,status\n{0}-1,a,b,\n{0}-2,a,b,x\n{0}-3,a,b,\n", site.mark);
    assert_eq!(send("?dry_run=true", &file).expect(200)["applied"], false);
    let first = send("", &file).expect(200);
    assert_eq!((&first["totals"]["created"], &first["totals"]["rejected"]), (&json!(2), &json!(1)));
    assert_eq!(send("", &file).expect(200), first, "and not that nothing has changed");
    send("?atomic=true", &file).problem(422, "idempotency_key_reused");
    send("", &file.replace("-3", "-4")).problem(422, "idempotency_key_reused");
    assert_eq!(count(&api, &site, "equipment"), "2");
}

#[test]
fn who_does_not_manage_machines_is_refused_whatever_the_file_says() {
    let api = Api::open();
    let site = Site::build(&api);
    for file in [format!("asset_tag,name,model\n{}-1,a,b\n", site.mark), "asset_tag\n\n".to_owned()] {
        for role in ["technician", "requester"] {
            import(&api, &site.token(&api, role), "equipment/import", &file).problem(403, "forbidden");
        }
        let supervisor = site.token(&api, "supervisor");
        import(&api, &supervisor, "parts/import", "part_number,name\n1,a\n").problem(403, "forbidden");
        import(&api, "", "equipment/import", &file).problem(401, "unauthenticated");
    }
    assert_eq!(count(&api, &site, "equipment"), "0");
}

#[test]
fn a_file_that_is_none_is_one_clear_problem() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let path = "equipment/import";
    for (file, words) in [
        ("", "empty"),
        ("asset_tag,name,model\nA,b\n", "line 2 has 2 cells, and the header has 3"),
        ("asset_tag,name,model\nA,\"b,c\nB,c,d\n", "from line 2 on, a quotation mark"),
    ] {
        let problem = import(&api, &token, path, file).problem(400, "malformed");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    let latin =
        send(&api, &token, path, "text/csv", b"asset_tag,name\nA,Stra\xDFe\n").problem(400, "malformed");
    assert!(latin["detail"].as_str().unwrap().contains("not UTF-8: line 2"), "{latin}");
    let columns = import(&api, &token, path, "name,colour,name\nA,red,B\n").problem(422, "invalid");
    let pointers: Vec<_> = columns["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/colour", "/name", "/asset_tag"]);
    send(&api, &token, path, "application/json", b"{}").problem(415, "unsupported_media_type");
    import(&api, &token, "equipment/import?dryrun=true", "asset_tag\nA\n").problem(422, "invalid");
    let long = format!("asset_tag\n{}", "A\n".repeat(5_001));
    import(&api, &token, path, &long).problem(413, "too_large");
    import(&api, &token, path, &format!("asset_tag\n{}", "A".repeat(1 << 20))).problem(413, "too_large");
    let answer = api.get(&token, "/api/v1/equipment/import");
    assert_eq!(answer.header("allow"), "POST");
    answer.problem(405, "method_not_allowed");
    assert_eq!(count(&api, &site, "equipment"), "0");
}

#[test]
fn the_largest_file_is_imported_within_the_deadline() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    // In `wrong` of the lines is a machine that is not there, which only the database can tell.
    let file = |mark: &str, area: &str, wrong: &dyn Fn(usize) -> bool| {
        let line = |n| {
            let inside = if wrong(n) { "01900000-0000-7000-8000-00000000ffff" } else { "" };
            format!("{}-{mark}{n:04},Press {n},P-1,{area},2019-03-02,1500.25,{inside}", site.mark)
        };
        let lines: Vec<_> = (0..5_000).map(line).collect();
        format!("asset_tag,name,model,area,installed_on,purchase_cost,parent_id\n{}\n", lines.join("\n"))
    };
    let (none, some) = (|_| false, |n| n % 100 == 7);
    for (what, file, count) in [
        ("created", file("a", "Hall 1", &none), 5_000),
        ("unchanged", file("a", "Hall 1", &none), 5_000),
        ("updated", file("a", "Hall 2", &none), 5_000),
        ("rejected", file("b", "Hall 1", &some), 50),
    ] {
        let start = Instant::now();
        let report = import(&api, &token, "equipment/import", &file).expect(200);
        let took = start.elapsed();
        println!("5,000 lines, {count} {what}: {took:?}");
        assert_eq!(report["totals"][what], count, "{}", report["totals"]);
        assert!(took < LONGEST, "{what}: {took:?}");
    }
}
