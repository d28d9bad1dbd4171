//! What must be so after any number of requests: jobs come to their end, and the API serves everyone.

use millwright_harness::client::fire;
use millwright_stack_tests::Api;
use serde_json::Value;

/// Firings of a job until nothing is left to do, at the most.
const FIRINGS: usize = 20;

/// Every job, by its function and cron.
const JOBS: [(&str, &str); 5] = [
    ("pm-scheduler", "0 2 * * *"),
    ("pm-scheduler", "30 2 * * *"),
    ("escalation-checker", "0 */6 * * *"),
    ("escalation-checker", "*/10 * * * *"),
    ("notification-sender", "*/5 * * * *"),
];
/// Everyone who is served; managers see all that was written.
const SERVED: [&str; 7] =
    ["technician", "supervisor", "inventory_clerk", "contractor", "requester", "manager", "admin"];

/// Says what is not so.
pub(crate) fn all_is_served(api: &Api) -> Result<(), String> {
    for (function, cron) in JOBS {
        let mut last = Value::Null;
        let done = (0..FIRINGS).any(|_| {
            last = fire(&api.stack, function, Some(cron), None)
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
    for role in SERVED {
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
