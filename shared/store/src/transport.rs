//! The port to whatever carries a request to the gateway.

use std::future::Future;

/// Carries one request and brings its answer. Must have a deadline of its own.
pub trait Transport {
    /// An answer's body that has not been read: it can be handed on to a client as it is.
    type Body;

    /// Sends a request.
    fn send(
        &self,
        request: reqwest::Request,
    ) -> impl Future<Output = Result<Reply<Self::Body>, TransportError>>;

    /// Reads a body to its end.
    fn read(body: Self::Body) -> impl Future<Output = Result<Vec<u8>, TransportError>>;
}

/// The gateway's answer, its body unread.
#[derive(Debug)]
pub struct Reply<B> {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Range`, such as `0-49/*`: which rows a list holds.
    pub content_range: Option<String>,
    /// The body.
    pub body: B,
}

impl<B> Reply<B> {
    /// How many rows a list holds; 0 for one that is empty.
    #[must_use]
    pub fn rows(&self) -> usize {
        let last = self
            .content_range
            .as_deref()
            .and_then(|range| range.split_once('/')?.0.split_once('-')?.1.parse().ok());
        last.map_or(0, |last: usize| last + 1)
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing came within the deadline. A write may or may not have happened.
    #[error("the gateway did not answer in time")]
    Deadline,
    /// The gateway could not be reached, or the connection broke. The text is for the log.
    #[error("the gateway cannot be reached: {0}")]
    Unreachable(String),
}

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn a_range_tells_how_many_rows_there_are() {
        let rows = |range: Option<&str>| {
            Reply { status: 200, content_range: range.map(str::to_owned), body: () }.rows()
        };
        assert_eq!([rows(Some("0-49/*")), rows(Some("0-0/1")), rows(Some("*/*")), rows(None)], [50, 1, 0, 0]);
    }
}
