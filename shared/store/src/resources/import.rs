//! Many of a resource at once, from a file: one round trip, one transaction, one verdict for each line.

use millwright_domain::import::LineOutcome;
use millwright_domain::resource::{Resource, Row};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::error::{GatewayRefusal, StoreError};
use crate::gateway::GatewaySession;
use crate::resources::Once;
use crate::transport::Transport;

/// The rows to be imported, and the mode.
#[derive(Debug)]
pub struct Lines<'a> {
    /// The lines that are right, in their order.
    pub lines: Vec<LineRow<'a>>,
    /// The fields that a new one must have and no line says.
    pub lacks: &'a [&'static str],
    /// If true, nothing of it stays.
    pub dry_run: bool,
    /// If true, nothing of it stays once a line is refused.
    pub atomic: bool,
}

/// A line that is right in itself.
#[derive(Debug, Serialize)]
pub struct LineRow<'a> {
    /// Its number in the file.
    pub line: u64,
    /// Its row.
    pub row: &'a Row,
}

/// The result of an import.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Imported {
    /// True if anything stays.
    pub applied: bool,
    /// In the order of the lines.
    pub lines: Vec<Verdict>,
}

/// The result of a line, or the result it would have had.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Verdict {
    /// Its number in the file.
    pub line: u64,
    /// Its outcome.
    pub outcome: LineOutcome,
    /// The id of the row, unless it was rejected.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The columns that were changed, or are at fault.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The reason for its rejection.
    #[serde(flatten)]
    pub refusal: GatewayRefusal,
}

/// Opens and changes those that the lines name, with the caller's rights.
///
/// # Errors
/// If the gateway refuses (the caller does not manage these) or does not answer. A line that is refused is no error. When
/// `once` was used before, [`StoreError::is_repeated`] says so.
pub async fn import<T: Transport>(
    session: &GatewaySession<'_, T>,
    resource: &Resource,
    lines: &Lines<'_>,
    once: Option<&Once>,
) -> Result<Imported, StoreError> {
    let parameters = json!({
        "p_resource": resource.table, "p_rows": lines.lines, "p_lacks": lines.lacks, "p_dry_run": lines.dry_run,
        "p_atomic": lines.atomic,
    });
    session.call_as_client("import", &parameters, &Once::headers(once)?).await
}
