//! What must be so after any number of requests: jobs come to their end, and the API serves everyone.

use millwright_domain::access::Role;
use millwright_harness::Project;
use millwright_harness::client::fire;
use millwright_harness::wrangler::{self, Function};
use millwright_stack_tests::Api;
use serde_json::Value;

/// Firings of a job until nothing is left to do, at the most.
const FIRINGS: usize = 20;

/// Says what is not so.
pub(crate) fn all_is_served(api: &Api) -> Result<(), String> {
    for (function, cron) in jobs() {
        let mut last = Value::Null;
        let done = (0..FIRINGS).any(|_| {
            last = fire(&api.stack, &function, Some(&cron), None)
                .ok()
                .and_then(|fired| fired.run)
                .unwrap_or_default();
            last["outcome"] == "done"
        });
        if !done {
            return Err(format!("{function} ({cron}) did not come to its end: {last}"));
        }
    }
    let description = api.get("", "/api/openapi.json").expect(200);
    for role in Role::WORDS {
        let token = api.token(role);
        for path in addresses(&description) {
            let Some(path) = filled(api, &token, &path) else { continue };
            let answer = api.get(&token, &path);
            if answer.status >= 500 {
                return Err(format!(
                    "{role} reads {path}: {} {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                ));
            }
        }
        let sync = api.post(&token, "/api/v1/sync", &serde_json::json!({"device_id": role, "mutations": []}));
        if sync.status >= 500 {
            return Err(format!("{role} syncs: {}", sync.json()));
        }
    }
    Ok(())
}

/// Every job, by its function and cron. The sender is the last one: it sends what the others say.
fn jobs() -> Vec<(String, String)> {
    let mut functions = wrangler::functions(&Project::here()).expect("wrangler.toml");
    functions.sort_by_key(|function| !function.consumes.is_empty());
    let of = |function: Function| function.crons.into_iter().map(move |cron| (function.name.clone(), cron));
    functions.into_iter().flat_map(of).collect()
}

/// Everything that is read.
fn addresses(description: &Value) -> Vec<String> {
    let paths = description["paths"].as_object().expect("paths");
    paths.iter().filter(|(_, path)| path.get("get").is_some()).map(|(path, _)| path.clone()).collect()
}

/// With the id of the newest row of the list before it.
fn filled(api: &Api, token: &str, path: &str) -> Option<String> {
    let Some((list, rest)) = path.split_once("/{") else {
        return Some(path.to_owned());
    };
    let rest = rest.split_once('}').map(|(_, rest)| rest)?;
    let rows = api.get(token, list).json();
    let id = rows.get(0)?["id"].as_str()?;
    filled(api, token, &format!("{list}/{id}{rest}"))
}
