//! The port for carrying requests to the gateway.

use std::future::Future;

/// Carries one request and brings its answer. Must have a deadline of its own.
pub trait Transport {
    /// An answer's body that has not been read: it can be handed on to a client as it is.
    type Body;

    /// Sends a request.
    fn send(
        &self,
        request: &reqwest::Request,
    ) -> impl Future<Output = Result<Reply<Self::Body>, TransportError>>;

    /// Waits for so long before something is tried again.
    fn pause(milliseconds: u32) -> impl Future<Output = ()>;

    /// Reads a body to its end.
    fn read(body: Self::Body) -> impl Future<Output = Result<Vec<u8>, TransportError>>;
}

/// The gateway's answer, its body unread.
#[derive(Debug)]
pub struct Reply<B> {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: B,
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing came within the deadline. A write may or may not have happened.
    #[error("the gateway did not answer in time")]
    Deadline,
    /// The gateway could not be reached, or the connection broke. The text is for the log.
    #[error("the gateway cannot be reached: {0}")]
    Unreachable(String),
}
