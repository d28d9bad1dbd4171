//! A figure against its limits.

use super::side::Measured;

/// Among so many more work orders, a question may take at most so many times as long.
const MOST_GROWTH: f64 = 1.5;
/// Less than so many milliseconds is not counted as less: that is what the machine does meanwhile.
const FLOOR_MS: f64 = 1.0;
/// A question that takes fewer milliseconds among more work orders has not grown, however fast it is among few: nobody notices,
/// and a figure that small is as much the machine's as the question's.
const GROWN_MS: f64 = 2.0;

/// The cost of a question as a multiple of its limit: above 1 it is missed.
pub(super) fn badness(large: &Measured, small: Option<&Measured>) -> f64 {
    if large.failed.is_some() {
        return f64::INFINITY;
    }
    let of_most = large.allowance.most_ms().map_or(0.0, |most| large.ms() / most);
    of_most.max(growth_of(large, small).map_or(0.0, |growth| growth / MOST_GROWTH))
}

/// The limits that are missed, in words.
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

/// The time among more as a multiple of that among fewer, where that is judged.
fn growth_of(large: &Measured, small: Option<&Measured>) -> Option<f64> {
    let small = small.filter(|small| small.failed.is_none() && !large.allowance.may_grow())?;
    let ms = large.ms();
    (ms >= GROWN_MS).then(|| ms / small.ms().max(FLOOR_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scale::explained::Explained;
    use crate::bench::scale::question::Allowance;
    use serde_json::Value;

    fn measured(allowance: Allowance, ms: f64) -> Measured {
        let explained =
            Explained { ms, planning_ms: 0.0, pages: 0.0, summary: String::new(), plan: Value::Null };
        Measured { allowance, api_ms: None, explained: vec![explained], failed: None }
    }

    #[test]
    fn a_page_may_take_5_ms_and_grow_by_half() {
        let page = |ms| measured(Allowance::Page, ms);
        assert!(missed(&page(4.4), Some(&page(3.0))).is_empty());
        assert_eq!(missed(&page(6.0), Some(&page(5.0))), ["6.0 ms, at most 5"]);
        assert_eq!(missed(&page(4.0), Some(&page(2.0))), ["grows 2.0 times, at most 1.5"]);
        assert!(missed(&page(4.0), None).is_empty(), "who sees nothing among few is not compared");
    }

    #[test]
    fn a_question_under_2_ms_has_not_grown() {
        for allowance in [Allowance::Page, Allowance::Search, Allowance::AsAmongFew] {
            let (fast, edge) = (measured(allowance, 1.9), measured(allowance, 2.0));
            let few = measured(allowance, 0.1);
            assert!(missed(&fast, Some(&few)).is_empty(), "{allowance:?}");
            assert!(badness(&fast, Some(&few)) <= 1.0, "it is not among the worst, either: {allowance:?}");
            assert_eq!(missed(&edge, Some(&few)), ["grows 2.0 times, at most 1.5"], "{allowance:?}");
            assert!(badness(&edge, Some(&few)) > 1.0, "{allowance:?}");
        }
    }

    #[test]
    fn a_report_may_grow_and_no_answer_is_the_worst() {
        let report = |ms| measured(Allowance::Report, ms);
        assert!(missed(&report(1_900.0), Some(&report(19.0))).is_empty());
        assert!(badness(&report(3_000.0), None) > 1.0);
        let failed = Measured { failed: Some("500".to_owned()), ..report(0.0) };
        assert_eq!(missed(&failed, None), ["no answer: 500"]);
        assert!(badness(&failed, None) > badness(&report(9_000.0), None));
    }
}
