//! One JSON line per event. Never a secret, never a body.

use serde_json::{Value, json};
use worker::{console_error, console_log};

use crate::config::ConfigError;

/// Something that went as it should.
pub fn info(function: &str, event: &str, fields: Value) {
    console_log!("{}", line("info", function, event, fields));
}

/// Something that someone should look at.
pub fn error(function: &str, event: &str, fields: Value) {
    console_error!("{}", line("error", function, event, fields));
}

/// A background function that cannot run at all.
pub fn config_error(function: &str, problem: &ConfigError) {
    error(function, "not_configured", json!({"error": problem.to_string()}));
}

fn line(level: &str, function: &str, event: &str, fields: Value) -> Value {
    let mut line = json!({"level": level, "function": function, "event": event});
    if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
        line.extend(fields);
    }
    line
}
