//! The bounds of what may be asked of a row, and beside it.

use anyhow::Result;
use millwright_contract_tests::World;
use serde_json::{Value, json};

#[test]
fn a_column_is_told_once_and_a_statement_is_no_wider_than_a_screen() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("Europe/Amsterdam")?;
    world.work_order(warehouse, &json!({"title": "Leak", "description": "long"}))?;
    let email = world.person("supervisor", warehouse)?.email;
    let caller = world.caller(&email)?;
    let list = |parts: Vec<String>| format!("work_orders?limit=1&select={}", parts.join(","));
    let times =
        |count: usize, part: &str| (0..count).map(|n| part.replace('#', &n.to_string())).collect::<Vec<_>>();
    for (parts, refused) in [
        (times(1, "title,description,number"), false),
        (times(3, "a#:description"), false),
        (times(40, "a#:description"), true),
        (times(40, "description"), true),
        (times(40, "a#:description::text"), true),
        (times(15, "a#:custom_fields->x#"), false),
        (times(40, "a#:custom_fields->x"), true),
        (times(3, "c#:comments(body)"), false),
        (times(1, &format!("comments({})", times(40, "b#:body").join(","))), true),
        (times(100, "c#:comments(id)"), true),
    ] {
        let answer = caller.read(&list(parts.clone()))?;
        let message = answer.body.get("message").cloned().unwrap_or_default();
        assert_eq!(message == json!("too_wide"), refused, "{parts:?}: {answer:?}");
        assert_eq!(answer.status, if refused { 400 } else { 200 }, "{parts:?}: {answer:?}");
    }
    // Rows of a function are judged, too.
    let path = format!("find_work_orders?select={}", times(50, "a#:description").join(","));
    let answer = caller.call("public", &path, &json!({"q": "leak", "first": {}}))?;
    assert_eq!(answer.body.get("message"), Some(&json!("too_wide")), "{answer:?}");
    Ok(())
}

#[test]
fn a_body_has_the_bounds_that_the_api_has() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("Europe/Amsterdam")?;
    let email = world.person("supervisor", warehouse)?.email;
    let caller = world.caller(&email)?;
    let filter = json!({"column": "status", "op": "in", "values": ["new"], "or_missing": false});
    let filters = Value::Array(vec![filter; 5_000]);
    let row = json!({"entity": "work_orders", "id": warehouse, "fields": ["title"], "bases": [0]});
    let rows = Value::Array(vec![row; 501]);
    let line = json!({"line": 2, "row": {"asset_tag": "A", "name": "A", "model": "A"}});
    let lines = Value::Array(vec![line; 5_001]);
    for (function, body) in [
        ("find_work_orders", json!({"q": "leak", "first": {"filters": filters, "limit": 1}})),
        ("sync_look", json!({"p_device": warehouse, "p_mutations": [], "p_rows": rows})),
        (
            "import",
            json!({"p_resource": "equipment", "p_rows": lines, "p_lacks": [], "p_dry_run": true, "p_atomic": false}),
        ),
    ] {
        let answer = caller.call("public", function, &body)?;
        assert_eq!((answer.status, answer.code()), (400, "22023"), "{function}: {answer:?}");
    }
    Ok(())
}
