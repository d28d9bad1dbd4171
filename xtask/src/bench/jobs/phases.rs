//! The phases of a bench: seed, then rounds of a firing and its floor, then the Worker that writes row by row, then rounds among
//! many times as many stored, and at last the free plan.

use super::amounts::Amounts;
use super::bench::Bench;
use super::engine::Engine;
use super::free_plan;
use super::told::{Limits, RowByRow, Side, Told};
use crate::bench::{bundle, fresh};
use crate::progress;
use anyhow::Result;
use millwright_harness::{Project, StandIn, Workers};

/// Measures one job on a stack of its own. All phases write to the same tables, so they come one after the other.
pub(super) fn measure(project: &Project, engine: &Engine, amounts: &Amounts) -> Result<Told> {
    let source = format!("tests/bench/typescript/{}.ts", engine.folder);
    let script = bundle(project, &source, &format!("bench/{}.mjs", engine.folder))?;
    let peer = StandIn { name: format!("bench-{}", engine.folder), script };
    let workers = Workers { limited: true, ..fresh::workers(vec![peer])? };
    let mut bench = Bench::open(project, engine, amounts, fresh::start(project, workers)?)?;

    bench.store(amounts.stored - amounts.due)?;
    let mut sides = vec![side(&mut bench, amounts.stored)?];
    let row_by_row = row_by_row(&mut bench)?;
    if amounts.times > 1 {
        bench.store(amounts.stored * (amounts.times - 1))?;
        sides.push(side(&mut bench, amounts.stored * amounts.times)?);
    }
    let free_plan = (amounts.free > 0).then(|| free_plan::measure(&mut bench)).transpose()?;

    let Bench { stack, reported, .. } = bench;
    stack.stop()?;
    Ok(Told {
        function: engine.function,
        due: engine.due,
        amounts: *amounts,
        limits: Limits::of(project, engine)?,
        sides,
        row_by_row,
        free_plan,
        reported,
    })
}

/// Rounds of a firing and the statement that does the same, each with as many due.
fn side(bench: &mut Bench, stored: u32) -> Result<Side> {
    let due = bench.amounts.due;
    let mut side = Side::new(stored);
    for round in 1..=bench.amounts.rounds {
        let at = bench.make_due(due)?;
        progress::step(&format!("a firing among {stored} (round {round} of {})", bench.amounts.rounds));
        let firing = bench.fire(None, at)?;
        firing.check(due)?;
        bench.check_written(at, due)?;

        let at = bench.make_due(due)?;
        progress::step("the floor: one statement");
        let floor = bench.floor(at)?;
        bench.check_written(at, due)?;
        println!("  a firing {:.2} s, one statement {floor:.2} s", firing.seconds);
        side.add(&firing, floor);
    }
    Ok(side)
}

fn row_by_row(bench: &mut Bench) -> Result<RowByRow> {
    let sample = bench.amounts.sample;
    let at = bench.make_due(sample)?;
    progress::step("a TypeScript Worker that writes row by row");
    let seconds = bench.peer(at, sample)?;
    bench.check_written(at, sample)?;
    Ok(RowByRow { sample, seconds })
}
