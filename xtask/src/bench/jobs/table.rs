//! The figures as a table for people.

use super::told::Told;

/// Prints all of it, with what each figure may be at most.
pub(super) fn print(told: &Told) {
    let amounts = &told.amounts;
    println!("\n{}: {} {}", told.function, amounts.due, told.due);
    line("", ["seconds", "a second", "÷ statement", "calls", "Wasm MB"].map(str::to_owned));
    let rate = |seconds: f64| format!("{:.0}", f64::from(amounts.due) / seconds);
    for side in &told.sides {
        let (floor, firing) = (side.floor(), side.firing());
        println!("  among {} stored", side.stored);
        line("  one statement", [format!("{floor:.2}"), rate(floor), "1.00".into(), none(), none()]);
        let (ratio, calls) = (format!("{:.2}", side.ratio()), side.calls.to_string());
        let memory = format!("{:.1}", side.memory_mb());
        line("  a firing", [format!("{firing:.2}"), rate(firing), ratio, calls, memory]);
    }
    if let Some(once) = told.sides.first() {
        let seconds = told.row_by_row.scaled(amounts.due);
        let ratio = format!("{:.1}", seconds / once.floor());
        println!("  TypeScript, scaled from {}", told.row_by_row.sample);
        line("  row by row", [format!("{seconds:.1}"), rate(seconds), ratio, none(), none()]);
    }
    let limits = &told.limits;
    let most = [limits.seconds.to_string(), none(), format!("{:.2}", limits.of_floor)];
    let [seconds, rate, ratio] = most;
    line("a firing, at most", [seconds, rate, ratio, limits.calls.to_string(), limits.memory_mb.to_string()]);

    println!();
    if let Some(growth) = told.growth() {
        let (times, most) = (amounts.times, limits.growth);
        println!("  {times} times stored: a firing takes {growth:.2} times as long (at most {most})");
    }
    if let Some(free) = &told.free_plan {
        let (firings, calls, most) = (free.firings.len(), free.most_calls(), limits.free_plan_calls);
        println!(
            "  free plan: {} due are done in {firings} firings of up to {calls} calls (at most {most}), each once",
            free.due
        );
    }
    println!("  bad ones, reported by every firing, which did all the others:");
    for problem in &told.reported {
        println!("    {}: {}", problem.subject, problem.reason);
    }
    for missed in told.missed() {
        println!("  MISSED  {}: {:.2}, at most {}", missed.name, missed.value, missed.most);
    }
}

fn line(label: &str, figures: [String; 5]) {
    let [seconds, rate, ratio, calls, memory] = figures;
    println!("  {label:<20} {seconds:>10} {rate:>10} {ratio:>12} {calls:>8} {memory:>8}");
}

fn none() -> String {
    "–".to_owned()
}
