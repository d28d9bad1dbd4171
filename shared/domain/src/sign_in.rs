//! The requests to sign in, to stay signed in, and to change a password.

use serde_json::Value;

use crate::input::{FieldError, Fields};
use crate::secret::Secret;

/// The bytes that a new password may have. bcrypt reads no further than 72: a longer one would pass with a wrong end.
pub(crate) const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=72;

/// The bytes that a token may have, whoever made it.
pub(crate) const TOKEN_BYTES: std::ops::RangeInclusive<usize> = 1..=512;

/// An address and a password, as given, and the device they are given on.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The address of the account; upper and lower case are the same.
    pub email: String,
    /// Its password: 1 to 72 bytes.
    pub password: Secret,
    /// The secret that the device got when someone signed in on it before.
    pub device: Option<Secret>,
}

impl Credentials {
    /// Reads `{"email", "password", "device"?}`.
    ///
    /// # Errors
    /// Every field that is wrong, missing or unknown.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let email = fields.required_text("email", 254);
        let password = fields.required_secret("password", 1..=*PASSWORD_BYTES.end());
        let device = fields.optional_secret("device", TOKEN_BYTES);
        let all = email.zip(password).zip(device);
        fields.finish(all.map(|((email, password), device)| Self { email, password, device }))
    }
}

/// A password and the one that is to take its place.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The one that holds now: 1 to 72 bytes.
    pub current: Secret,
    /// The one that is to hold: 8 to 72 bytes.
    pub new: Secret,
}

impl PasswordChange {
    /// Reads `{"current_password", "new_password"}`.
    ///
    /// # Errors
    /// Every field that is wrong, missing or unknown.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let current = fields.required_secret("current_password", 1..=*PASSWORD_BYTES.end());
        let new = fields.required_secret("new_password", PASSWORD_BYTES);
        fields.finish(current.zip(new).map(|(current, new)| Self { current, new }))
    }
}

/// Reads `{"refresh_token"}`.
///
/// # Errors
/// Every field that is wrong, missing or unknown.
pub fn refresh_token(body: &Value) -> Result<Secret, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let token = fields.required_secret("refresh_token", TOKEN_BYTES);
    fields.finish(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_secret_is_ever_printed() {
        let credentials = json!({"email": "a@b", "password": "hush", "device": "hush"});
        let credentials = Credentials::parse(&credentials).unwrap();
        let change = json!({"current_password": "hush", "new_password": "hush hush"});
        let change = PasswordChange::parse(&change).unwrap();
        let token = refresh_token(&json!({"refresh_token": "hush"})).unwrap();
        let printed = format!("{credentials:?} {change:?} {token:?}");
        assert!(!printed.contains("hush"), "{printed}");
    }

    #[test]
    fn a_device_may_be_left_out_and_is_otherwise_a_secret() {
        let device = |device: Value| {
            Credentials::parse(&json!({"email": "a@b", "password": "x", "device": device}))
                .map(|all| all.device)
        };
        assert_eq!(device(json!("d")).unwrap(), Some(Secret::new("d".to_owned())));
        assert_eq!(device(Value::Null).unwrap(), None);
        assert_eq!(Credentials::parse(&json!({"email": "a@b", "password": "x"})).unwrap().device, None);
        for wrong in [json!(""), json!(7), json!("x".repeat(513)), json!("a\0")] {
            assert_eq!(device(wrong).unwrap_err()[0].pointer, "/device");
        }
    }

    #[test]
    fn a_new_password_has_8_to_72_bytes() {
        let change =
            |new: &str| PasswordChange::parse(&json!({"current_password": "x", "new_password": new})).is_ok();
        assert!(change(&"x".repeat(8)) && change(&"x".repeat(72)) && change("äöüß"));
        for new in ["", "1234567", &"x".repeat(73), &"ä".repeat(37), "1234567\0"] {
            assert!(!change(new), "{new:?}");
        }
    }

    #[test]
    fn an_error_names_the_field_and_not_what_was_in_it() {
        let wrong =
            PasswordChange::parse(&json!({"current_password": 7, "new_password": "hush"})).unwrap_err();
        let pointers: Vec<_> = wrong.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/current_password", "/new_password"]);
        assert!(wrong.iter().all(|error| !error.message.contains("hush")));
    }

    #[test]
    fn whatever_is_wrong_in_a_sign_in_is_named_with_its_reason() {
        let wrong = |body: Value| {
            let errors = Credentials::parse(&body).err().unwrap_or_default();
            errors.into_iter().map(|error| format!("{} {}", error.pointer, error.message)).collect::<Vec<_>>()
        };
        let mail = |email: Value| wrong(json!({"email": email, "password": "x"}));
        assert_eq!(mail(json!("a".repeat(254))), [""; 0]);
        assert_eq!(mail(json!("a".repeat(255))), ["/email must have at most 254 characters"]);
        assert_eq!(mail(json!("  ")), ["/email must not be empty"]);
        assert_eq!(mail(json!(7)), ["/email must be a text"]);
        assert_eq!(mail(json!("a@b\0")), ["/email must not contain the character U+0000"]);
        assert_eq!(mail(Value::Null), ["/email is required"]);
        assert_eq!(wrong(json!(7)), [" must be a JSON object"]);
        assert_eq!(
            wrong(json!({"email": "a@b", "password": "x", "col/our~": 1})),
            ["/col~1our~0 is not a field; known are: email, password, device"]
        );
        assert_eq!(
            wrong(json!({"email": "a@b", "password": "x".repeat(73)})),
            ["/password must have 1 to 72 bytes"]
        );
        let read = Credentials::parse(&json!({"email": " a@b ", "password": " x "})).unwrap();
        assert_eq!((read.email.as_str(), read.password), ("a@b", Secret::new(" x ".to_owned())));
        let token = refresh_token(&json!({"refresh_token": "t"})).unwrap();
        assert_eq!(token, Secret::new("t".to_owned()));
    }
}
