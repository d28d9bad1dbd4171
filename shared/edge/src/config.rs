//! Configuration, read once per isolate, with all that is wrong reported together.

use std::str::FromStr;

use worker::{Bucket, Env};

use crate::backend::Backend;
use crate::cors::Origins;

/// Requests that a firing may make on the platform's paid plan.
const PAID_SUBREQUESTS: u32 = 10_000;

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

/// The settings that every background function has.
pub struct Background {
    /// The gateway.
    pub backend: Backend,
    /// Seconds that a firing may take.
    pub wall_budget_seconds: u32,
    /// Requests that a firing may make: as many as the platform's plan allows.
    pub subrequest_limit: u32,
}

/// Reads a configuration. All variables that `build` asks for and that are missing or cannot be read are reported together;
/// `build` answers with `None` if it cannot go on without one.
///
/// # Errors
/// Everything that was wrong, if anything was.
pub fn read<T>(env: &Env, build: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Result<T, ConfigError> {
    let mut reader = Reader { env, problems: Vec::new() };
    let config = build(&mut reader);
    config.filter(|_| reader.problems.is_empty()).ok_or(ConfigError(reader.problems))
}

impl Reader<'_> {
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

    /// One of some words; the first, if the variable is not set.
    pub fn choice<const N: usize>(&mut self, name: &str, words: [&'static str; N]) -> &'static str {
        let said = self.optional(name);
        let found = words.iter().find(|word| said.as_deref().is_none_or(|said| said == **word)).copied();
        found.unwrap_or_else(|| {
            self.wrong(format!("{name} must be one of: {}", words.join(", ")));
            ""
        })
    }

    /// The address, without a slash at its end, of someone who is trusted or told secrets: `https`, and `http` only in
    /// development.
    pub fn address(&mut self, name: &str) -> String {
        let address = self.text(name);
        let development = self.is_development();
        let schemes: &[&str] = if development { &["https", "http"] } else { &["https"] };
        let is_one = address.split_once("://").is_some_and(|(scheme, _)| schemes.contains(&scheme));
        if !is_one && !address.is_empty() {
            self.wrong(format!("{name} must be an https address"));
        }
        address.trim_end_matches('/').to_owned()
    }

    /// The origins whose pages may read our answers; in development also those of the developer's own machine.
    pub fn origins(&mut self, name: &str) -> Origins {
        let list = self.optional(name).unwrap_or_default();
        Origins::parse(&list, self.is_development()).unwrap_or_else(|entry| {
            self.wrong(format!(
                "{name} has `{entry}`, which is neither an origin (https://app.example.com) nor all below a domain \
                 (https://*.example.com)"
            ));
            Origins::default()
        })
    }

    fn is_development(&self) -> bool {
        self.optional("TIER").as_deref() == Some("development")
    }

    /// Notes what is wrong with the configuration. Name variables, never their values.
    pub fn wrong(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// A number, or another value that is written as a text, that must be set.
    pub fn parsed<T: FromStr + Default>(&mut self, name: &str) -> T {
        self.text(name).parse().unwrap_or_else(|_| {
            self.problems.push(format!("{name} cannot be read"));
            T::default()
        })
    }

    /// A number that may be left out.
    fn number_or(&mut self, name: &str, usual: u32) -> u32 {
        let Some(text) = self.optional(name) else { return usual };
        text.parse().unwrap_or_else(|_| {
            self.wrong(format!("{name} cannot be read"));
            usual
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

    /// A bucket that must be bound.
    pub fn bucket(&mut self, name: &str) -> Option<Bucket> {
        let bucket = self.env.bucket(name).ok();
        if bucket.is_none() {
            self.problems.push(format!("{name} is not bound to a bucket"));
        }
        bucket
    }

    /// The settings that every background function has.
    pub fn background(&mut self) -> Background {
        Background {
            backend: self.backend(),
            wall_budget_seconds: self.parsed("WALL_BUDGET_SECONDS"),
            subrequest_limit: self.number_or("SUBREQUEST_LIMIT", PAID_SUBREQUESTS),
        }
    }

    fn check_header(&mut self, name: &str, value: &str) {
        if !value.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
            self.problems.push(format!("{name} has characters that no header may have"));
        }
    }
}
