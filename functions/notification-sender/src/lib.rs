//! Turns events into notifications, and delivers them.
//!
//! **In scope**: its cron and its queue, telling those concerned, handing mail to the provider.
//!
//! **Not in scope**: who is told, in which words, and when again (`millwright-domain`); claiming and recording
//! (`millwright-store`).
//!
//! **Invariants**: a nudge carries nothing, it only wakes; the work is in the database. (event, recipient, channel) is
//! unique. A delivery is ours under a lease and finished with its attempt number, and the provider gets the delivery's
//! id as idempotency key: so whatever dies, and whenever, each message is delivered once.

mod config;
mod deliver;
mod expand;
mod mail;

use millwright_edge::job::{self, Firing, Run};
use millwright_edge::{clock, live, log};
use millwright_store::StoreError;
use millwright_store::jobs::RunEnd;
use serde_json::Value;
use worker::{Context, Env, MessageBatch, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

use crate::config::Config;

const FUNCTION: &str = "notification-sender";

#[event(start)]
fn start() {
    millwright_edge::start();
}

#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    live::answer(FUNCTION)
}

#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    send(&env, Firing::of(FUNCTION, &event)).await;
}

#[event(queue)]
async fn queue(batch: MessageBatch<Value>, env: Env, _context: Context) -> Result<()> {
    send(&env, Firing { function: FUNCTION, trigger: batch.queue(), scheduled_for: clock::now() }).await;
    // Acknowledged even when it failed: what is left is in the database, and the cron comes within five minutes.
    batch.ack_all();
    Ok(())
}

async fn send(env: &Env, firing: Firing) {
    let config = match Config::read(env) {
        Ok(config) => config,
        Err(error) => return log::config_error(FUNCTION, &error),
    };
    job::run(&config.background, &firing, async |run| work(run, &config).await).await;
}

async fn work(run: &mut Run<'_>, config: &Config) -> std::result::Result<RunEnd, StoreError> {
    match expand::work(run).await? {
        RunEnd::Done => deliver::work(run, &config.mail).await,
        unfinished => Ok(unfinished),
    }
}
