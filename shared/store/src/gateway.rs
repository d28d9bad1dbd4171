//! Speaking to the gateway as someone.

use std::cell::Cell;

use postgrest::{Builder, Postgrest};
use reqwest::Request;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{GatewayRefusal, StoreError};
use crate::transport::{Reply, Transport};

/// Asks for one object instead of a list of one; PostgREST answers 406 when there is none.
pub(crate) const ONE: Header = (ACCEPT, HeaderValue::from_static("application/vnd.pgrst.object+json"));

/// A header of a request to the gateway.
pub(crate) type Header = (HeaderName, HeaderValue);

/// Names the client's request that one to the gateway is made for.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Milliseconds to wait, each time that the database has no place for one more request of the same person: a page that asks
/// for much at once is served a little later. After the last one they are told.
const PAUSES: [u32; 12] = [50, 100, 200, 400, 400, 400, 400, 400, 400, 400, 400, 400];

/// The schema of what only our own functions may call.
const FUNCTIONS: &str = "functions";

/// The gateway's address, and the transport to it.
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

    /// A session that asks everything with this token, and so is judged as its bearer.
    pub fn session<'a>(&'a self, token: &'a str) -> GatewaySession<'a, T> {
        GatewaySession { gateway: self, token, request_id: None, calls: Cell::new(0) }
    }
}

/// The gateway, asked with one token.
pub struct GatewaySession<'a, T> {
    gateway: &'a Gateway<T>,
    token: &'a str,
    request_id: Option<&'a str>,
    calls: Cell<u32>,
}

impl<'a, T: Transport> GatewaySession<'a, T> {
    /// Tells the gateway which request of a client's it is asked for, so that its log can be read beside ours.
    #[must_use]
    pub fn within_request(self, id: &'a str) -> Self {
        Self { request_id: Some(id), ..self }
    }

    /// The number of requests to the gateway through this session, failed ones too.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// A request on a table or view of the public schema.
    pub(crate) fn table(&self, name: &str) -> Builder {
        self.gateway.tables.from(name)
    }

    /// A call of a function that clients may call too, to be asked for columns.
    pub(crate) fn client_function(&self, name: &str, parameters: &str) -> Builder {
        self.gateway.tables.rpc(name, parameters)
    }

    /// Calls one of our own functions in the database and decodes what it returns.
    pub(crate) async fn call<R: DeserializeOwned>(
        &self,
        function: &str,
        parameters: &impl Serialize,
    ) -> Result<R, StoreError> {
        let request = self.gateway.functions.rpc(function, written(parameters)?);
        self.decoded(self.send(request, &[]).await?).await
    }

    /// Calls a function that clients may call too, with their own rights, and decodes what it returns.
    pub(crate) async fn call_as_client<R: DeserializeOwned>(
        &self,
        function: &str,
        parameters: &impl Serialize,
        headers: &[Header],
    ) -> Result<R, StoreError> {
        let request = self.gateway.tables.rpc(function, written(parameters)?);
        self.decoded(self.send(request, headers).await?).await
    }

    /// The same, and hands on unread what it returns.
    pub(crate) async fn ask_as_client(
        &self,
        function: &str,
        parameters: &impl Serialize,
        headers: &[Header],
    ) -> Result<Reply<T::Body>, StoreError> {
        self.send(self.gateway.tables.rpc(function, written(parameters)?), headers).await
    }

    /// Sends a request; anything but success becomes an error. Nothing was done where there was no place for it, so it is sent
    /// again.
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
        if let Some(id) = self.request_id.and_then(|id| HeaderValue::from_str(id).ok()) {
            request.headers_mut().insert(REQUEST_ID, id);
        }
        for pause in PAUSES {
            match self.try_once(&request).await {
                Err(error) if error.is_for_want_of_a_place() => T::pause(pause).await,
                other => return other,
            }
        }
        self.try_once(&request).await
    }

    async fn try_once(&self, request: &Request) -> Result<Reply<T::Body>, StoreError> {
        self.calls.update(|calls| calls.saturating_add(1));
        let reply = self.gateway.transport.send(request).await?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        let body = T::read(reply.body).await?;
        // A proxy between us and the gateway may answer with a page of its own.
        let refusal = serde_json::from_slice(&body).unwrap_or_else(|_| GatewayRefusal {
            message: String::from_utf8_lossy(&body).chars().take(200).collect(),
            ..GatewayRefusal::default()
        });
        Err(StoreError::Refused { status: reply.status, refusal })
    }

    /// Like [`Self::send`], and decodes the body.
    pub(crate) async fn fetch<R: DeserializeOwned>(&self, request: Builder) -> Result<R, StoreError> {
        self.decoded(self.send(request, &[]).await?).await
    }

    /// Reads the body of a reply.
    pub(crate) async fn decoded<R: DeserializeOwned>(&self, reply: Reply<T::Body>) -> Result<R, StoreError> {
        let body = T::read(reply.body).await?;
        serde_json::from_slice(&body).map_err(|error| StoreError::Disagreement(error.to_string()))
    }
}

/// A value as the JSON that is sent.
pub(crate) fn written(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Disagreement(error.to_string()))
}

/// Turns PostgREST's "not exactly one row" into nothing.
pub(crate) fn found<B>(reply: Result<Reply<B>, StoreError>) -> Result<Option<Reply<B>>, StoreError> {
    match reply {
        Err(error) if error.code() == "PGRST116" => Ok(None),
        other => other.map(Some),
    }
}
