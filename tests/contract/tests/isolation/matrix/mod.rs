//! The isolation matrix: every role × table × verb × place, one request each through the gateway with the person's real
//! token, judged by the answer and by what the database holds afterwards.
//!
//! The expectations are the rules in `tables/`, and nothing else. They are written from the description of the
//! product, not from the policies.

mod blind;
mod case;
mod frozen;
mod mutation;
pub(crate) mod rule;
pub(crate) mod scene;

use crate::tables;
use anyhow::Result;
use blind::taken_blindly;
use case::cases;
use millwright_contract_tests::World;
use rule::Rule;
use scene::Scene;
use std::collections::BTreeSet;
use std::io::{Write, stderr};

#[test]
fn every_table_has_a_rule_and_every_rule_a_table() -> Result<()> {
    let stored = scene::keys(&mut World::open()?)?;
    let stored: BTreeSet<_> = stored.keys().map(String::as_str).collect();
    let ruled: BTreeSet<_> = tables::rules().map(Rule::table).collect();
    let without_rule: Vec<_> = stored.difference(&ruled).collect();
    let without_table: Vec<_> = ruled.difference(&stored).collect();
    assert!(without_rule.is_empty(), "no rule says who may do what with {without_rule:?}");
    assert!(without_table.is_empty(), "there is a rule, but no table {without_table:?}");
    let kinds: BTreeSet<_> = tables::rules().map(|rule| rule.rows).collect();
    assert_eq!(tables::rules().count(), kinds.len(), "there are two rules for the same rows");
    Ok(())
}

#[test]
fn everyone_may_do_what_the_rules_say_and_nothing_else() -> Result<()> {
    let mut scene = Scene::open("matrix")?;
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in tables::rules().flat_map(cases) {
        if let Some(made) = case.prepare(&mut scene)? {
            wrong.extend(case.judge(&mut scene, &made, case.allowed)?);
            count += 1;
        }
    }
    // Told even when all is well: cargo keeps what a good test prints.
    writeln!(stderr(), "{count} cases of {} tables", tables::rules().count())?;
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

#[test]
fn nobody_changes_or_removes_more_without_a_filter() -> Result<()> {
    let mut scene = Scene::open("blind")?;
    let mut wrong = Vec::new();
    for rule in tables::rules() {
        wrong.extend(taken_blindly(&mut scene, rule)?);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn whoever_left_may_do_nothing_with_a_token_that_has_not_run_out() -> Result<()> {
    let mut scene = Scene::open("left")?;
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in tables::rules().flat_map(cases).filter(|case| case.allowed) {
        if let Some(made) = case.prepare(&mut scene)? {
            wrong.extend(case.judge_left(&mut scene, &made)?);
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
