//! The tables of operation: jobs, the audit log, API tokens, webhooks, settings, events.

use crate::matrix::rule::Place::{Everywhere, Here, There};
use crate::matrix::rule::{ADMIN, EVERYONE, LEADERS, NOBODY, OFFICE, Row, Rule};
use crate::matrix::scene::At;
use anyhow::Result;
use serde_json::json;

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule { rows: "job_runs", row: job_run, but: &[], who: &[
        (Everywhere, OFFICE, NOBODY, NOBODY, NOBODY),
    ]},
    Rule { rows: "dead_letters", row: dead_letter, but: &[], who: &[
        (Everywhere, OFFICE, NOBODY, NOBODY, NOBODY),
    ]},
    // Written by the database itself.
    Rule { rows: "audit_log", row: audit, but: &[], who: &[
        (Everywhere, OFFICE, NOBODY, NOBODY, NOBODY),
    ]},
    // Revoked, never removed.
    Rule { rows: "api_tokens", row: api_token, but: &[], who: &[
        (Here,  OFFICE, ADMIN, ADMIN, NOBODY),
        (There, OFFICE, ADMIN, ADMIN, NOBODY),
    ]},
    Rule { rows: "webhooks", row: webhook, but: &[], who: &[
        (Here,       OFFICE, ADMIN, ADMIN, ADMIN),
        (Everywhere, OFFICE, ADMIN, ADMIN, ADMIN),
        (There,      OFFICE, ADMIN, ADMIN, ADMIN),
    ]},
    // Whoever reads one can speak in our name.
    Rule { rows: "webhook_secrets", row: webhook_secret, but: &[], who: &[
        (Here,       ADMIN, ADMIN, ADMIN, NOBODY),
        (Everywhere, ADMIN, ADMIN, ADMIN, NOBODY),
        (There,      ADMIN, ADMIN, ADMIN, NOBODY),
    ]},
    // Everywhere: what holds where a warehouse has nothing of its own.
    Rule { rows: "settings", row: setting, but: &[], who: &[
        (Here,       LEADERS, LEADERS, LEADERS, LEADERS),
        (Everywhere, LEADERS, OFFICE,  OFFICE,  OFFICE),
        (There,      OFFICE,  OFFICE,  OFFICE,  OFFICE),
    ]},
    Rule { rows: "holidays", row: holiday, but: &[], who: &[
        (Here,  EVERYONE, LEADERS, LEADERS, LEADERS),
        (There, OFFICE,   OFFICE,  OFFICE,  OFFICE),
    ]},
    // The outbox, and what tells which migrations there were: no client's business.
    Rule { rows: "events", row: event, but: &[], who: &[
        (Here, NOBODY, NOBODY, NOBODY, NOBODY),
    ]},
    Rule { rows: "schema_migrations", row: migration, but: &[], who: &[
        (Everywhere, NOBODY, NOBODY, NOBODY, NOBODY),
    ]},
];

fn job_run(_: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "function": "pm-scheduler", "trigger": "cron",
        "scheduled_for": "2026-01-01T00:00:00Z"});
    Ok(Row::said(said).change(json!({"outcome": "failed"})))
}

fn dead_letter(_: &mut At<'_>) -> Result<Row> {
    let id = At::word();
    let said = json!({"id": id, "source": "uploads", "reference": id, "reason": "a", "body": {}});
    Ok(Row::said(said).change(json!({"reason": "b"})))
}

fn event(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "kind": "system_alert", "warehouse_id": at.warehouse()});
    Ok(Row::said(said).change(json!({"details": {"a": "b"}})))
}

fn migration(_: &mut At<'_>) -> Result<Row> {
    Ok(Row::said(json!({"version": At::word()})).change(json!({"rollback_sql": "drop table public.events"})))
}

fn audit(_: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "subject": "settings", "subject_id": At::word(), "action": "insert",
        "changes": {}});
    Ok(Row::said(said).change(json!({"subject": "profiles"})))
}

fn api_token(at: &mut At<'_>) -> Result<Row> {
    let word = At::word();
    let said = json!({"name": word, "role": "technician", "warehouse_id": at.warehouse()});
    Ok(Row::said(said).by(at.owner()).change(json!({"revoked_at": "2026-01-01T00:00:00Z"})))
}

fn webhook(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "name": "A hook", "url": "https://hooks.test", "warehouse_id": at.warehouse()});
    Ok(Row::said(said).change(json!({"url": "https://elsewhere.test"})))
}

fn webhook_secret(at: &mut At<'_>) -> Result<Row> {
    let webhook = webhook(at)?.said;
    let said = json!({"id": At::word(), "webhook_id": at.insert("webhooks", &webhook)?});
    Ok(Row::said(said).change(json!({"expires_at": "2026-01-01T00:00:00Z"})))
}

fn setting(at: &mut At<'_>) -> Result<Row> {
    // A supervisor's becomes one of their warehouse, and must not meet that.
    let key =
        if at.place == Everywhere { "auto_archive_completed_wo_days" } else { "default_pm_lead_time_days" };
    at.make_way("settings where warehouse_id is not distinct from $1", at.warehouse())?;
    let said = json!({"id": At::word(), "key": key, "warehouse_id": at.warehouse(), "value": 8});
    Ok(Row::said(said).change(json!({"value": 9})))
}

fn holiday(at: &mut At<'_>) -> Result<Row> {
    at.make_way("holidays where warehouse_id = $1", at.warehouse())?;
    let said = json!({"id": At::word(), "warehouse_id": at.warehouse(), "on_date": "2026-12-25", "name": "Christmas"});
    Ok(Row::said(said).change(json!({"name": "Boxing Day"})))
}
