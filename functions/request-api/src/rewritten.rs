//! A reply of the gateway with another body.

use millwright_edge::{FetchTransport, Problem};
use millwright_store::{Reply, StoreError, Transport};
use worker::web_sys;

/// The same reply, its body as `rewrite` makes it.
pub(crate) async fn rewritten(
    reply: Reply<web_sys::Response>,
    rewrite: impl FnOnce(Vec<u8>) -> Result<Vec<u8>, Problem>,
) -> Result<Reply<web_sys::Response>, Problem> {
    let headers = reply.body.headers();
    let mut body = rewrite(FetchTransport::read(reply.body).await.map_err(StoreError::from)?)?;
    let init = web_sys::ResponseInit::new();
    init.set_headers(&headers);
    let response = web_sys::Response::new_with_opt_u8_array_and_init(Some(&mut body), &init);
    let body = response.map_err(|_| Problem::internal("a body could not be made"))?;
    Ok(Reply { body, ..reply })
}
