//! Reading queue messages, each for itself: one bad body must not fail its batch.

use serde::de::DeserializeOwned;
use serde_json::Value;
use worker::{RawMessage, js_sys};

/// A message's body as JSON. A body that is no JSON becomes null.
#[must_use]
pub fn body(message: &RawMessage) -> Value {
    js_sys::JSON::stringify(&message.body())
        .ok()
        .and_then(|text| text.as_string())
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// A message's body as a value of this type.
///
/// # Errors
/// The reason why it is not, in words.
pub fn decode<T: DeserializeOwned>(body: &Value) -> Result<T, String> {
    T::deserialize(body).map_err(|error| error.to_string())
}
