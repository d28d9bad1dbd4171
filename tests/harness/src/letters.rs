//! The mails with links that wait in a database, for whoever develops: nobody else reads their tokens.

use crate::database;
use anyhow::{Context, Result};

/// A mail that waits.
#[derive(Debug, PartialEq, Eq)]
pub struct Letter {
    /// The reason for it, in a word.
    pub kind: String,
    /// The address that it goes to.
    pub email: String,
    /// The token of its link, if it has one.
    pub token: Option<String>,
    /// The moment of its end, in UTC.
    pub until: String,
}

/// Those that wait, the oldest first.
///
/// # Errors
/// If the database does not answer, or is older than they are.
pub fn waiting(database_url: &str) -> Result<Vec<Letter>> {
    let rows = database::connect(database_url)?
        .query(
            "select kind, email, token, to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
             from private.letters where expires_at > now() order by id",
            &[],
        )
        .context("asking for the letters: are all migrations applied?")?;
    Ok(rows
        .iter()
        .map(|row| Letter { kind: row.get(0), email: row.get(1), token: row.get(2), until: row.get(3) })
        .collect())
}
