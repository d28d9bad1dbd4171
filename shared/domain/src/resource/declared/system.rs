//! Settings, the audit log, and the record of the background functions.

use super::{CREATED_AT, Fence, Field, ID, Indexed, Kind, Lookup, PLAIN, Resource, UPDATED_AT, VERSION};
use crate::audit::AuditAction;
use crate::job::RunOutcome;
use crate::setting::SettingKey;

/// Settings: everyone's, or those of one warehouse, which come first there.
pub static SETTINGS: Resource = Resource {
    path: "settings",
    singular: "setting",
    table: "settings",
    fields: &[
        ID,
        Field::new("key", Kind::Word(SettingKey::WORDS)).required().once(),
        Field::new("warehouse_id", Kind::Id).once(),
        Field::new("value", Kind::Any).required(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    opens: true,
    removes: true,
    ..PLAIN
};

/// The changes of people, rules, settings and tokens.
pub static AUDIT_LOG: Resource = Resource {
    path: "audit-log",
    singular: "audit entry",
    table: "audit_log",
    fields: &[
        ID,
        Field::new("subject", Kind::Text(50)).filled().read_only(),
        Field::new("subject_id", Kind::Id).filled().read_only(),
        Field::new("action", Kind::Word(AuditAction::WORDS)).filled().read_only(),
        Field::new("changes", Kind::Object).filled().read_only(),
        Field::new("actor_id", Kind::Id).read_only(),
        Field::new("happened_at", Kind::Time).filled().read_only(),
    ],
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id"],
        filters: &["id", "subject", "subject_id", "actor_id"],
    }),
    fence: Fence::Headquarters,
    ..PLAIN
};

/// The firings of the background functions.
pub static JOB_RUNS: Resource = Resource {
    path: "jobs/runs",
    singular: "run",
    table: "job_runs",
    fields: &[
        ID,
        Field::new("function", Kind::Text(50)).filled().read_only(),
        Field::new("trigger", Kind::Text(100)).filled().read_only(),
        Field::new("scheduled_for", Kind::Time).filled().read_only(),
        Field::new("outcome", Kind::Word(RunOutcome::WORDS)).filled().read_only(),
        Field::new("counts", Kind::Object).filled().read_only(),
        Field::new("problems", Kind::List).filled().read_only(),
        Field::new("started_at", Kind::Time).filled().read_only(),
        Field::new("finished_at", Kind::Time).read_only(),
    ],
    lookup: Lookup::Indexed(Indexed { sorts: &["-id", "id"], filters: &["id", "function", "outcome"] }),
    fence: Fence::Headquarters,
    ..PLAIN
};

/// Messages that were given up, and problems of a job that last until someone changes something.
pub static DEAD_LETTERS: Resource = Resource {
    path: "jobs/dead-letters",
    singular: "dead letter",
    table: "dead_letters",
    fields: &[
        ID,
        Field::new("source", Kind::Text(50)).filled().read_only(),
        Field::new("reference", Kind::Text(200)).filled().read_only(),
        Field::new("reason", Kind::Prose(1_000)).filled().read_only(),
        Field::new("body", Kind::Object).filled().read_only(),
        CREATED_AT,
        Field::new("last_seen_at", Kind::Time).filled().read_only(),
    ],
    fence: Fence::Headquarters,
    ..PLAIN
};
