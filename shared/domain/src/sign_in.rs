//! What someone says to sign in.

use serde::Serialize;
use serde_json::Value;

use crate::input::{FieldError, Fields};

/// An address and a password, as given.
#[derive(Clone, Serialize)]
pub struct Credentials {
    /// The address of the account; upper and lower case are the same.
    pub email: String,
    /// At most 72 bytes: bcrypt reads no further, and a longer one would pass with a wrong end.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("email", &self.email).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads what a client sent.
    ///
    /// # Errors
    /// Every field that is wrong, missing or unknown.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let email = fields.required_text("email", 254);
        let password = fields.required_secret("password", 72);
        fields.finish(email.zip(password).map(|(email, password)| Self { email, password }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_password_is_never_printed() {
        let given = Credentials::parse(&json!({"email": "a@b", "password": "hush"})).unwrap();
        assert!(!format!("{given:?}").contains("hush"));
    }
}
