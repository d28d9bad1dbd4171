//! The plain object that the runtime's `fetch` takes as its second argument.
//!
//! It is written here as one text, which the runtime parses: a call for every header, and a new `Headers` that `fetch` only
//! copies and the runtime has to collect afterwards, cost several times as much.

use serde::{Serialize, Serializer};
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::JSON;

/// Headers by name, as an object. Holds a function that lists them.
pub(crate) struct Headers<F>(pub(crate) F);

impl<'a, F: Fn() -> I, I: Iterator<Item = (&'a str, &'a str)>> Serialize for Headers<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

/// The same as an object of the runtime.
pub(crate) fn object<T: JsCast>(init: &impl Serialize) -> Result<T, JsValue> {
    let text = serde_json::to_string(init).map_err(|error| error.to_string())?;
    Ok(JSON::parse(&text)?.unchecked_into())
}
