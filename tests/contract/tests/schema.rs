//! The database is the one that this code was written for, and closed by default.

use anyhow::{Context, Result};
use millwright_contract_tests::World;
use millwright_domain::work_order::Status;
use millwright_harness::client::StackInfo;
use millwright_harness::{Project, schema};
use millwright_store::SCHEMA_VERSION;
use millwright_store::health::health;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;

/// Compared by a policy, and yet no index begins with them: `(table, column)`.
const WITHOUT_INDEX: [(&str, &str); 9] = [
    ("changes", "id"),
    // Asked only of the one row that is written: who says so, and where.
    ("comments", "author_id"),
    ("downtime_intervals", "warehouse_id"),
    ("meter_readings", "read_by"),
    ("part_reservations", "warehouse_id"),
    ("part_transactions", "performed_by"),
    ("part_transactions", "warehouse_id"),
    // A few dozen rows.
    ("pm_templates", "warehouse_id"),
    // Asked only of the one row that is written.
    ("reorder_lines", "warehouse_id"),
];

/// Version and text of every file in `migrations/`.
fn migrations() -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(Project::here().migrations())? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "sql") || path == Project::here().schema() {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).context("a name that is no text")?;
        let (version, _) = name.split_once('_').with_context(|| format!("{name} has no number"))?;
        found.insert(version.to_owned(), fs::read_to_string(&path)?);
    }
    Ok(found)
}

#[test]
fn code_files_and_database_agree_on_the_version() -> Result<()> {
    let world = World::open()?;
    let newest = migrations()?.into_keys().next_back();
    assert_eq!(newest.as_deref(), Some(SCHEMA_VERSION));
    let health = world.caller("function:request-api")?.ask(async |session| health(&session).await)?;
    assert_eq!(health.schema_version, SCHEMA_VERSION);
    Ok(())
}

#[test]
fn what_people_read_of_the_schema_is_what_the_migrations_make() -> Result<()> {
    let written = fs::read_to_string(Project::here().schema())?;
    let made = schema::dump(&StackInfo::from_env()?.database)?;
    let differences = schema::differences(&written, &made);
    assert!(
        differences.is_empty(),
        "migrations/schema.sql is not what the migrations make (- file, + database); \
         `cargo xtask migrate dump` writes it anew:\n{}",
        differences.join("\n")
    );
    Ok(())
}

#[test]
fn every_migration_has_a_way_back_that_the_database_keeps() -> Result<()> {
    let mut world = World::open()?;
    let rows = world.sql.query("select version::text, rollback_sql from public.schema_migrations", &[])?;
    let kept: BTreeMap<String, Option<String>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let written = migrations()?;
    assert_eq!(kept.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
    for (version, text) in written {
        let (_, back) =
            text.split_once("-- migrate:down").with_context(|| format!("{version} has no way back"))?;
        assert!(back.contains("drop "), "{version} drops nothing on its way back");
        let kept = kept.get(&version).and_then(Option::as_deref);
        assert_eq!(kept, Some(back.trim()), "the way back of {version}");
    }
    Ok(())
}

#[test]
fn every_table_is_behind_row_level_security() -> Result<()> {
    let mut world = World::open()?;
    let open = world.value(
        "select jsonb_agg(oid::regclass order by 1) from pg_class
         where relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'functions'::regnamespace)
           and relkind in ('r', 'p') and not relrowsecurity",
        &[],
    )?;
    assert_eq!(open, json!(null), "open to whoever is granted them by default");
    Ok(())
}

#[test]
fn a_view_asks_the_policies_of_whoever_reads_it() -> Result<()> {
    let mut world = World::open()?;
    let views = world.value(
        "select jsonb_agg(oid::regclass) from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
           and coalesce(not reloptions @> '{security_invoker=true}', true)",
        &[],
    )?;
    assert_eq!(views, json!(null));
    Ok(())
}

#[test]
fn what_runs_with_its_owners_rights_looks_nowhere_by_itself() -> Result<()> {
    let mut world = World::open()?;
    let loose = world.value(
        "select jsonb_agg(oid::regprocedure) from pg_proc
         where pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'functions'::regnamespace)
           and prosecdef and coalesce(not proconfig @> array['search_path=\"\"'], true)",
        &[],
    )?;
    assert_eq!(loose, json!(null));
    Ok(())
}

#[test]
fn no_function_is_open_to_everyone() -> Result<()> {
    let mut world = World::open()?;
    let open = world.value(
        "select jsonb_agg(oid::regprocedure) from pg_proc
         where pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'functions'::regnamespace)
           and has_function_privilege('anon', oid, 'execute')",
        &[],
    )?;
    assert_eq!(open, json!(null), "the migration did not close it, or granted it to everyone");
    Ok(())
}

#[test]
fn each_status_of_a_work_order_is_open_done_or_cancelled() -> Result<()> {
    let mut world = World::open()?;
    let undecided = world.value(
        "select jsonb_agg(s) from unnest($1::text[]) s
         where private.is_open(s)::integer + private.is_done(s)::integer + (s = 'cancelled')::integer <> 1
           or private.is_untouched(s) and not private.is_open(s) or private.is_ended(s) and private.is_open(s)",
        &[&Status::WORDS],
    )?;
    assert_eq!(undecided, json!(null), "decide on it beside the type, in migrations/*_work_orders.sql");
    Ok(())
}

#[test]
fn what_policies_compare_is_indexed() -> Result<()> {
    let mut world = World::open()?;
    let rows = world.sql.query(
        "select distinct t.relname::text, a.attname::text
         from pg_policy p
         join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
           and d.refclassid = 'pg_class'::regclass and d.refobjid = p.polrelid
         join pg_class t on t.oid = p.polrelid
         join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid and a.atttypid = 'uuid'::regtype
         where not exists (select from pg_index i where i.indrelid = t.oid and i.indkey[0] = a.attnum)
         order by 1, 2",
        &[],
    )?;
    let found: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let known = WITHOUT_INDEX.map(|(table, column)| (table.to_owned(), column.to_owned()));
    assert_eq!(found, known);
    Ok(())
}
