//! The requests by which people come in and come back: a forgotten password, a link that a mail brought, a new address.

use serde_json::Value;

use crate::input::{FieldError, Fields};
use crate::secret::Secret;
use crate::sign_in::{PASSWORD_BYTES, TOKEN_BYTES};
use crate::text::is_line;
use crate::words::words;

words! {
    /// The purpose of a link.
    pub enum LinkKind in Check("links", "kind") {
        /// A first password.
        Invitation => "invitation",
        /// Another password, after one was forgotten.
        PasswordReset => "password_reset",
        /// Another address.
        EmailConfirmation => "email_confirmation",
    }

    /// The occasion of a letter.
    pub enum LetterKind in Check("letters", "kind") {
        /// Someone was let in, and has no password yet.
        Invitation => "invitation",
        /// Someone has forgotten their password.
        PasswordReset => "password_reset",
        /// Someone wants this to be their address.
        EmailConfirmation => "email_confirmation",
        /// To the former address: it is no more.
        EmailChanged => "email_changed",
        /// To whoever has it: someone wanted this address, too.
        EmailTaken => "email_taken",
    }
}

/// The longest address, in characters.
const EMAIL: usize = 254;

/// A password that is set by a link.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The token of the link.
    pub token: Secret,
    /// The password that is to hold: 8 to 72 bytes.
    pub password: Secret,
}

impl Acceptance {
    /// Reads `{"token", "password"}`.
    ///
    /// # Errors
    /// Every field that is wrong, missing or unknown.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let token = fields.required_secret("token", TOKEN_BYTES);
        let password = fields.required_secret("password", PASSWORD_BYTES);
        fields.finish(token.zip(password).map(|(token, password)| Self { token, password }))
    }
}

/// Another address for whoever asks.
#[derive(Debug, Clone)]
pub struct EmailChange {
    /// The one that is to hold, once it is confirmed.
    pub email: String,
    /// Their password: 1 to 72 bytes.
    pub password: Secret,
}

impl EmailChange {
    /// Reads `{"email", "current_password"}`.
    ///
    /// # Errors
    /// Every field that is wrong, missing or unknown.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let email = fields.required_text("email", EMAIL);
        let password = fields.required_secret("current_password", 1..=*PASSWORD_BYTES.end());
        let is_none = email.as_deref().is_some_and(|email| !is_address(email));
        match fields.finish(email.zip(password)) {
            Err(mut errors) if is_none => {
                errors.insert(0, no_address());
                Err(errors)
            }
            Ok(_) if is_none => Err(vec![no_address()]),
            read => read.map(|(email, password)| Self { email, password }),
        }
    }
}

fn no_address() -> FieldError {
    FieldError::field("email", "must be an address, such as name@example.com")
}

/// A line with something before and after its one `@`, without white space and what could make two addresses of it: whether it is
/// someone's, the link finds out.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(_, domain)| !domain.contains('@'));
    parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
        && is_line(text, EMAIL)
        && !text.contains(|c: char| c.is_whitespace() || ",;:<>()[]\\\"".contains(c))
}

/// Reads `{"email"}`: the address of someone who has forgotten their password. Any text is one, as at sign-in.
///
/// # Errors
/// Every field that is wrong, missing or unknown.
pub fn forgotten(body: &Value) -> Result<String, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let email = fields.required_text("email", EMAIL);
    fields.finish(email)
}

/// Reads `{"token"}`: that of a link.
///
/// # Errors
/// Every field that is wrong, missing or unknown.
pub fn link_token(body: &Value) -> Result<Secret, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let token = fields.required_secret("token", TOKEN_BYTES);
    fields.finish(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers<T>(read: Result<T, Vec<FieldError>>) -> Vec<String> {
        read.err().unwrap_or_default().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn a_link_sets_a_password_of_8_to_72_bytes() {
        let accept =
            |password: &str| pointers(Acceptance::parse(&json!({"token": "t", "password": password})));
        assert_eq!(accept("12345678"), [""; 0]);
        assert_eq!(accept("1234567"), ["/password"]);
        assert_eq!(accept(&"x".repeat(73)), ["/password"]);
        assert_eq!(pointers(Acceptance::parse(&json!({}))), ["/token", "/password"]);
        assert_eq!(pointers(link_token(&json!({"token": ""}))), ["/token"]);
        assert_eq!(pointers(forgotten(&json!({"mail": "a@b"}))), ["/email", "/mail"]);
    }

    #[test]
    fn a_new_address_is_one_and_is_named_with_whatever_else_is_wrong() {
        let change =
            |email: &str| pointers(EmailChange::parse(&json!({"email": email, "current_password": "x"})));
        for right in ["a@b", " Ada.L+x@example.com ", "jörg@förder.example"] {
            assert_eq!(change(right), [""; 0], "{right}");
        }
        for wrong in ["a", "@b", "a@", "a@b@c", "a b@c", "a@b\u{2028}c", "a@b\nBcc: c@d", "a@\u{1}b"] {
            assert_eq!(change(wrong), ["/email"], "{wrong:?}");
        }
        assert_eq!(pointers(EmailChange::parse(&json!({"email": "a"}))), ["/email", "/current_password"]);
    }

    #[test]
    fn no_secret_is_ever_printed() {
        let accepted = Acceptance::parse(&json!({"token": "hush", "password": "hush hush"})).unwrap();
        let changed = EmailChange::parse(&json!({"email": "a@b", "current_password": "hush"})).unwrap();
        let printed = format!("{accepted:?} {changed:?}");
        assert!(!printed.contains("hush"), "{printed}");
    }
}
