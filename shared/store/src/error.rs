//! Errors of the gateway, in terms that a caller can act on.

use serde::Deserialize;

use crate::transport::TransportError;

/// An error of a call to the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The gateway answered with an error.
    #[error("the gateway answered {status}: {refusal:?}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error body, as far as it could be read.
        refusal: GatewayRefusal,
    },
    /// The gateway's answer, or our question, is not what both sides agreed on: a defect, or a migration that is missing.
    #[error("the gateway's answer cannot be used: {0}")]
    Disagreement(String),
}

/// PostgREST's error body. `code` is a SQLSTATE or one of PostgREST's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct GatewayRefusal {
    /// A SQLSTATE such as `23503`, or PostgREST's own such as `PGRST301`.
    #[serde(default)]
    pub code: String,
    /// For the log; it may name internals.
    #[serde(default)]
    pub message: String,
    /// For a constraint, which columns and values.
    #[serde(default)]
    pub details: Option<String>,
    /// The suggestion of Postgres.
    #[serde(default)]
    pub hint: Option<String>,
}

impl GatewayRefusal {
    /// The constraint that was broken, as the database names it, with its table where it is told.
    #[must_use]
    pub fn constraint(&self) -> Option<(Option<&str>, &str)> {
        Some((self.table(), quoted(&self.message, "constraint ")?))
    }

    fn table(&self) -> Option<&str> {
        quoted(&self.message, "table ").or_else(|| quoted(&self.message, "relation "))
    }

    /// The column at fault, where the refusal names one: `null value in column "warehouse_id" …`, or by the name of the
    /// foreign key, `TABLE_COLUMN_fkey`, or of the column's own check, `TABLE_COLUMN_check` (Postgres hides the details
    /// where row level security is on).
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        let table = self.table();
        quoted(&self.message, "column ").or_else(|| {
            let constraint = quoted(&self.message, "constraint ")?;
            let named = constraint.strip_suffix("_fkey").or_else(|| constraint.strip_suffix("_check"))?;
            named.strip_prefix(table?)?.strip_prefix('_')
        })
    }
}

/// The text in quotes after `label`.
fn quoted<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.split_once(label)?.1.strip_prefix('"')?.split_once('"').map(|(name, _)| name)
}

impl StoreError {
    /// True if a `POST` was refused because its idempotency key has been used before.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. }
            if refusal.code == "23505" && quoted(&refusal.message, "constraint ") == Some("idempotency_keys_pkey"))
    }

    /// True if the caller has as many requests on their way already as one person may have.
    #[must_use]
    pub fn is_for_want_of_a_place(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. }
            if refusal.code == "PT429" && refusal.message == "too_many_at_once")
    }

    /// True if there are more rows than are counted: the database refuses to estimate how many.
    #[must_use]
    pub fn is_for_too_many_to_count(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. }
            if refusal.code == "PT400" && refusal.message == "no_estimates")
    }

    /// True if it took too long: the database ended it, or nobody waited any longer. Less of it may pass.
    #[must_use]
    pub fn is_for_want_of_time(&self) -> bool {
        matches!(self, Self::Transport(TransportError::Deadline)) || self.code() == "57014"
    }

    /// A refusal's code; empty for everything else.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { refusal, .. } => &refusal.code,
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(fixture: &str) -> GatewayRefusal {
        serde_json::from_str(fixture).unwrap()
    }

    #[test]
    fn the_column_at_fault_is_found() {
        let foreign_key = refusal(include_str!("../fixtures/foreign_key.json"));
        assert_eq!((foreign_key.code.as_str(), foreign_key.column()), ("23503", Some("equipment_id")));
        let not_null = refusal(include_str!("../fixtures/not_null.json"));
        assert_eq!((not_null.code.as_str(), not_null.column()), ("23502", Some("warehouse_id")));
        let check = refusal(include_str!("../fixtures/check.json"));
        assert_eq!((check.code.as_str(), check.column()), ("23514", Some("time_zone")));
    }

    #[test]
    fn a_refusal_without_a_column_has_none() {
        let denied = refusal(include_str!("../fixtures/row_level_security.json"));
        assert_eq!((denied.code.as_str(), denied.column()), ("42501", None));
    }
}
