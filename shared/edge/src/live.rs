//! The answer that says that a function runs, and in which version.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use worker::Response;

/// A function that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Always `live`.
    pub status: Cow<'static, str>,
    /// Its name.
    pub function: Cow<'static, str>,
    /// The version it was built from.
    pub version: Cow<'static, str>,
}

impl Live {
    /// The function that was built from this code.
    #[must_use]
    pub fn of(function: &'static str) -> Self {
        Self {
            status: Cow::Borrowed("live"),
            function: Cow::Borrowed(function),
            version: Cow::Borrowed(env!("CARGO_PKG_VERSION")),
        }
    }
}

/// Answers with it. Reached over a service binding only: these functions have no public address.
///
/// # Errors
/// If the runtime refuses, which does not happen.
pub fn answer(function: &'static str) -> worker::Result<Response> {
    Response::from_json(&Live::of(function))
}
