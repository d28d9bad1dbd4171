//! schemathesis reads the API's own description and holds the API to it: with a token of each role, over every operation,
//! by every check that it has. What is configured, and why, is in `schemathesis/schemathesis.toml`.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_clients_tests::{file, python, run};
use millwright_stack_tests::Api;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// One run takes about a minute of a core.
const LIMIT: Duration = Duration::from_mins(10);

/// With the same seed a run asks the same, as far as it does not take values from earlier answers.
const SEED: &str = "20260302";

/// Whom the API is tried as value by value and method by method, which takes minutes. The others see other rows, but no other
/// rules for what a request looks like.
const THOROUGHLY: &str = "admin";

fn every_operation_as(role: &str) {
    let api = Api::open();
    let seed = std::env::var("MILLWRIGHT_SEED").unwrap_or_else(|_| SEED.to_owned());
    // It keeps its notes where it runs, and begins with what failed before: each run here is the same.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis").join(role);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    let thoroughly = role == THOROUGHLY || std::env::var_os("MILLWRIGHT_THOROUGH").is_some();
    let phases = if thoroughly { "examples,coverage,fuzzing,stateful" } else { "examples,fuzzing,stateful" };
    let address = api.stack.api().unwrap();
    let description = format!("{address}/api/openapi.json");
    // Of a machine of the demo's where strangers may report, whatever the roles before have called it.
    let label = api.ask(
        "(select e.id || ' ' || l.token from public.equipment e join public.equipment_labels l on l.equipment_id = e.id
          where e.warehouse_id = '01900000-0000-7000-8000-000000000001'
          order by e.created_at, e.id limit 1)",
    );
    let mut schemathesis = python("schemathesis");
    schemathesis
        .current_dir(&folder)
        .env("MILLWRIGHT_API", address)
        .env("MILLWRIGHT_TOKEN", api.token(role))
        .env("MILLWRIGHT_LABEL", label)
        .env("SCHEMATHESIS_HOOKS", file("schemathesis/hooks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("--config-file")
        .arg(file("schemathesis/schemathesis.toml"))
        .args(["run", &description, "--no-color", "--seed", &seed, "--phases", phases]);
    let said = run(&mut schemathesis, &folder.join("log.txt"), LIMIT);
    assert!(
        said.well,
        "{}\nWith `cargo xtask dev` and TOKEN=$(cargo xtask token --as {role}) the requests above can be sent by hand; \
         MILLWRIGHT_SEED={seed} tries the same again.",
        said.text
    );
    let operations = operations(&api);
    assert!(operations > 35, "only {operations} operations are described");
    assert!(said.text.contains(&format!("Tested: {operations}\n")), "{}", said.text);
    let me = api.get(&api.token(role), "/api/auth/me").expect(200);
    assert_eq!(me["role"], role, "the account was what it should be until the end");
}

/// The number of operations that the API describes.
fn operations(api: &Api) -> usize {
    let document = api.get("", "/api/openapi.json").expect(200);
    let paths = document["paths"].as_object().unwrap().values();
    let methods = ["get", "post", "put", "patch", "delete"];
    paths.map(|path| methods.iter().filter(|method| path.get(**method).is_some()).count()).sum()
}

#[test]
fn as_an_admin() {
    every_operation_as("admin");
}

#[test]
fn as_a_contractor() {
    every_operation_as("contractor");
}

#[test]
fn as_an_inventory_clerk() {
    every_operation_as("inventory_clerk");
}

#[test]
fn as_a_manager() {
    every_operation_as("manager");
}

#[test]
fn as_a_requester() {
    every_operation_as("requester");
}

#[test]
fn as_a_supervisor() {
    every_operation_as("supervisor");
}

#[test]
fn as_a_technician() {
    every_operation_as("technician");
}
