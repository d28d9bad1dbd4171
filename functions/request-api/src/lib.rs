//! Everything a client calls.
//!
//! **In scope**: the HTTP API under `/api`, and the pages that labels lead to, under `/s`: which path leads to what, what it
//! reads from a request and answers with.
//!
//! **Not in scope**: what is right (`millwright-domain`), who may do what (row level security, in the database), how
//! answers look (`millwright-edge`).
//!
//! **Invariants**: a list, a read or a plain write is one round trip to the gateway, and nothing a client calls is more
//! than two. The gateway is asked with the caller's own token. Every answer that is not a success is a problem
//! document, and nothing was changed.

mod app;
mod attachments;
mod audit;
mod auth;
mod config;
mod docs;
mod escalations;
mod health;
mod idempotency;
mod import;
mod labels;
mod machines;
mod moves;
mod openapi;
mod preventive;
mod reorders;
mod reports;
mod resources;
mod routes;
mod scan;
mod sync;

use worker::{Context, Env, Result, event, web_sys};

#[event(start)]
fn start() {
    millwright_edge::start();
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    routes::serve(request.into(), env, context).await
}
