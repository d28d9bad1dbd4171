//! The audit log of people, rules, settings and tokens.

use crate::words::words;

words! {
    /// The kind of change of a row that the audit log follows.
    pub enum AuditAction in Check("audit_log", "action") {
        /// It was added.
        Insert => "insert",
        /// It was changed.
        Update => "update",
        /// It was removed.
        Delete => "delete",
    }
}
