//! One JSON line per event. Never a secret, never a body.

use serde::Serialize;
use serde_json::json;
use wasm_bindgen::JsValue;
use worker::web_sys::console;

use crate::config::ConfigError;

/// Logs an event that went as it should. `fields` must be written as an object.
pub fn info(function: &str, event: &str, fields: impl Serialize) {
    console::log_1(&JsValue::from_str(&line("info", function, event, fields)));
}

/// Logs an event that someone should look at. `fields` must be written as an object.
pub fn error(function: &str, event: &str, fields: impl Serialize) {
    console::error_1(&JsValue::from_str(&line("error", function, event, fields)));
}

/// Logs that a background function cannot run at all.
pub fn config_error(function: &str, problem: &ConfigError) {
    error(function, "not_configured", json!({"error": problem.to_string()}));
}

/// A line, which is written without making a map first.
#[derive(Serialize)]
struct Line<'a, F> {
    level: &'a str,
    function: &'a str,
    event: &'a str,
    #[serde(flatten)]
    fields: F,
}

fn line(level: &str, function: &str, event: &str, fields: impl Serialize) -> String {
    // Fields that are no object cannot be written: a defect, which the line then tells.
    serde_json::to_string(&Line { level, function, event, fields }).unwrap_or_else(|error| {
        json!({"level": "error", "function": function, "event": event, "problem": error.to_string()})
            .to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_what_every_line_has() {
        let line = line("info", "request-api", "request", json!({"status": 200}));
        assert_eq!(line, r#"{"level":"info","function":"request-api","event":"request","status":200}"#);
    }
}
