//! The records of the background functions for an operator: runs, dead letters, problems.

use anyhow::Result;
use chrono::TimeDelta;
use millwright_contract_tests::World;
use millwright_domain::housekeeping::Forgettable;
use millwright_store::housekeeping::forget;
use millwright_store::jobs::{RunEnd, RunProblem, dead_letter, finish, report, start};
use serde_json::{Map, json};

#[test]
fn a_firing_ends_once_and_only_by_whoever_began_it() -> Result<()> {
    let mut world = World::open()?;
    let (now, trigger) = (world.now()?, world.name.clone());
    let checker = world.caller("function:escalation-checker")?;
    let sender = world.caller("function:notification-sender")?;

    let run = checker.ask(async |session| start(&session, &trigger, now).await)?;
    let counts = Map::from_iter([("escalated".to_owned(), json!(3))]);
    let problems = [RunProblem { subject: "work order 7".to_owned(), reason: "it is odd".to_owned() }];
    let ends = |caller: &millwright_contract_tests::Caller, outcome| {
        caller.ask(async |session| finish(&session, run, outcome, &counts, &problems).await)
    };
    assert!(!ends(&sender, RunEnd::Failed)?, "another function's run");
    assert!(ends(&checker, RunEnd::OutOfTime)?);
    assert!(!ends(&checker, RunEnd::Done)?, "it had ended");

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

#[test]
fn what_has_to_be_mended_is_told_once_until_nobody_meets_with_it() -> Result<()> {
    let mut world = World::open()?;
    let subject = format!("escalation rule {}", world.name);
    let checker = world.caller("function:escalation-checker")?;
    let reports = |reason: &str| {
        let problem = RunProblem { subject: subject.clone(), reason: reason.to_owned() };
        checker.ask(async |session| report(&session, &[problem.clone(), problem]).await)
    };
    let letters =
        "select jsonb_agg(jsonb_build_array(source, reason)) from public.dead_letters where reference = $1";
    assert_eq!((reports("it is odd")?, reports("it is odder")?), (1, 1));
    assert_eq!(world.value(letters, &[&subject])?, json!([["escalation-checker", "it is odder"]]));

    let scheduler = world.caller("function:pm-scheduler")?;
    let now = world.now()?;
    let forgets = |now| scheduler.ask(async |session| forget(&session, Forgettable::Problems, now).await);
    forgets(now + TimeDelta::hours(47))?;
    assert_ne!(world.value(letters, &[&subject])?, json!(null));
    forgets(now + TimeDelta::hours(49))?;
    assert_eq!(world.value(letters, &[&subject])?, json!(null));
    Ok(())
}
