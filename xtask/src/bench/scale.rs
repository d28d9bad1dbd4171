//! `cargo xtask bench scale`: every question of the documented API, by every role, among very many work orders and among a
//! hundredth of them.

mod ask;
mod collection;
mod explained;
mod judge;
mod list_questions;
mod other_questions;
mod person;
mod question;
mod side;
mod stand;
mod subjects;
mod sweeps;
mod table;
mod told;

use super::fresh;
use anyhow::Result;
use millwright_harness::Project;
use std::process::ExitCode;
use told::Told;

/// The smaller company has so many times fewer work orders.
const FEWER: u32 = 100;

/// Every question of the API by every role: what the database does for it, beside the same at a hundredth of the size
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Work orders that are stored; all other things are in proportion
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    work_orders: u32,
    /// Only what this person asks: a role, technician.small, contractor.few, requester.few or background; may be said again
    #[arg(long)]
    role: Vec<String>,
    /// Only questions whose address begins so, as `work-orders?` or `equipment/{id}`; may be said again
    #[arg(long, value_name = "PATH")]
    only: Vec<String>,
    /// Every documented filter, not only the common ones
    #[arg(long)]
    all_filters: bool,
    /// Take the functions as they were built last
    #[arg(long)]
    no_build: bool,
}

impl Arguments {
    /// A list is asked as it is, too, where anything else is asked of it: that tells which table it is.
    fn is_list_asked(&self, path: &str) -> bool {
        let question = format!("{path}?");
        self.is_asked(path) || self.only.iter().any(|wanted| wanted.starts_with(&question))
    }

    fn is_asked_by(&self, who: &str) -> bool {
        self.role.is_empty() || self.role.iter().any(|wanted| wanted == who)
    }

    fn is_asked(&self, question: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| question.starts_with(wanted.as_str()))
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    if !arguments.no_build {
        fresh::build(&project)?;
    }
    let small = side::measure(&project, arguments, arguments.work_orders / FEWER)?;
    let large = side::measure(&project, arguments, arguments.work_orders)?;
    let told = Told::of(arguments.work_orders, &small, large);
    table::print(&told);
    super::keep(&project, "scale", &told.json())?;
    Ok(if told.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
