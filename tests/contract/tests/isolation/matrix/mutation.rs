//! The mutation test of the matrix: every policy is dropped, and opened to all rows, one after the other.

use crate::matrix::blind::taken_blindly;
use crate::matrix::case::{Case, cases};
use crate::matrix::scene::Scene;
use crate::tables;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::io::{Write, stderr};

/// A policy as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Policy {
    table: String,
    name: String,
    permissive: bool,
    /// `SELECT`, … or `ALL`.
    command: String,
    roles: String,
    using: Option<String>,
    check: Option<String>,
}

/// A change to a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutation {
    Dropped,
    /// Each of its conditions holds always.
    Opened,
}

fn policies(scene: &mut Scene) -> Result<Vec<Policy>> {
    let rows = scene.world.sql.query(
        "select quote_ident(tablename), quote_ident(policyname), permissive = 'PERMISSIVE', cmd,
           (select string_agg(quote_ident(role), ', ') from unnest(roles) role), qual, with_check
         from pg_policies where schemaname = 'public'
           -- Says nothing of who may do what: `cost` has its tests.
           and policyname <> 'is_bounded'
         order by tablename, policyname",
        &[],
    )?;
    let policy = |row: &postgres::Row| Policy {
        table: row.get(0),
        name: row.get(1),
        permissive: row.get(2),
        command: row.get(3),
        roles: row.get(4),
        using: row.get(5),
        check: row.get(6),
    };
    Ok(rows.iter().map(policy).collect())
}

impl Policy {
    fn mutations(&self) -> Vec<Mutation> {
        // A restrictive one that holds always is as good as none.
        if self.permissive { vec![Mutation::Dropped, Mutation::Opened] } else { vec![Mutation::Dropped] }
    }

    fn drop(&self) -> String {
        format!("drop policy {} on public.{}", self.name, self.table)
    }

    fn create(&self) -> String {
        let kind = if self.permissive { "permissive" } else { "restrictive" };
        let using = self.using.as_ref().map(|condition| format!(" using ({condition})"));
        let check = self.check.as_ref().map(|condition| format!(" with check ({condition})"));
        let Self { table, name, command, roles, .. } = self;
        let head = format!("create policy {name} on public.{table} as {kind} for {command} to {roles}");
        [Some(head), using, check].into_iter().flatten().collect()
    }

    fn opened(&self) -> Self {
        let always = |condition: &Option<String>| condition.as_ref().map(|_| "true".to_owned());
        Self { using: always(&self.using), check: always(&self.check), ..self.clone() }
    }

    fn mutate(&self, scene: &mut Scene, mutation: Mutation) -> Result<()> {
        let mutant = match mutation {
            Mutation::Dropped => self.drop(),
            Mutation::Opened => format!("{}; {}", self.drop(), self.opened().create()),
        };
        scene.world.sql.batch_execute(&mutant).context(mutant)
    }

    fn restore(&self, scene: &mut Scene, mutation: Mutation) -> Result<()> {
        let statement = match mutation {
            Mutation::Dropped => self.create(),
            Mutation::Opened => format!("{}; {}", self.drop(), self.create()),
        };
        scene.world.sql.batch_execute(&statement).context(statement)
    }

    /// The cases of its table, first those that the mutation should turn round.
    fn cases<'a>(&self, cases: &'a BTreeMap<&str, Vec<Case>>, mutation: Mutation) -> Vec<&'a Case> {
        let mut cases: Vec<_> = cases.get(self.table.as_str()).into_iter().flatten().collect();
        cases.sort_by_key(|case| {
            let asked = self.command == "ALL" || self.command == case.verb.command();
            let turned = case.allowed == ((mutation == Mutation::Dropped) == self.permissive);
            (!asked, !turned)
        });
        cases
    }
}

/// Something that is not as it should be, when one request after the other is made of what a policy is about.
fn difference(scene: &mut Scene, cases: &[&Case]) -> Result<Option<String>> {
    for case in cases {
        let Some(made) = case.prepare(scene)? else { continue };
        let wrong = case.judge(scene, &made, case.allowed)?;
        if wrong.is_some() {
            return Ok(wrong);
        }
    }
    // The faults that a filter hides, and those that show only for whoever left.
    for rule in tables::rules().filter(|rule| cases.iter().any(|case| case.rule.rows == rule.rows)) {
        let wrong = taken_blindly(scene, rule)?;
        if !wrong.is_empty() {
            return Ok(wrong.into_iter().next());
        }
    }
    for case in cases.iter().filter(|case| case.allowed) {
        let Some(made) = case.prepare(scene)? else { continue };
        let wrong = case.judge_left(scene, &made)?;
        if wrong.is_some() {
            return Ok(wrong);
        }
    }
    Ok(None)
}

#[test]
fn the_matrix_notices_when_any_policy_changes() -> Result<()> {
    let mut scene = Scene::open("mutation")?;
    let mut cases_of: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for rule in tables::rules() {
        cases_of.entry(rule.table()).or_default().extend(cases(rule));
    }
    let policies = policies(&mut scene)?;
    let (mut mutants, mut survivors) = (0, Vec::new());
    for policy in &policies {
        for mutation in policy.mutations() {
            policy.mutate(&mut scene, mutation)?;
            let caught = difference(&mut scene, &policy.cases(&cases_of, mutation))?;
            policy.restore(&mut scene, mutation)?;
            mutants += 1;
            if caught.is_none() {
                survivors.push(format!("{} on {}: {mutation:?}", policy.name, policy.table));
            }
        }
    }
    let caught = mutants - survivors.len();
    // Told even when all is well: cargo keeps what a good test prints.
    writeln!(stderr(), "{} policies mutated in {mutants} ways, {caught} caught", policies.len())?;
    assert_eq!(self::policies(&mut scene)?, policies, "all of them are as they were");
    assert!(survivors.is_empty(), "nothing notices this:\n{}", survivors.join("\n"));
    Ok(())
}
