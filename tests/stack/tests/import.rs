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
    let (list, query) = path.split_once('?').unwrap_or((path, ""));
    String::from_utf8(api.get(token, &format!("/api/v1/{list}/export.csv?{query}")).body).unwrap()
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
        ("asset_tag,name,\"model\nA,b\n", "line 1: a quotation mark is opened here and not closed"),
    ] {
        let problem = import(&api, &token, path, file).problem(400, "malformed");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    let latin =
        send(&api, &token, path, "text/csv", b"asset_tag,name\nA,Stra\xDFe\n").problem(400, "malformed");
    let words = latin["detail"].as_str().unwrap();
    assert!(words.contains("not UTF-8: line 2") && words.contains("Windows-1252"), "{latin}");
    let columns = import(&api, &token, path, "name,colour,name\nA,red,B\n").problem(422, "invalid");
    let pointers: Vec<_> = columns["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/colour", "/name", "/asset_tag"]);
    send(&api, &token, path, "application/json", b"{}").problem(415, "unsupported_media_type");
    import(&api, &token, "equipment/import?dryrun=true", "asset_tag\nA\n").problem(422, "invalid");
    import(&api, &token, "equipment/import?locale=xx", "asset_tag\nA\n").problem(422, "invalid");
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

/// Of each line that was rejected, its number, column and reason.
fn reasons(report: &Value) -> Vec<(u64, String)> {
    let mut reasons = Vec::new();
    for line in report["lines"].as_array().unwrap() {
        for error in line["errors"].as_array().into_iter().flatten() {
            reasons
                .push((line["line"].as_u64().unwrap(), format!("{} {}", error["column"], error["message"])));
        }
    }
    reasons
}

#[test]
fn a_file_with_crooked_lines_is_taken_but_for_them() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let mark = &site.mark;
    let file = [
        "asset_tag,name,model,,",
        &format!("{mark}-1,Belt 3\" wide,M,,"),
        &format!("{mark}-2,\"C\" Street pump,M,,"),
        &format!("{mark}-3,Saw,M"),
        &format!("{mark}-4,Saw"),
        &format!("{mark}-5,\"Lathe,M,,"),
        &format!("{mark}-6,\"\"\"D\"\" Street pump\",M,,"),
        "",
    ];
    for end in ["\r", "\n"] {
        let done = import(&api, &token, "equipment/import", &file.join(end)).expect(200);
        let reasons = reasons(&done);
        let lines: Vec<_> = reasons.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 5, 6], "{end:?} {done}");
        assert!(reasons[0].1.contains("behind a closing quotation mark"), "{reasons:?}");
        assert!(reasons[1].1.contains("has 2 cells, and the header has 3"), "{reasons:?}");
        let words = ["opened here and not closed", "behind a closing quotation mark"];
        assert!(words.iter().any(|words| reasons[2].1.contains(words)), "{reasons:?}");
    }
    let names = api.ask(&format!(
        "select string_agg(name, '|' order by asset_tag) from public.equipment where warehouse_id = '{}'",
        site.warehouse
    ));
    assert_eq!(names, "Belt 3\" wide|Saw|\"D\" Street pump");
    // As spreadsheets write "Unicode text": tabs, in UTF-16.
    let text = format!("asset_tag\tname\tmodel\r\n{mark}-7\tStra\u{df}e\tM\r\n");
    let bytes: Vec<_> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = [&[0xff, 0xfe][..], &bytes].concat();
    assert_eq!(send(&api, &token, "equipment/import", "text/csv", &file).expect(200)["totals"]["created"], 1);
    let said = format!("sep=;\r\nasset_tag;name;model\r\n{mark}-8;x;M\r\n");
    assert_eq!(import(&api, &token, "equipment/import", &said).expect(200)["lines"][0]["line"], 3);
}

#[test]
fn what_has_two_meanings_is_refused_until_a_locale_says_which() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let mark = &site.mark;
    let file = format!(
        "asset_tag;name;model;purchase_cost;installed_on\n{mark}-1;a;M;2.345,50;\n{mark}-2;a;M;1.500;\n\
         {mark}-3;a;M;;03/04/2026\n{mark}-4;a;M;1500,5;2026-04-03\n"
    );
    let found = import(&api, &token, "equipment/import?dry_run=true", &file).expect(200);
    let reasons = reasons(&found);
    assert_eq!(reasons.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4], "{found}");
    assert!(reasons.iter().all(|(_, reason)| reason.contains("locale=de")), "{reasons:?}");
    let done = import(&api, &token, "equipment/import?locale=de", &file).expect(200);
    assert_eq!(done["totals"]["created"], 4, "{done}");
    let stored = api.ask(&format!(
        "select string_agg(coalesce(purchase_cost::text, installed_on::text), ' ' order by asset_tag)
         from public.equipment where warehouse_id = '{}'",
        site.warehouse
    ));
    assert_eq!(stored, "2345.5 1500 2026-04-03 1500.5");
}

