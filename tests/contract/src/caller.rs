//! Someone who asks the gateway, through the store or past it.

use crate::transport::{Cut, NativeTransport, client};
use anyhow::{Context, Result};
use millwright_store::{Gateway, GatewaySession, Transport};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Request};
use serde_json::Value;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Long enough for a busy machine: a test that runs into it has failed.
const DEADLINE: Duration = Duration::from_mins(1);

/// Whoever a token names, or nobody.
///
/// Has a runtime of its own, so that tests are plain functions and may use the blocking SQL session, too.
pub struct Caller {
    runtime: Runtime,
    gateway: Gateway<NativeTransport>,
    // Past the store: what a client could send that our own code never does.
    raw: NativeTransport,
    builder: Client,
    url: String,
    token: Option<String>,
}

/// The gateway's answer to a request that goes past the store.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// Null when the body is empty or no JSON.
    pub body: Value,
}

impl Caller {
    /// Asks the gateway at `url` with this token; without one, as a stranger.
    ///
    /// # Errors
    /// If no runtime or client can be made.
    pub fn new(url: &str, token: Option<String>) -> Result<Self> {
        Self::with_deadline(url, token, DEADLINE)
    }

    /// The same, with less patience.
    ///
    /// # Errors
    /// If no runtime or client can be made.
    pub fn with_deadline(url: &str, token: Option<String>, deadline: Duration) -> Result<Self> {
        Self::made(url, token, deadline, None)
    }

    /// The same, until it is cut off.
    ///
    /// # Errors
    /// If no runtime or client can be made.
    pub fn with_cut(url: &str, token: Option<String>, cut: Cut) -> Result<Self> {
        Self::made(url, token, DEADLINE, Some(cut))
    }

    fn made(url: &str, token: Option<String>, deadline: Duration, cut: Option<Cut>) -> Result<Self> {
        Ok(Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            gateway: Gateway::new(NativeTransport::new(deadline)?.with(cut), url, None),
            raw: NativeTransport::new(deadline)?,
            builder: client().build()?,
            url: url.to_owned(),
            token,
        })
    }

    /// Puts one question through the store: `caller.ask(async |session| health(&session).await)`.
    pub fn ask<R>(&self, question: impl AsyncFnOnce(GatewaySession<'_, NativeTransport>) -> R) -> R {
        let session = self.gateway.session(self.token.as_deref().unwrap_or_default());
        self.runtime.block_on(question(session))
    }

    /// Reads `path` (a table and its filters) in the public schema.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn read(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, "public", path, None, &[])
    }

    /// Inserts a row and asks for it back.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn insert(&self, table: &str, row: &Value) -> Result<Answer> {
        self.send(Method::POST, "public", table, Some(row), &[("prefer", "return=representation")])
    }

    /// Changes the rows of `path` (a table and its filters) without asking for them back.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn change(&self, path: &str, change: &Value) -> Result<Answer> {
        self.send(Method::PATCH, "public", path, Some(change), &[])
    }

    /// Calls a function in the given schema.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn call(&self, schema: &'static str, function: &str, arguments: &Value) -> Result<Answer> {
        self.send(Method::POST, schema, &format!("rpc/{function}"), Some(arguments), &[])
    }

    /// Sends whatever one likes.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn send(
        &self,
        method: Method,
        schema: &'static str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&'static str, &'static str)],
    ) -> Result<Answer> {
        let request = self.request(method, schema, path, body, headers)?;
        self.runtime.block_on(async {
            let reply = self.raw.send(&request).await?;
            let headers = reply.body.headers().clone();
            let body = NativeTransport::read(reply.body).await?;
            Ok(Answer {
                status: reply.status,
                headers,
                body: serde_json::from_slice(&body).unwrap_or_default(),
            })
        })
    }

    fn request(
        &self,
        method: Method,
        schema: &'static str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&'static str, &'static str)],
    ) -> Result<Request> {
        let mut sent = HeaderMap::new();
        for (name, value) in [("accept-profile", schema), ("content-profile", schema)].iter().chain(headers) {
            sent.append(*name, HeaderValue::from_static(value));
        }
        if let Some(token) = &self.token {
            sent.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        }
        let mut request = self.builder.request(method, format!("{}/{path}", self.url));
        if let Some(body) = body {
            sent.insert("content-type", HeaderValue::from_static("application/json"));
            request = request.body(body.to_string());
        }
        request.headers(sent).build().with_context(|| format!("the request {path}"))
    }
}

impl Answer {
    /// The rows of a list. Empty for anything else.
    #[must_use]
    pub fn rows(&self) -> &[Value] {
        self.body.as_array().map_or(&[], Vec::as_slice)
    }

    /// A refusal's code. Empty for anything else.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// The database refused it because of who asks: by its rights, as a reference to what they do not see, or by the table of a
    /// work order's moves.
    #[must_use]
    pub fn is_not_theirs(&self) -> bool {
        matches!(self.code(), "42501" | "23503")
            || self.body.get("message").is_some_and(|message| message == "move_not_open")
    }

    /// The caller was told that this is not for them.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self.status, 401 | 403 | 404)
    }
}
