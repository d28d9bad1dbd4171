//! The JSON that is taken as it is: of a bounded size and depth, as the database says too (`private.is_json`).

use serde_json::Value;

/// The most bytes of an object or a list, as Postgres writes it.
pub(super) const MAX_BYTES: usize = 16 << 10;
/// The most levels inside of it.
pub(super) const MAX_DEPTH: usize = 8;

/// True for JSON that is stored.
pub(super) fn is_kept(value: &Value) -> bool {
    is_within(value, MAX_DEPTH)
        && bytes(value) <= MAX_BYTES
        && has_no_null_character(value)
        && has_finite_numbers(value)
}

/// Where numbers are floats, one that is larger than any of them would be infinite.
fn has_finite_numbers(value: &Value) -> bool {
    every(value, |value| value.as_number().is_none_or(|number| number.as_f64().is_some_and(f64::is_finite)))
}

/// True if it holds for a value and for all that are inside of it.
fn every(value: &Value, holds: fn(&Value) -> bool) -> bool {
    holds(value)
        && match value {
            Value::Array(values) => values.iter().all(|value| every(value, holds)),
            Value::Object(object) => object.values().all(|value| every(value, holds)),
            _ => true,
        }
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
        Value::Number(number) => digits(number.as_str()),
        Value::Bool(_) | Value::Null => value.to_string().len(),
    }
}

/// The length of a number without its exponent: `1.50e3` is as long as `1500`. Numbers are taken and stored as they were
/// written, so nine characters could say as many digits as they like.
fn digits(number: &str) -> usize {
    let (factor, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    // Beyond that, it is longer than anything that is taken.
    let exponent: i64 = exponent.parse().map_or(i64::from(u32::MAX), |exponent: i32| exponent.into());
    let unsigned = factor.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let count = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let zeros = whole.chars().chain(fraction.chars()).take_while(|digit| *digit == '0').count();
    let before = (count(whole) + exponent).saturating_sub_unsigned(zeros as u64).max(1);
    let after = (count(fraction) - exponent).max(0);
    let point = i64::from(after > 0);
    (factor.len() - unsigned.len())
        .saturating_add(usize::try_from(before + point + after).unwrap_or(usize::MAX))
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
    every(value, |value| match value {
        Value::String(text) => !text.contains('\0'),
        Value::Object(object) => !object.keys().any(|name| name.contains('\0')),
        _ => true,
    })
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
        for (number, written) in [
            ("1e20", "100000000000000000000"),
            ("-1.50e3", "-1500"),
            ("1.5e-3", "0.0015"),
            ("0.00012e5", "12"),
            ("0.00012e3", "0.12"),
            ("0.0", "0.0"),
            ("123456789.123456789", "123456789.123456789"),
        ] {
            assert_eq!(digits(number), written.len(), "{number}");
        }
        for number in ["1e400", "-1e309", "1e-16384", "1e99999999999", "-1e-99999999999"] {
            assert!(!is_kept(&serde_json::from_str(&format!("{{\"a\": {number}}}")).unwrap()), "{number}");
        }
    }
}