#[test]
fn a_price_is_stored_as_it_was_sent_or_refused_with_its_name() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "inventory_clerk");
    let mark = &site.mark;
    let part = |cost: &str, point: &str| {
        let number = format!("{mark}-{cost}-{point}");
        let body = format!(
            r#"{{"part_number": "{number}", "name": "Oil", "unit_cost": {cost}, "reorder_point": {point}}}"#
        );
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        api.send(&Method::POST, "/api/v1/parts", &headers, body.as_bytes())
    };
    for cost in [json!(0.00015), json!(0.333), json!(999_999_998.999_999)] {
        let stored = part(&cost.to_string(), "0.125").expect(201);
        assert_eq!((&stored["unit_cost"], &stored["reorder_point"]), (&cost, &json!(0.125)));
    }
    for (cost, point, pointers) in [
        ("0.0000001", "0.0001", vec!["/reorder_point", "/unit_cost"]),
        ("0.10000000000000000000001", "1", vec!["/unit_cost"]),
    ] {
        let problem = part(cost, point).problem(422, "invalid");
        let errors = problem["errors"].as_array().unwrap().iter();
        let mut named: Vec<_> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
        named.sort_unstable();
        assert_eq!(named, pointers);
    }
    let file = format!("part_number,name,unit_cost\n{mark}-1,a,0.00015\n{mark}-2,a,0.0000001\n");
    let done = import(&api, &token, "parts/import", &file).expect(200);
    assert_eq!(outcomes(&done), [json!([2, "created", []]), json!([3, "rejected", ["unit_cost"]])]);
    // Litres are counted to the last drop: three tenths less two tenths are one.
    let movements = format!("/api/v1/parts/{}/transactions", done["lines"][0]["id"].as_str().unwrap());
    let moves = |kind: &str, quantity: f64| {
        api.post(&token, &movements, &json!({"type": kind, "quantity": quantity}))
    };
    let booked = moves("inbound", 0.3).expect(201);
    assert_eq!((&booked["balance"], &booked["unit_cost"]), (&json!(0.3), &json!(0.00015)));
    moves("adjustment", -0.1).expect(201);
    assert_eq!(moves("adjustment", -0.1).expect(201)["balance"], json!(0.1));
    let problem = moves("inbound", 0.0005).problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/quantity");
}

#[test]
fn no_cell_of_an_export_is_a_formula_and_each_comes_back_as_it_was() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let names = [
        "=HYPERLINK(\"https://evil.example\",\"x\")",
        "+49 30 1234",
        "@SUM(A1)",
        "-2+3",
        "'=1",
        "''-",
        "-5",
        "'tis a press",
        "Belt 3\" wide, \"C\"",
    ];
    for (at, name) in names.iter().enumerate() {
        let machine = json!({"asset_tag": format!("{}-{at}", site.mark), "name": name, "model": "M"});
        api.post(&token, "/api/v1/equipment", &machine).expect(201);
    }
    let safe = export(&api, &token, "equipment?fields=name");
    for cell in
        ["\"'=HYPERLINK(", ",'+49 30 1234", ",'@SUM(A1)", ",'-2+3", ",''=1", ",'''-", ",-5", ",'tis a press"]
    {
        assert!(safe.contains(cell), "{cell} in {safe}");
    }
    let raw = export(&api, &token, "equipment?fields=name&raw=true");
    assert!(raw.contains(",\"=HYPERLINK(\"\"https"), "{raw}");
    let whole = export(&api, &token, "equipment");
    let again = import(&api, &token, "equipment/import", &whole).expect(200);
    assert_eq!(again["totals"]["unchanged"], names.len(), "{again}");
    let raw = export(&api, &token, "equipment?raw=true");
    let again = import(&api, &token, "equipment/import?raw=true", &raw).expect(200);
    assert_eq!(again["totals"]["unchanged"], names.len(), "{again}");
    // Under other tags each machine comes as it is, too.
    let copied = whole.replace(&site.mark, &format!("{}x", site.mark));
    let copied = import(&api, &token, "equipment/import", &copied).expect(200);
    assert_eq!(copied["totals"]["created"], names.len(), "{copied}");
    let twins = api.ask(&format!(
        "select count(*) from (select name from public.equipment where warehouse_id = '{}' group by name having count(*) = 2) t",
        site.warehouse
    ));
    assert_eq!(twins, names.len().to_string());
}
