//! Bad rows among those that are due: each firing has to report them, to write nothing of them, and to do all the others.

use super::firing::{Firing, Problem};
use crate::bench::database::Database;
use anyhow::{Result, ensure};

/// It is due from now on, or not any more.
pub(super) fn set(database: &mut Database, is_due: bool) -> Result<()> {
    database.run_past_triggers("bad", &[&is_due])
}

/// Fails unless the firing has reported exactly what is bad, each with its reason, and nothing was written of it. Answers
/// with what was reported.
pub(super) fn check(database: &mut Database, firing: &Firing) -> Result<Vec<Problem>> {
    let reported = &firing.run.problems;
    let expected = database.rows("bad_reported", &[])?;
    for row in &expected {
        let (subject, reason): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        ensure!(
            reported.iter().any(|told| told.subject == subject && told.reason.contains(&reason)),
            "{subject} ({reason}) is not reported: {:?}",
            firing.run
        );
    }
    ensure!(!expected.is_empty() && reported.len() == expected.len(), "reported is {reported:?}");
    let written = database.number("bad_written", &[])?;
    ensure!(written == 0, "{written} of what is bad was written");
    Ok(reported.clone())
}
