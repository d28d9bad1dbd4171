//! Reading a form as a browser sends it: texts, and files that somebody chose.
//!
//! The runtime takes it apart. Nothing of it is read before its size is known to be allowed.

use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Array, Uint8Array};
use worker::web_sys;

use millwright_domain::input::{FieldError, pointer};

use crate::problem::Problem;
use crate::request::Request;

/// A form that was sent.
#[derive(Debug, Default)]
pub struct Form {
    /// The texts. An empty field is left out, as it would be in JSON.
    pub texts: Map<String, Value>,
    /// The files.
    pub files: Vec<FormFile>,
    /// The fields that are there twice.
    pub errors: Vec<FieldError>,
}

/// A file that came with a form.
#[derive(Debug)]
pub struct FormFile {
    /// The field that it was chosen in.
    pub field: String,
    /// Its name on the device that it comes from.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// True if a request says that it brings a form.
#[must_use]
pub fn is_form(request: &Request) -> bool {
    let announced = request.header("content-type").unwrap_or_default();
    let essence = announced.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "multipart/form-data" | "application/x-www-form-urlencoded")
}

/// Reads a form of at most `max_bytes`.
///
/// # Errors
/// 415 when it is not announced as one, 411 when its size is not, 413 when it is too large, 400 when it is none.
pub async fn read_form(request: &Request, max_bytes: u64) -> Result<Form, Problem> {
    if !is_form(request) {
        return Err(Problem::unsupported_media_type("the body must be multipart/form-data"));
    }
    let announced = request.header("content-length").and_then(|length| length.parse::<u64>().ok());
    if announced.ok_or_else(Problem::length_required)? > max_bytes {
        return Err(Problem::too_large(max_bytes));
    }
    let none = |_: JsValue| Problem::malformed("the body is not a form");
    let form = JsFuture::from(request.inner().form_data().map_err(none)?).await.map_err(none)?;
    let mut read = Form::default();
    for entry in &form.unchecked_into::<web_sys::FormData>().entries() {
        let entry: Array = entry.map_err(none)?.unchecked_into();
        let (name, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
        let is_twice = read.texts.contains_key(&name) || read.files.iter().any(|file| file.field == name);
        let is_there = read.take(&name, value).await.map_err(none)?;
        if is_twice && is_there {
            let message = "is given twice".to_owned();
            read.errors.push(FieldError { pointer: pointer(&name), message });
        }
    }
    Ok(read)
}

impl Form {
    /// Takes a field. False if it was left empty.
    async fn take(&mut self, name: &str, value: JsValue) -> Result<bool, JsValue> {
        if let Some(text) = value.as_string() {
            // A browser ends lines as HTTP does.
            let text = text.replace("\r\n", "\n");
            let is_there = !text.trim().is_empty();
            if is_there {
                self.texts.insert(name.to_owned(), text.into());
            }
            return Ok(is_there);
        }
        let file: web_sys::File = value.unchecked_into();
        let is_there = file.size() > 0.0 || !file.name().is_empty();
        if is_there {
            let bytes = JsFuture::from(file.array_buffer()).await?;
            let bytes = Uint8Array::new(&bytes).to_vec();
            self.files.push(FormFile { field: name.to_owned(), name: file.name(), bytes });
        }
        Ok(is_there)
    }
}
