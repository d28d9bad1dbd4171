//! Reading a client's JSON object field by field, so that one answer names every wrong field.
//!
//! `serde` stops at the first mistake, which makes a client find its mistakes one request at a time.

use std::ops::RangeInclusive;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::secret::Secret;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where: a JSON Pointer (RFC 6901) into the body, such as `/title`, or `?limit` for a query parameter.
    pub pointer: String,
    /// What a person has to change, in words.
    pub message: String,
}

/// A JSON object that is being read; collects what is wrong on the way.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Starts to read `body`.
    ///
    /// # Errors
    /// When it is not a JSON object.
    pub fn of(body: &'a Value) -> Result<Self, Vec<FieldError>> {
        let object = body.as_object().ok_or_else(|| {
            vec![FieldError { pointer: String::new(), message: "must be a JSON object".to_owned() }]
        })?;
        Ok(Self { object, known: Vec::new(), errors: Vec::new() })
    }

    /// Ends the reading. A field that nobody asked for is an error too: a misspelt name must not be lost silently.
    ///
    /// # Errors
    /// Everything that was wrong, if anything was.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        for name in self.object.keys() {
            if !self.known.contains(&name.as_str()) {
                self.errors.push(FieldError {
                    pointer: pointer(name),
                    message: format!("is not a field; known are: {}", self.known.join(", ")),
                });
            }
        }
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }

    /// A text that must be there, of `1..=max` characters without those around it that are white space.
    pub fn required_text(&mut self, name: &'static str, max: usize) -> Option<String> {
        let text = self.required(name, |value| text(value, max))?;
        if text.is_empty() {
            self.wrong(name, "must not be empty");
            return None;
        }
        Some(text)
    }

    /// A text of at most `max` characters; absent and null are `None`.
    pub fn optional_text(&mut self, name: &'static str, max: usize) -> Option<String> {
        self.optional(name, |value| text(value, max))
    }

    /// A secret that must be there, taken as it is, of so many bytes, none of which is zero.
    pub fn required_secret(&mut self, name: &'static str, bytes: RangeInclusive<usize>) -> Option<Secret> {
        self.required(name, |value| {
            let secret = value.as_str().ok_or("must be a text")?;
            if !bytes.contains(&secret.len()) || secret.contains('\0') {
                return Err(format!("must have {} to {} bytes", bytes.start(), bytes.end()));
            }
            Ok(Secret::new(secret.to_owned()))
        })
    }

    /// One of the words of an enum that must be there.
    pub fn required_word<T: DeserializeOwned>(&mut self, name: &'static str, words: &[&str]) -> Option<T> {
        self.required(name, |value| word(value, words))
    }

    /// One of the words of an enum; absent and null are `None`.
    pub fn optional_word<T: DeserializeOwned>(&mut self, name: &'static str, words: &[&str]) -> Option<T> {
        self.optional(name, |value| word(value, words))
    }

    /// A value of a type that is written as a string, described by `what` ("a UUID", "a time in RFC 3339").
    pub fn optional_parsed<T: DeserializeOwned>(&mut self, name: &'static str, what: &str) -> Option<T> {
        self.optional(name, |value| T::deserialize(value).map_err(|_| format!("must be {what}")))
    }

    /// A JSON object; absent and null are `None`.
    pub fn optional_object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        self.optional(name, |value| {
            value.as_object().cloned().ok_or_else(|| "must be a JSON object".to_owned())
        })
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.known.push(name);
            self.wrong(name, "is required");
            return None;
        }
        self.optional(name, read)
    }

    fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        self.known.push(name);
        let value = self.object.get(name).filter(|value| !value.is_null())?;
        read(value).map_err(|message| self.wrong(name, &message)).ok()
    }

    fn wrong(&mut self, name: &str, message: &str) {
        self.errors.push(FieldError { pointer: pointer(name), message: message.to_owned() });
    }
}

/// The JSON Pointer to a field of the top level.
#[must_use]
pub fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn text(value: &Value, max: usize) -> Result<String, String> {
    let text = value.as_str().ok_or("must be a text")?.trim();
    if text.contains('\0') {
        // Postgres cannot store it, and says so with a server error.
        return Err("must not contain the character U+0000".to_owned());
    }
    if text.chars().count() > max {
        return Err(format!("must have at most {max} characters"));
    }
    Ok(text.to_owned())
}

fn word<T: DeserializeOwned>(value: &Value, words: &[&str]) -> Result<T, String> {
    T::deserialize(value).map_err(|_| format!("must be one of: {}", words.join(", ")))
}
