//! What an operator can read about the background functions.

use anyhow::Result;
use millwright_contract_tests::World;
use millwright_store::jobs::{Outcome, Problem, dead_letter, finish, start};
use serde_json::{Map, json};

#[test]
fn a_firing_ends_once_and_only_by_whoever_began_it() -> Result<()> {
    let mut world = World::open()?;
    let (now, trigger) = (world.now()?, world.name.clone());
    let checker = world.caller("function:escalation-checker")?;
    let sender = world.caller("function:notification-sender")?;

    let run = checker.ask(async |session| start(&session, &trigger, now).await)?;
    let counts = Map::from_iter([("escalated".to_owned(), json!(3))]);
    let problems = [Problem { subject: "work order 7".to_owned(), reason: "it is odd".to_owned() }];
    let ends = |caller: &millwright_contract_tests::Caller, outcome| {
        caller.ask(async |session| finish(&session, run, outcome, &counts, &problems).await)
    };
    assert!(!ends(&sender, Outcome::Failed)?, "another function's run");
    assert!(ends(&checker, Outcome::OutOfTime)?);
    assert!(!ends(&checker, Outcome::Done)?, "it had ended");

    let row = world.value("select to_jsonb(r) from public.job_runs r where id = $1", &[&run.0])?;
    assert_eq!(row["function"], "escalation-checker");
    assert_eq!(row["trigger"], json!(trigger));
    assert_eq!(row["outcome"], "out_of_time");
    assert_eq!(row["counts"], json!({"escalated": 3}));
    assert_eq!(row["problems"], json!([{"subject": "work order 7", "reason": "it is odd"}]));
    assert_ne!(row["finished_at"], json!(null));
    Ok(())
}

#[test]
fn a_message_that_was_given_up_is_kept_once() -> Result<()> {
    let mut world = World::open()?;
    let source = world.name.clone();
    let processor = world.caller("function:file-processor")?;
    let keeps = |reason: &str| {
        processor
            .ask(async |session| dead_letter(&session, &source, "message 1", reason, &json!({"a": 1})).await)
    };
    assert!(keeps("the first reason")?);
    assert!(!keeps("the second reason")?);
    let rows = world.value("select jsonb_agg(d) from public.dead_letters d where source = $1", &[&source])?;
    assert_eq!(rows[0]["reason"], "the first reason");
    assert_eq!(rows[0]["body"], json!({"a": 1}));
    assert_eq!(rows[1], json!(null));
    Ok(())
}
