//! Reading the fields of a small JSON object that is no resource (such as a sign-in), so that one answer names every
//! wrong field. Resources are read by their declarations.

use std::ops::RangeInclusive;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::secret::Secret;

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The place: a JSON Pointer (RFC 6901) into the body, such as `/title`, or `?limit` for a query parameter.
    pub pointer: String,
    /// The change that a person has to make, in words.
    pub message: String,
}

impl FieldError {
    /// Of a field of the body's top level.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer(name), message: message.into() }
    }

    /// Of a parameter of the query.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self { pointer: format!("?{name}"), message: message.into() }
    }

    /// Of the body as a whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { pointer: String::new(), message: message.into() }
    }
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
    /// If it is not a JSON object.
    pub fn of(body: &'a Value) -> Result<Self, Vec<FieldError>> {
        let object = body.as_object().ok_or_else(|| vec![FieldError::whole("must be a JSON object")])?;
        Ok(Self { object, known: Vec::new(), errors: Vec::new() })
    }

    /// Ends the reading. A field that nobody asked for is an error too: a misspelt name must not be lost silently.
    ///
    /// # Errors
    /// Everything that was wrong, if anything was.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        for name in self.object.keys() {
            if !self.known.contains(&name.as_str()) {
                let message = format!("is not a field; known are: {}", self.known.join(", "));
                self.errors.push(FieldError::field(name, message));
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

    /// The same, if it is there.
    pub fn optional_secret(
        &mut self,
        name: &'static str,
        bytes: RangeInclusive<usize>,
    ) -> Option<Option<Secret>> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.known.push(name);
            return Some(None);
        }
        self.required_secret(name, bytes).map(Some)
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        self.known.push(name);
        let value = self.object.get(name).filter(|value| !value.is_null());
        let read = value.map_or_else(|| Err("is required".to_owned()), read);
        read.map_err(|message| self.wrong(name, &message)).ok()
    }

    fn wrong(&mut self, name: &str, message: &str) {
        self.errors.push(FieldError::field(name, message));
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
