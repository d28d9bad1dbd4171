//! The numbers of a JSON text that reading it would change.
//!
//! They are read as floats, and one that has more digits than a float would be stored as another one, without a word.

use crate::decimal::Decimal;
use crate::input::{FieldError, pointer};

/// An error for each number in a JSON text that is neither a whole number of 64 bits nor a float, at its place.
#[must_use]
pub fn changed_numbers(json: &[u8]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    // For each level that we are in, the field of an object, or the place in a list.
    let mut path: Vec<String> = Vec::new();
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut is_name = false;
    let mut rest = json;
    while let Some(byte) = rest.first() {
        let (token, behind) = rest.split_at(length(rest));
        match byte {
            b'{' | b'[' => {
                is_name = *byte == b'{';
                places.push((!is_name).then_some(0));
                path.push("/0".to_owned());
            }
            b'}' | b']' => {
                places.pop();
                path.pop();
            }
            b',' => match (places.last_mut(), path.last_mut()) {
                (Some(Some(place)), Some(at)) => {
                    *place += 1;
                    *at = format!("/{place}");
                }
                _ => is_name = true,
            },
            b'"' if is_name => {
                is_name = false;
                if let Some(at) = path.last_mut() {
                    *at = pointer(&serde_json::from_slice::<String>(token).unwrap_or_default());
                }
            }
            b'-' | b'0'..=b'9' if !is_kept(token) => {
                let message = "has more digits than a number here can have".to_owned();
                errors.push(FieldError { pointer: path.concat(), message });
            }
            _ => {}
        }
        rest = behind;
    }
    errors
}

/// The length of the text or number that begins here, or of the character.
fn length(json: &[u8]) -> usize {
    let mut bytes = json.iter();
    match bytes.next() {
        Some(b'"') => {
            let mut length = 1;
            while let Some(byte) = bytes.next() {
                length += 1;
                match byte {
                    b'"' => break,
                    b'\\' => length += usize::from(bytes.next().is_some()),
                    _ => {}
                }
            }
            length
        }
        Some(b'-' | b'0'..=b'9') => {
            let is_of = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
            json.iter().take_while(is_of).count()
        }
        _ => 1,
    }
}

fn is_kept(number: &[u8]) -> bool {
    // Fifteen digits are always kept, if the number is not out of all bounds.
    if number.len() <= 16 && !number.contains(&b'e') && !number.contains(&b'E') {
        return true;
    }
    let Ok(text) = str::from_utf8(number) else { return false };
    text.parse::<i64>().is_ok()
        || text.parse::<u64>().is_ok()
        || text.parse::<Decimal>().is_ok_and(|number| number.is_a_float(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(json: &str) -> Vec<String> {
        changed_numbers(json.as_bytes()).into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn a_number_that_would_be_another_one_is_named() {
        assert_eq!(changed(r#"{"a": "x", "unit_cost": 0.10000000000000000001}"#), ["/unit_cost"]);
        let deep = r#"{"custom_fields": {"a/b": ["1e-400", 12345678901234567890123, {"c": [], "d": 1e-400}]}, "e": 1}"#;
        assert_eq!(changed(deep), ["/custom_fields/a~1b/1", "/custom_fields/a~1b/2/d"]);
        assert_eq!(changed("9007199254740993.0"), [""]);
    }

    #[test]
    fn all_others_are_taken() {
        let kept = r#"{"a": [0.1, -1.5e3, 0.30000000000000004, 18446744073709551615, -9223372036854775808, 999999999.999999],
            "b\"0.10000000000000000001": "0.10000000000000000001 \\", "c": 0.0}"#;
        assert!(changed(kept).is_empty(), "{:?}", changed(kept));
        for broken in ["", "{", "]", "{\"a", "\"\\", "-", "[1,,]"] {
            changed(broken);
        }
    }
}
