//! The store's port, natively.

use anyhow::Result;
use millwright_store::{Reply, Transport, TransportError};
use reqwest::{Client, ClientBuilder, Request, Response};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A connection that has rested longer may be closed by the gateway while the next request is on its way.
const MAX_IDLE: Duration = Duration::from_secs(5);

/// Without a proxy: one of the machine must not stand between a test and its own gateway.
pub(crate) fn client() -> ClientBuilder {
    Client::builder().no_proxy().pool_idle_timeout(MAX_IDLE)
}

static PAUSES: AtomicU32 = AtomicU32::new(0);

/// How often the store has paused before it asked again, whoever asked.
#[must_use]
pub fn pauses() -> u32 {
    PAUSES.load(Ordering::Relaxed)
}

/// Carries the store's requests over reqwest.
pub struct NativeTransport {
    client: Client,
    cut: Option<Cut>,
}

/// The point where a caller's connection breaks: for good, as if the caller had died there.
#[derive(Debug)]
pub struct Cut {
    /// So many requests get their answers.
    left: AtomicU32,
    /// True if the next one still reaches the gateway, and only its answer is lost.
    after_commit: bool,
}

impl Cut {
    /// After so many answers, before the next request is sent or after it was carried out.
    #[must_use]
    pub fn after(answers: u32, after_commit: bool) -> Self {
        Self { left: answers.into(), after_commit }
    }
}

impl NativeTransport {
    /// An answer must have come to its end within `deadline`.
    ///
    /// # Errors
    /// If reqwest cannot be set up.
    pub fn new(deadline: Duration) -> Result<Self> {
        Ok(Self { client: client().timeout(deadline).build()?, cut: None })
    }

    /// The same, until it is cut off.
    #[must_use]
    pub fn with(self, cut: Option<Cut>) -> Self {
        Self { cut, ..self }
    }
}

impl Transport for NativeTransport {
    type Body = Response;

    async fn send(&self, request: &Request) -> Result<Reply<Response>, TransportError> {
        let cut = self.cut.as_ref().filter(|cut| {
            cut.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
        });
        let broken = || Err(TransportError::Unreachable("cut off by the test".to_owned()));
        if cut.is_some_and(|cut| !cut.after_commit) {
            return broken();
        }
        let request = request.try_clone().ok_or_else(broken_body)?;
        let response = self.client.execute(request).await.map_err(classify)?;
        if cut.is_some() {
            response.bytes().await.map_err(classify)?;
            return broken();
        }
        Ok(Reply { status: response.status().as_u16(), body: response })
    }

    async fn pause(milliseconds: u32) {
        PAUSES.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
    }

    async fn read(body: Response) -> Result<Vec<u8>, TransportError> {
        body.bytes().await.map(|bytes| bytes.to_vec()).map_err(classify)
    }
}

/// The body of an answer that the store hands on unread.
///
/// # Errors
/// If it breaks off or is no JSON.
pub async fn json(reply: Reply<Response>) -> Result<Value> {
    Ok(serde_json::from_slice(&NativeTransport::read(reply.body).await?)?)
}

fn broken_body() -> TransportError {
    TransportError::Unreachable("a body that cannot be sent twice".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn classify(error: reqwest::Error) -> TransportError {
    if error.is_timeout() { TransportError::Deadline } else { TransportError::Unreachable(error.to_string()) }
}
