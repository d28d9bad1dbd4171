//! The API as a client sees it.

use millwright_harness::client::{StackInfo, token};
use serde_json::{Value, json};
use ureq::http::{HeaderMap, Method, Request};

/// The running stack.
pub struct Api {
    /// The addresses of its parts, and the secrets that a test needs.
    pub stack: StackInfo,
    agent: ureq::Agent,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header; empty when it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The path of the next page, from `Link`; none on the last one.
    #[must_use]
    pub fn next_page(&self) -> Option<String> {
        let link = self.header("link").strip_suffix(">; rel=\"next\"")?;
        link.strip_prefix('<').map(str::to_owned)
    }

    /// The body of a success.
    ///
    /// # Panics
    /// If it is another status.
    #[allow(clippy::must_use_candidate, reason = "it is called for what it checks, too")]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Checks that it is a problem document of this status and code, and answers with it.
    ///
    /// # Panics
    /// If it is not.
    #[allow(clippy::must_use_candidate, reason = "it is called for what it checks, too")]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status, body["code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body
    }
}

impl Default for Api {
    fn default() -> Self {
        Self::open()
    }
}

impl Api {
    /// The stack that `cargo xtask test stack` has started.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn open() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            // The gateway answers 300, without an address, where it knows several ways to another table.
            .max_redirects(0)
            .build();
        Self { stack: StackInfo::from_env().expect("a stack runs"), agent: config.into() }
    }

    /// A token of a demo person's role, or of an address.
    ///
    /// # Panics
    /// If there is no such person.
    #[must_use]
    pub fn token(&self, who: &str) -> String {
        token(&self.stack, who).expect("there is such a person")
    }

    /// A `GET` of a path of the API.
    #[must_use]
    pub fn get(&self, token: &str, path: &str) -> Answer {
        self.send(&Method::GET, path, &[("authorization", &bearer(token))], &[])
    }

    /// A `POST` of JSON.
    #[must_use]
    pub fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        let headers = [("authorization", &*bearer(token)), ("content-type", "application/json")];
        self.send(&Method::POST, path, &headers, body.to_string().as_bytes())
    }

    /// A `PATCH`, of the version that `if_match` names; of any, when it is empty.
    #[must_use]
    pub fn patch(&self, token: &str, path: &str, if_match: &str, body: &Value) -> Answer {
        let bearer = bearer(token);
        let headers =
            [("authorization", &*bearer), ("content-type", "application/json"), ("if-match", if_match)];
        let headers = if if_match.is_empty() { &headers[..2] } else { &headers[..] };
        self.send(&Method::PATCH, path, headers, body.to_string().as_bytes())
    }

    /// A `DELETE`.
    #[must_use]
    pub fn delete(&self, token: &str, path: &str) -> Answer {
        self.send(&Method::DELETE, path, &[("authorization", &bearer(token))], &[])
    }

    /// The path, with its query, of an address that the API has told of itself.
    ///
    /// # Panics
    /// If it is another one's.
    #[must_use]
    pub fn address<'a>(&self, told: &'a str) -> &'a str {
        let own = self.stack.api.as_deref().expect("a stack with an API");
        told.strip_prefix(own).expect("an address of the API itself")
    }

    /// A `POST` of a file to a work order.
    #[must_use]
    pub fn upload(&self, token: &str, work_order: &str, name: &str, bytes: &[u8]) -> Answer {
        let path = format!("/api/v1/work-orders/{work_order}/attachments?filename={name}");
        self.send(&Method::POST, &path, &[("authorization", &bearer(token))], bytes)
    }

    /// Any request to the API.
    ///
    /// # Panics
    /// If nothing answers.
    #[must_use]
    pub fn send(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.send_to(self.stack.api().expect("with functions"), method, path, headers, body)
    }

    /// Any request to another part of the stack.
    ///
    /// # Panics
    /// If nothing answers.
    #[must_use]
    pub fn send_to(
        &self,
        base: &str,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.try_send_to(base, method, path, headers, body).expect("a whole answer")
    }

    /// The same, for an answer that may break off.
    ///
    /// # Errors
    /// If nothing answers, or not to the end.
    pub fn try_send_to(
        &self,
        base: &str,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method.clone()).uri(format!("{base}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        // A body on a GET would be an odd request.
        let mut answer = if body.is_empty() {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body)?)?
        };
        let body = answer.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        Ok(Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
    }

    /// Signs in as a client does.
    #[must_use]
    pub fn sign_in(&self, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password}).to_string();
        self.send(&Method::POST, "/api/auth/login", &[("content-type", "application/json")], body.as_bytes())
    }

    /// Tells the database, as its owner, to do something.
    ///
    /// # Panics
    /// If it does not.
    pub fn tell(&self, statement: &str) {
        self.stack.connect().expect("the database").batch_execute(statement).expect("it is done");
    }

    /// Asks the database, as its owner, for one value in text.
    ///
    /// # Panics
    /// If it does not answer with one row.
    #[must_use]
    pub fn ask(&self, question: &str) -> String {
        let mut database = self.stack.connect().expect("the database");
        let row = database.query_one(&format!("select ({question})::text"), &[]).expect("one row");
        row.get::<_, Option<String>>(0).unwrap_or_default()
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
