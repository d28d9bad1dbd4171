//! Making the cluster, once per state folder.

use super::Wanted;
use super::home::Home;
use crate::stack::Durability;
use anyhow::{Context, Result, bail};
use std::fs;
use std::process::Stdio;

/// Runs `initdb` unless the data folder exists. The folder gets its name when it is complete, so a start that
/// was interrupted leaves nothing half made.
pub(super) fn create(home: &Home, wanted: &Wanted<'_>) -> Result<()> {
    let data = home.data();
    if data.exists() {
        return Ok(());
    }
    let draft = home.folder().join("data.draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(|| format!("removing {}", draft.display()))?;
    }

    let secret = home.folder().join("password");
    crate::state::write_private(&secret, wanted.secrets.postgres.as_bytes())?;
    home.give(&secret)?;
    let log = wanted.logs.join("initdb.log");
    let output = fs::File::create(&log).with_context(|| format!("making {}", log.display()))?;
    let mut initdb = home.command("initdb");
    if wanted.durability == Durability::None {
        initdb.arg("--no-sync");
    }
    let status = initdb
        .arg("-D")
        .arg(&draft)
        .args(["--username=postgres", "--auth=scram-sha-256"])
        .args(["--encoding=UTF8", "--locale=C", "--no-instructions"])
        .arg("--pwfile")
        .arg(&secret)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .status()
        .context("starting initdb");
    fs::remove_file(&secret).ok();
    if !status?.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        bail!("initdb failed:\n{said}");
    }
    fs::rename(&draft, &data).with_context(|| format!("making {}", data.display()))
}
