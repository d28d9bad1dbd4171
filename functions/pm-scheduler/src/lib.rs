//! Generates preventive work orders, and archives those that ended long ago.
//!
//! **In scope**: its two crons, and the steps of each firing.
//!
//! **Not in scope**: which occurrences are due (`millwright-domain`), writing them (`millwright-store`, one transaction
//! a batch).
//!
//! **Invariants**: the scheduled time is "now" for every decision. A firing may come twice, early, late or be cut off
//! anywhere: an occurrence is decided once, because its key in the database is unique, and a plan made from a row that
//! has changed since changes nothing. So no lease is needed.

mod archive_cron;
mod config;
mod generate_cron;

use millwright_edge::job::{self, Firing};
use millwright_edge::{live, log, nudge_sender};
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

use crate::config::Config;

const FUNCTION: &str = "pm-scheduler";

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
    let config = match Config::read(&env) {
        Ok(config) => config,
        Err(error) => return log::config_error(FUNCTION, &error),
    };
    let firing = Firing::of(FUNCTION, &event);
    if firing.trigger == config.archive_cron {
        job::run(&config.background, &firing, archive_cron::work).await;
    } else {
        job::run(&config.background, &firing, generate_cron::work).await;
        nudge_sender(&env, FUNCTION).await;
    }
}
