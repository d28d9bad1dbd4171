//! Finds work orders that nobody has moved in time, and escalates them.
//!
//! **In scope**: its two crons, the steps of a sweep, and what a sweep would do (for the API, over its binding: so the zones
//! of the world are in one module only).
//!
//! **Not in scope**: which deadline applies and what is due (`millwright-domain`), raising (`millwright-store`, one
//! transaction a batch with its events).
//!
//! **Invariants**: the scheduled time is "now" for every decision. A firing raises a work order by one level at most;
//! (work order, rule, level) is unique in the database, and a decision names the version of the work order's clock that it
//! was made on: where that has changed, it changes nothing. So a firing may come twice, early, late or be cut off anywhere.

mod config;
mod dry_run;
mod sweep_cron;

use millwright_domain::escalation::Scope;
use millwright_edge::job::{self, Firing};
use millwright_edge::{live, log, nudge_sender};
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

use crate::config::Config;

const FUNCTION: &str = "escalation-checker";

#[event(start)]
fn start() {
    millwright_edge::start();
}

#[event(fetch)]
async fn fetch(request: Request, _env: Env, _context: Context) -> Result<Response> {
    match request.path().as_str() {
        dry_run::PATH => dry_run::answer(request).await,
        _ => live::answer(FUNCTION),
    }
}

#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    let config = match Config::read(&env) {
        Ok(config) => config,
        Err(error) => return log::config_error(FUNCTION, &error),
    };
    let firing = Firing::of(FUNCTION, &event);
    let scope = if firing.trigger == config.urgent_cron { Scope::Urgent } else { Scope::Every };
    job::run(&config.background, &firing, async |run| sweep_cron::work(run, scope).await).await;
    nudge_sender(&env, FUNCTION).await;
}
