//! The answer that says that a function runs, and in which version.

use serde::{Deserialize, Serialize};
use worker::Response;

/// A function that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Always `live`.
    pub status: String,
    /// Its name.
    pub function: String,
    /// The version it was built from.
    pub version: String,
}

impl Live {
    /// The function that was built from this code.
    #[must_use]
    pub fn of(function: &str) -> Self {
        Self {
            status: "live".to_owned(),
            function: function.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// Answers with it. Reached over a service binding only: these functions have no public address.
///
/// # Errors
/// If the runtime refuses, which does not happen.
pub fn answer(function: &str) -> worker::Result<Response> {
    Response::from_json(&Live::of(function))
}
