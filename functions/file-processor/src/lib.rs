//! Stub.
pub mod picture;

use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    Response::ok("{}")
}

#[event(queue)]
async fn queue(
    _batch: worker::MessageBatch<serde_json::Value>,
    _env: Env,
    _context: Context,
) -> Result<()> {
    Ok(())
}
