//! Changing or removing everything, without a filter: a filter would ask first what one sees, so only this shows what the
//! policies for writing say by themselves.

use crate::matrix::case::{Case, Verb, cases};
use crate::matrix::rule::Rule;
use crate::matrix::scene::Scene;
use anyhow::Result;
use millwright_contract_tests::ROLES;
use reqwest::Method;

/// The faults that show when every role changes and removes all rows of this table.
pub(crate) fn taken_blindly(scene: &mut Scene, rule: &'static Rule) -> Result<Vec<String>> {
    let cases = cases(rule);
    let mut wrong = Vec::new();
    for role in ROLES {
        for verb in [Verb::Update, Verb::Delete] {
            let of_theirs =
                cases.iter().filter(|case| case.role == role && case.verb == verb && !case.allowed);
            wrong.extend(leave_alone(scene, &of_theirs.collect::<Vec<_>>())?);
        }
    }
    Ok(wrong)
}

/// One request; these rows must be as they were. All cases are of one person and one verb.
fn leave_alone(scene: &mut Scene, cases: &[&Case]) -> Result<Vec<String>> {
    let (mut rows, mut change) = (Vec::new(), None);
    for case in cases {
        if let Some(made) = case.prepare(scene)? {
            let before = scene.world.rows(case.rule.table(), &made.key)?;
            rows.push((case, made.key, before));
            change = Some(made.row.change);
        }
    }
    let (Some((case, ..)), Some(change)) = (rows.first(), change) else { return Ok(Vec::new()) };
    let (caller, table) = (scene.caller(case.role)?, case.rule.table());
    let answer = match case.verb {
        Verb::Delete => caller.send(Method::DELETE, "public", table, None, &[])?,
        _ => caller.change(table, &change)?,
    };
    let mut wrong = Vec::new();
    if answer.status != 204 && !answer.is_not_theirs() {
        wrong.push(format!("{case} of all {table}, but it is refused for another reason: {answer:?}"));
    }
    for (case, key, before) in &rows {
        if scene.world.rows(table, key)? != *before {
            wrong.push(format!("{case}, but without a filter it is done"));
        }
    }
    Ok(wrong)
}
