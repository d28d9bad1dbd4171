//! The JSON that is taken as it is: of a bounded size and depth, as the database says too (`private.is_json`).

use serde_json::Value;

/// The most bytes of an object or a list, as Postgres writes it.
pub(super) const MAX_BYTES: usize = 16 << 10;
/// The most levels inside of it.
pub(super) const MAX_DEPTH: usize = 8;

/// True for JSON that is stored.
pub(super) fn is_kept(value: &Value) -> bool {
    is_within(value, MAX_DEPTH) && bytes(value) <= MAX_BYTES && has_no_null_character(value)
}

fn is_within(value: &Value, depth: usize) -> bool {
    let mut inside: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(values) => Box::new(values.iter()),
        Value::Object(object) => Box::new(object.values()),
        _ => return true,
    };
    inside.all(|value| depth > 0 && is_within(value, depth - 1))
}

/// The length of its text. Postgres writes a space after each comma and colon, and a number without an exponent.
fn bytes(value: &Value) -> usize {
    match value {
        Value::Array(values) => 2 + separators(values.len()) + values.iter().map(bytes).sum::<usize>(),
        Value::Object(object) => {
            let fields = object.iter().map(|(name, value)| text(name) + 2 + bytes(value));
            2 + separators(object.len()) + fields.sum::<usize>()
        }
        Value::String(said) => text(said),
        Value::Number(number) => number.as_f64().map_or(0, |float| float.to_string().len()),
        Value::Bool(_) | Value::Null => value.to_string().len(),
    }
}

fn separators(values: usize) -> usize {
    2 * values.saturating_sub(1)
}

/// With its quotes, and what is escaped.
fn text(said: &str) -> usize {
    Value::from(said).to_string().len()
}

/// Postgres cannot store U+0000, not even inside JSON.
pub(super) fn has_no_null_character(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(values) => values.iter().all(has_no_null_character),
        Value::Object(object) => {
            object.iter().all(|(name, value)| !name.contains('\0') && has_no_null_character(value))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!(1), |inside, _| json!({"a": [], "b": inside}))
    }

    #[test]
    fn it_is_as_deep_and_as_long_as_it_may_be() {
        assert!(is_kept(&nested(MAX_DEPTH)) && !is_kept(&nested(MAX_DEPTH + 1)));
        let long = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a": ""}"#.len())});
        assert!(is_kept(&long(MAX_BYTES)) && !is_kept(&long(MAX_BYTES + 1)));
        assert!(!is_kept(&json!({"a": [{"b\0": 1}]})));
    }

    #[test]
    fn its_length_is_that_of_postgres() {
        assert_eq!(
            bytes(&json!({"a": [1, "\n", null], "b": {}})),
            r#"{"a": [1, "\n", null], "b": {}}"#.len()
        );
        assert_eq!(bytes(&json!([1e20])), 2 + 21);
    }
}
