//! Secrets, which only their owner may see.

/// A password or a token. It has no `Display` and no `Serialize`, and `Debug` hides it: it goes nowhere by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that has to send or check it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_what_was_given_and_is_printed_as_one() {
        let secret = Secret::new("hush".to_owned());
        assert_eq!((secret.expose(), format!("{secret:?}")), ("hush", "(secret)".to_owned()));
    }
}
