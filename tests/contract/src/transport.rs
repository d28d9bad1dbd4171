//! The store's port, natively.

use anyhow::Result;
use millwright_store::{Reply, Transport, TransportError};
use reqwest::{Client, Request, Response};
use serde_json::Value;
use std::time::Duration;

/// Carries the store's requests over reqwest.
pub struct NativeTransport {
    client: Client,
}

impl NativeTransport {
    /// An answer must have come to its end within `deadline`.
    ///
    /// # Errors
    /// When reqwest cannot be set up.
    pub fn new(deadline: Duration) -> Result<Self> {
        // A proxy of the machine must not stand between a test and its own gateway.
        let client = Client::builder().no_proxy().timeout(deadline).build()?;
        Ok(Self { client })
    }
}

impl Transport for NativeTransport {
    type Body = Response;

    async fn send(&self, request: Request) -> Result<Reply<Response>, TransportError> {
        let response = self.client.execute(request).await.map_err(classify)?;
        Ok(Reply { status: response.status().as_u16(), body: response })
    }

    async fn read(body: Response) -> Result<Vec<u8>, TransportError> {
        body.bytes().await.map(|bytes| bytes.to_vec()).map_err(classify)
    }
}

/// The body of an answer that the store hands on unread.
///
/// # Errors
/// When it breaks off or is no JSON.
pub async fn json(reply: Reply<Response>) -> Result<Value> {
    Ok(serde_json::from_slice(&NativeTransport::read(reply.body).await?)?)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn classify(error: reqwest::Error) -> TransportError {
    if error.is_timeout() { TransportError::Deadline } else { TransportError::Unreachable(error.to_string()) }
}
