//! Speaking to the gateway as someone.

use postgrest::{Builder, Postgrest};
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Refusal, StoreError};
use crate::transport::{Reply, Transport};

/// Asks for one object instead of a list of one; PostgREST answers 406 when there is none.
pub(crate) const ONE: Header = (ACCEPT, HeaderValue::from_static("application/vnd.pgrst.object+json"));

/// A header of a request to the gateway.
pub(crate) type Header = (HeaderName, HeaderValue);

/// The schema of what only our own functions may call.
const FUNCTIONS: &str = "functions";

/// Where the gateway is, and what carries requests there.
pub struct Gateway<T> {
    transport: T,
    tables: Postgrest,
    functions: Postgrest,
}

impl<T: Transport> Gateway<T> {
    /// `url` without a slash at its end; `apikey` is what hosted Supabase asks for beside the token.
    pub fn new(transport: T, url: &str, apikey: Option<&str>) -> Self {
        let mut tables = Postgrest::new(url);
        if let Some(apikey) = apikey.and_then(|key| HeaderValue::from_str(key).ok()) {
            tables = tables.insert_header("apikey", apikey.to_str().unwrap_or_default());
        }
        let functions = tables.clone().schema(FUNCTIONS);
        Self { transport, tables, functions }
    }

    /// Everything asked through the session is asked with this token, and so judged as its bearer.
    pub fn session<'a>(&'a self, token: &'a str) -> Session<'a, T> {
        Session { gateway: self, token }
    }
}

/// The gateway, asked with one token.
pub struct Session<'a, T> {
    gateway: &'a Gateway<T>,
    token: &'a str,
}

impl<T: Transport> Session<'_, T> {
    /// A request on a table or view of the public schema.
    pub(crate) fn table(&self, name: &str) -> Builder {
        self.gateway.tables.from(name)
    }

    /// Calls one of our own functions in the database and decodes what it returns.
    pub(crate) async fn call<R: DeserializeOwned>(
        &self,
        function: &str,
        parameters: &impl Serialize,
    ) -> Result<R, StoreError> {
        let parameters = serde_json::to_string(parameters)
            .map_err(|error| StoreError::Disagreement(format!("{function}: {error}")))?;
        let reply = self.send(self.gateway.functions.rpc(function, parameters), &[]).await?;
        let body = T::read(reply.body).await?;
        serde_json::from_slice(&body)
            .map_err(|error| StoreError::Disagreement(format!("{function}: {error}")))
    }

    /// Sends a request; anything but success becomes an error.
    ///
    /// `headers` are set last, because the crate fixes some of them (`Prefer`) itself.
    pub(crate) async fn send(
        &self,
        request: Builder,
        headers: &[Header],
    ) -> Result<Reply<T::Body>, StoreError> {
        let mut request = request
            .auth(self.token)
            .build()
            .build()
            .map_err(|error| StoreError::Disagreement(error.to_string()))?;
        for (name, value) in headers {
            request.headers_mut().insert(name, value.clone());
        }
        let reply = self.gateway.transport.send(request).await?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        let body = T::read(reply.body).await?;
        // What stands between us and the gateway may answer with a page of its own.
        let refusal = serde_json::from_slice(&body).unwrap_or_else(|_| Refusal {
            message: String::from_utf8_lossy(&body).chars().take(200).collect(),
            ..Refusal::default()
        });
        Err(StoreError::Refused { status: reply.status, refusal })
    }

    /// Like [`Self::send`], and decodes the body.
    pub(crate) async fn fetch<R: DeserializeOwned>(&self, request: Builder) -> Result<R, StoreError> {
        let reply = self.send(request, &[]).await?;
        let body = T::read(reply.body).await?;
        serde_json::from_slice(&body).map_err(|error| StoreError::Disagreement(error.to_string()))
    }
}

/// Turns PostgREST's "not exactly one row" into nothing.
pub(crate) fn found<B>(reply: Result<Reply<B>, StoreError>) -> Result<Option<Reply<B>>, StoreError> {
    match reply {
        Err(error) if error.code() == "PGRST116" => Ok(None),
        other => other.map(Some),
    }
}
