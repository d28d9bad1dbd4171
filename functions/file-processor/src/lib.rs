//! Validates, strips, thumbnails and records an upload.
//!
//! **In scope**: the queue of uploads and the queue of those that were given up; the picture code.
//!
//! **Not in scope**: which files are accepted at all (`millwright-domain`), claiming and recording (`millwright-store`).
//!
//! **Invariants**: each message is judged for itself, so one bad file never holds up the others of its batch. An upload
//! is ours under a lease and finished with its attempt number; the same event twice changes nothing. What is served has
//! no metadata. What an attempt writes to the bucket it writes under fixed keys, so a repeated attempt overwrites.

mod config;
mod event_message;
mod given_up_queue;
pub mod picture;
mod process;
mod uploads_queue;

use millwright_edge::job::{self, Firing};
use millwright_edge::{clock, live, log};
use serde_json::Value;
use worker::{Context, Env, MessageBatch, Request, Response, Result, event};

use crate::config::Config;

const FUNCTION: &str = "file-processor";

#[event(start)]
fn start() {
    millwright_edge::start();
}

#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    live::answer(FUNCTION)
}

#[event(queue)]
async fn queue(batch: MessageBatch<Value>, env: Env, _context: Context) -> Result<()> {
    let config = match Config::read(&env) {
        Ok(config) => config,
        Err(error) => {
            log::config_error(FUNCTION, &error);
            batch.retry_all();
            return Ok(());
        }
    };
    let firing = Firing { function: FUNCTION, trigger: batch.queue(), scheduled_for: clock::now() };
    let recorded = job::run(&config.background, &firing, async |run| {
        if firing.trigger == config.dead_letter_queue {
            given_up_queue::work(run, &batch).await
        } else {
            uploads_queue::work(run, &batch, &config.bucket).await
        }
    })
    .await;
    if recorded.is_none() {
        batch.retry_all();
    }
    Ok(())
}
