//! Telling the figures: as a table for people, as JSON for programs.

use super::api::runs_in_workerd;
use super::figures::{Figures, Phase, Spread};
use super::plan::{Route, Who};
use serde_json::{Map, Value, json};

/// A figure, its name, and how to read it from a phase.
type Figure = (&'static str, fn(&Phase) -> f64);

const FIGURES: [Figure; 5] = [
    ("requests_per_second", |phase| phase.per_second),
    ("p50_ms", |phase| phase.p50_ms),
    ("p99_ms", |phase| phase.p99_ms),
    ("cpu_ms", |phase| phase.cpu_ms),
    ("gateway_cpu_ms", |phase| phase.gateway_cpu_ms),
];

const RATIOS: [(&str, (Who, Who)); 4] = [
    ("Millwright ÷ TypeScript", (Who::Millwright, Who::TypeScript)),
    ("Millwright ÷ before", (Who::Millwright, Who::Before)),
    ("Millwright ÷ bare gateway", (Who::Millwright, Who::Gateway)),
    ("entry worker ÷ without", (Who::Entry, Who::Millwright)),
];

const NOTES: &str = "\
Each figure is the median of the rounds, and in brackets the least and the most. A ratio is taken within each round.
CPU ms: user and system time of the whole workerd process, all threads, over the phase, through its requests. It holds
the runtime's own work, HTTP in and out, the log line and the collection of garbage; nothing is subtracted. The empty
worker and the plain proxy show how much of it no worker can save.
gw CPU ms: the same for the gateway's process, as a control: whoever asks it for the same causes the same.
Client, workerd, gateway and database share this machine, so requests/s and times are those of all of them together.
Commits do not wait for the disk, and nothing consumes the queue.";

/// Prints the tables.
pub(super) fn print(about: &str, routes: &[Route], figures: &Figures) {
    println!("\n{about}");
    for route in routes {
        println!("\n{}", route.title);
        println!(
            "  {:<32} {:>9} {:>9} {:>9} {:>9} {:>17} {:>9}",
            "", "req/s", "p50 ms", "p99 ms", "CPU ms", "(min – max)", "gw CPU ms"
        );
        for contender in &route.contenders {
            let spreads = FIGURES.map(|(_, figure)| figures.of(route.name, contender.who, figure));
            row(contender.who.label(), spreads, runs_in_workerd(contender.who), [0, 2, 2, 3, 3]);
        }
        let asks_gateway = route.contenders.iter().any(|contender| contender.who == Who::Gateway);
        for (label, pair) in RATIOS {
            let mut spreads = FIGURES.map(|(_, figure)| figures.ratio(route.name, pair, figure));
            if !asks_gateway {
                // Its own other work is no part of a ratio.
                spreads[4] = None;
            }
            if spreads[0].is_some() {
                row(label, spreads, runs_in_workerd(pair.1), [2; 5]);
            }
        }
    }
    println!("\n{NOTES}");
}

fn row(label: &str, spreads: [Option<Spread>; 5], in_workerd: bool, digits: [usize; 5]) {
    let [rate, p50, p99, cpu, gateway] = spreads;
    let [d_rate, d_p50, d_p99, d_cpu, d_gateway] = digits;
    let cpu = cpu.filter(|_| in_workerd);
    let range = cpu.map_or_else(String::new, |cpu| format!("({:.d_cpu$} – {:.d_cpu$})", cpu.min, cpu.max));
    println!(
        "  {label:<32} {:>9} {:>9} {:>9} {:>9} {range:>17} {:>9}",
        median(rate, d_rate),
        median(p50, d_p50),
        median(p99, d_p99),
        median(cpu, d_cpu),
        median(gateway, d_gateway),
    );
}

fn median(spread: Option<Spread>, digits: usize) -> String {
    spread
        .filter(|spread| spread.median.is_finite())
        .map_or_else(|| "–".to_owned(), |spread| format!("{:.digits$}", spread.median))
}

/// The same, with the spread of every figure.
pub(super) fn json(about: &str, routes: &[Route], figures: &Figures) -> Value {
    let spreads = |found: &dyn Fn(fn(&Phase) -> f64) -> Option<Spread>| -> Option<Map<String, Value>> {
        FIGURES.iter().map(|(name, figure)| Some(((*name).to_owned(), json!(found(*figure)?)))).collect()
    };
    let routes: Vec<_> = routes
        .iter()
        .map(|route| {
            let contenders: Map<_, _> = route
                .contenders
                .iter()
                .filter_map(|contender| {
                    let who = contender.who;
                    let found = spreads(&|figure| figures.of(route.name, who, figure))?;
                    Some((who.label().to_owned(), Value::Object(found)))
                })
                .collect();
            let ratios: Map<_, _> = RATIOS
                .iter()
                .filter_map(|(label, pair)| {
                    let found = spreads(&|figure| figures.ratio(route.name, *pair, figure))?;
                    Some(((*label).to_owned(), Value::Object(found)))
                })
                .collect();
            json!({"route": route.name, "title": route.title, "contenders": contenders, "ratios": ratios})
        })
        .collect();
    json!({"about": about, "notes": NOTES, "routes": routes})
}
