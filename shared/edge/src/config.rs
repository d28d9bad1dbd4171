//! Configuration, read once per isolate, with all that is wrong reported together.

use std::str::FromStr;

use worker::{Bucket, Env};

use crate::backend::Backend;

/// Reads variables and secrets and remembers which of them were wrong.
pub struct Reader<'a> {
    env: &'a Env,
    problems: Vec<String>,
}

/// Everything that is wrong with a configuration. Names variables, never their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the configuration is not usable: {}", self.0.join("; "))
    }
}

impl<'a> Reader<'a> {
    /// Starts to read.
    #[must_use]
    pub fn of(env: &'a Env) -> Self {
        Self { env, problems: Vec::new() }
    }

    /// A text that must be set.
    pub fn text(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// A text that may be left out; an empty one counts as left out.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        self.env.var(name).ok().map(|value| value.to_string()).filter(|value| !value.is_empty())
    }

    /// A number, or another value that is written as a text, that must be set.
    pub fn parsed<T: FromStr + Default>(&mut self, name: &str) -> T {
        self.text(name).parse().unwrap_or_else(|_| {
            self.problems.push(format!("{name} cannot be read"));
            T::default()
        })
    }

    /// A value that goes into a header: anything else would break every request.
    pub fn header_text(&mut self, name: &str) -> String {
        let text = self.text(name);
        self.check_header(name, &text);
        text
    }

    /// The gateway and this function's own token for it.
    pub fn backend(&mut self) -> Backend {
        let url = self.text("GATEWAY_URL");
        let token = self.header_text("GATEWAY_TOKEN");
        let apikey = self.optional("GATEWAY_APIKEY");
        self.check_header("GATEWAY_APIKEY", apikey.as_deref().unwrap_or_default());
        Backend::new(url.trim_end_matches('/'), apikey.as_deref(), token)
    }

    /// A bucket that must be bound. `None` is a problem that [`Self::finish`] reports.
    pub fn bucket(&mut self, name: &str) -> Option<Bucket> {
        let bucket = self.env.bucket(name).ok();
        if bucket.is_none() {
            self.problems.push(format!("{name} is not bound to a bucket"));
        }
        bucket
    }

    /// Ends the reading. Without a value there is a problem that says why.
    ///
    /// # Errors
    /// Everything that was wrong, if anything was.
    pub fn finish<T>(self, config: Option<T>) -> Result<T, ConfigError> {
        config.filter(|_| self.problems.is_empty()).ok_or(ConfigError(self.problems))
    }

    fn check_header(&mut self, name: &str, value: &str) {
        if !value.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
            self.problems.push(format!("{name} has characters that no header may have"));
        }
    }
}
