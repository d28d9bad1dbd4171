//! What may be said against a figure.

use super::side::Measured;

/// Among so many more work orders, a question may take at most so many times as long.
const MOST_GROWTH: f64 = 1.5;
/// Below so many milliseconds growth does not matter: that is what the machine does meanwhile.
const FLOOR_MS: f64 = 1.0;

/// How far a question is from what it may cost: above 1 it is missed.
pub(super) fn badness(large: &Measured, small: Option<&Measured>) -> f64 {
    if large.failed.is_some() {
        return f64::INFINITY;
    }
    let of_most = large.allowance.most_ms().map_or(0.0, |most| large.ms() / most);
    of_most.max(growth_of(large, small).map_or(0.0, |growth| growth / MOST_GROWTH))
}

/// What is missed, in words.
pub(super) fn missed(large: &Measured, small: Option<&Measured>) -> Vec<String> {
    if let Some(why) = &large.failed {
        return vec![format!("no answer: {why}")];
    }
    let most = large.allowance.most_ms().filter(|most| large.ms() > *most);
    let grown = growth_of(large, small).filter(|growth| *growth > MOST_GROWTH);
    let most = most.map(|most| format!("{:.1} ms, at most {most}", large.ms()));
    let grown = grown.map(|growth| format!("grows {growth:.1} times, at most {MOST_GROWTH}"));
    most.into_iter().chain(grown).collect()
}

/// How many times as long it takes among more, where that is judged.
fn growth_of(large: &Measured, small: Option<&Measured>) -> Option<f64> {
    let small = small.filter(|small| small.failed.is_none() && !large.allowance.may_grow())?;
    Some(large.ms() / small.ms().max(FLOOR_MS))
}
