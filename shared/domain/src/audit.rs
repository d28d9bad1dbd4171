//! The audit log: what was done to people, rules, settings and tokens.

use crate::words::words;

words! {
    /// How a row that the audit log follows was written.
    pub enum AuditAction in Check("audit_log", "action") {
        /// It was added.
        Insert => "insert",
        /// It was changed.
        Update => "update",
        /// It was removed.
        Delete => "delete",
    }
}
