//! `cargo xtask bench api`: the request API beside a TypeScript Worker and the bare gateway, on one workerd.

use super::cpu::{self, Clock};
use super::database::Database;
use super::figures::{Figures, Phase};
use super::load::{Load, Wanted};
use super::plan::{self, Contender, Places, Route, Who};
use super::{fresh, report, same};
use crate::progress;
use anyhow::{Context, Result, bail};
use millwright_harness::client::signed_in_token;
use millwright_harness::{Profile, Project, Stack, StandIn};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The role that all requests are made as: it sees one warehouse.
const PERSON: &str = "supervisor";

/// The first requests of each, before it is measured how many make a phase: they compile what is hot.
const WARM_UP: u32 = 400;

/// The request API beside a TypeScript Worker and the bare gateway
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Seconds that each phase takes, about
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=60))]
    seconds: u16,
    /// Requests that are on their way at any time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    connections: u16,
    /// Rounds in which everything is measured; the medians are told
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    rounds: u16,
    /// Only this route: live, list, filtered, one, whole, home, create or change
    #[arg(long)]
    route: Option<String>,
    /// The folder of another built request-api (`functions/request-api/build/release` of another state), to be measured beside this one
    #[arg(long, value_name = "FOLDER")]
    before: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    fresh::build(&project)?;
    let peer = super::bundle(&project, "tests/bench/typescript/index.ts", "bench/typescript.mjs")?;

    let stand_ins = stand_ins(&project, &peer, arguments.before.as_deref())?;
    let mut stack = fresh::start(&project, fresh::workers(stand_ins)?)?;
    progress::step("seeding 5,000 work orders");
    let mut database = Database::open(&project, stack.info(), "")?;
    database.batch("seed")?;
    database.settle()?;
    let routes = routes(&stack, &mut database, arguments)?;
    progress::step("looking that all of them answer the same");
    same::check(&routes)?;
    same::check_refusals(stack.stand_ins())?;

    let figures = measure(&project, &mut stack, arguments, &routes)?;
    let about = format!(
        "{} rounds of about {} s each, {} connections",
        arguments.rounds, arguments.seconds, arguments.connections
    );
    report::print(&about, &routes, &figures);
    super::keep(&project, "api", &report::json(&about, &routes, &figures))?;
    stack.stop()?;
    Ok(ExitCode::SUCCESS)
}

fn stand_ins(project: &Project, peer: &Path, before: Option<&Path>) -> Result<Vec<StandIn>> {
    let stand_in = |name: &str, script: PathBuf| StandIn { name: format!("bench-{name}"), script };
    let own = |name: &str| project.root().join("tests/bench").join(name);
    let millwright = project.module("request-api", Profile::Release).join("index.js");
    // In the order of `Places`.
    let mut stand_ins = vec![
        stand_in("empty", own("empty.mjs")),
        stand_in("proxy", own("proxy.mjs")),
        stand_in("typescript", peer.to_owned()),
        stand_in("millwright", millwright),
    ];
    if let Some(folder) = before {
        let script = folder.join("index.js");
        stand_ins
            .push(stand_in("before", script.canonicalize().with_context(|| script.display().to_string())?));
    }
    Ok(stand_ins)
}

fn routes(stack: &Stack, database: &mut Database, arguments: &Arguments) -> Result<Vec<Route>> {
    let info = stack.info();
    let work_orders = database.texts(
        "select w.id::text from public.work_orders w join public.warehouses h on h.id = w.warehouse_id
         where h.code = 'RTM' and exists (select from public.attachments a where a.work_order_id = w.id)
         order by w.id limit 100",
    )?;
    let machines = database
        .texts("select id::text from public.equipment where asset_tag like 'RTM-BENCH-%' order by id")?;
    let places = Places::of(&info.gateway, info.api()?, stack.stand_ins())?;
    let mut routes = plan::routes(&places, &signed_in_token(info, PERSON)?, &work_orders, &machines);
    if let Some(wanted) = &arguments.route {
        routes.retain(|route| route.name == wanted);
    }
    if routes.is_empty() {
        bail!("there is no such route: live, list, filtered, one, whole, home, create or change");
    }
    Ok(routes)
}

/// Every round is every contender of every route once, so that whatever else the machine does meets all of them.
fn measure(project: &Project, stack: &mut Stack, arguments: &Arguments, routes: &[Route]) -> Result<Figures> {
    let edge = stack.edge_process().context("the stack has no functions")?;
    let workerd = Clock::of(cpu::child_called("workerd", edge)?);
    let gateway = Clock::of(stack.gateway_process());
    let mut load = Load::start(project)?;
    let mut send = |contender: &Contender, amount| {
        let base = &contender.base;
        let wanted =
            Wanted { base, requests: &contender.requests, connections: arguments.connections, amount };
        let workerd_before = workerd.milliseconds()?;
        let gateway_before = gateway.milliseconds()?;
        let answered = load.phase(&wanted).with_context(|| contender.who.label())?;
        // The workers' own requests are answered when the load's are, and what the last ones leave is not seen.
        Phase::of(
            &answered,
            workerd.milliseconds()? - workerd_before,
            gateway.milliseconds()? - gateway_before,
        )
    };

    progress::step("warming up");
    let mut amounts = Vec::new();
    for route in routes {
        for contender in &route.contenders {
            let rate = send(contender, WARM_UP)?.per_second;
            let rate = send(contender, WARM_UP.max(whole(rate)))?.per_second;
            amounts.push(WARM_UP.max(whole(rate * f64::from(arguments.seconds))));
        }
    }
    let mut figures = Figures::default();
    for round in 0..arguments.rounds {
        progress::step(&format!("round {} of {}", round + 1, arguments.rounds));
        let mut amounts = amounts.iter();
        for route in routes {
            let mut phases: Vec<(&Contender, u32)> =
                route.contenders.iter().zip(amounts.by_ref().copied()).collect();
            // Each round begins with another contender, so that none always follows the same one.
            let first = usize::from(round) % phases.len().max(1);
            phases.rotate_left(first);
            for (contender, amount) in phases {
                figures.add(route.name, contender.who, send(contender, amount)?);
            }
            stack.check()?;
        }
    }
    Ok(figures)
}

/// A rate is far below what a u32 holds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole(number: f64) -> u32 {
    number as u32
}

/// Those whose CPU time is workerd's.
pub(super) fn runs_in_workerd(who: Who) -> bool {
    who != Who::Gateway
}
