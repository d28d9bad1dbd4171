//! Everything a client calls.
//!
//! **In scope**: the HTTP API under `/api`, and the pages that labels lead to, under `/s`: the endpoints, what each reads from
//! a request, its answer and its description. Each module declares its endpoints (`endpoint`); the table of all of them
//! (`endpoints`) routes requests (`serve`) and makes the OpenAPI document (`openapi`), which the build writes to a file.
//!
//! **Not in scope**: what is right (`millwright-domain`), who may do what (row level security, in the database), how
//! answers look (`millwright-edge`).
//!
//! **Invariants**: a list, a read or a plain write is one round trip to the gateway, and nothing a client calls is more
//! than two. The gateway is asked with the caller's own token. Every answer that is not a success is a problem
//! document, and nothing was changed.

mod api_tokens;
mod app;
mod attachments;
mod audit;
mod auth;
mod call;
mod config;
mod docs;
mod endpoint;
mod endpoints;
mod escalations;
mod export;
mod function;
mod health;
mod home;
mod idempotency;
mod import;
mod labels;
mod machines;
mod moves;
mod openapi;
mod paging;
mod pasted;
mod picture_address;
mod pictures;
mod preventive;
mod reorders;
mod reports;
mod resources;
mod reviews;
mod rewritten;
mod scan;
mod search;
mod serve;
mod sign_in;
mod stored;
mod sync;

use worker::{Context, Env, Result, event, web_sys};

/// The OpenAPI document, as JSON. It is written when the module is built, and served as a file beside it.
#[must_use]
pub fn openapi_document() -> String {
    endpoints::document().to_string()
}

#[event(start)]
fn start() {
    millwright_edge::start();
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    serve::serve(request.into(), env, context).await
}
