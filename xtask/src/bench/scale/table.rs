//! The figures for people: how each list and each person fare, and all that is missed, the worst first.

use super::FEWER;
use super::told::{Figure, Told};
use std::collections::BTreeMap;

/// Questions that are named although none of them is missed.
const SHOWN: usize = 20;

pub(super) fn print(told: &Told) {
    println!(
        "\n{} questions among {} work orders, beside {}",
        told.figures.len(),
        told.work_orders,
        told.work_orders / FEWER
    );
    by_list(told);
    println!(
        "\nThe worst. Milliseconds in the database and through the API, among all and among few; pages of 8 kB."
    );
    println!("  {:>9} {:>9} {:>9} {:>9} {:>9}", "database", "few", "API", "few", "pages");
    let missed = told.missed().count();
    for figure in told.figures.iter().take(missed.max(SHOWN)) {
        line(figure);
    }
    println!("\n{missed} of {} are missed", told.figures.len());
}

/// Prints by list the number of missed questions, of all questions, and the time of the worst one.
fn by_list(told: &Told) {
    let mut lists: BTreeMap<&str, (usize, usize, f64)> = BTreeMap::new();
    for figure in &told.figures {
        let list = figure.question.split(['?', ',']).next().unwrap_or_default();
        let (missed, all, worst) = lists.entry(list).or_default();
        *missed += usize::from(!figure.missed.is_empty());
        *all += 1;
        *worst = worst.max(figure.large.ms());
    }
    println!("  {:<40} {:>7} {:>7} {:>12}", "", "missed", "of", "worst, ms");
    for (list, (missed, all, worst)) in lists {
        println!("  {list:<40} {missed:>7} {all:>7} {worst:>12.1}");
    }
}

fn line(figure: &Figure) {
    let ms = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1}"));
    let small = figure.small;
    println!(
        "  {:>9.1} {:>9} {:>9} {:>9} {:>9.0}  {} {}",
        figure.large.ms(),
        ms(small.map(|(ms, _)| ms)),
        ms(figure.large.api_ms),
        ms(small.and_then(|(_, ms)| ms)),
        figure.large.pages(),
        figure.who,
        figure.question,
    );
    for missed in &figure.missed {
        println!("      MISSED  {missed}");
    }
    if !figure.missed.is_empty() {
        println!("      {}", figure.steps());
    }
}
