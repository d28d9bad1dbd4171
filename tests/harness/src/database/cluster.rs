//! Making the cluster, once per state folder.

use super::home::Home;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// Runs `initdb` unless the data folder exists. The folder gets its name when it is complete, so a start that
/// was interrupted leaves nothing half made.
pub(super) fn create(home: &Home, password: &str, logs: &Path) -> Result<()> {
    let data = home.data();
    if data.exists() {
        return Ok(());
    }
    let draft = home.folder().join("data.draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(|| format!("removing {}", draft.display()))?;
    }

    let secret = home.folder().join("password");
    crate::state::write_private(&secret, password.as_bytes())?;
    home.give(&secret)?;
    let log = logs.join("initdb.log");
    let output = fs::File::create(&log).with_context(|| format!("making {}", log.display()))?;
    let status = home
        .command("initdb")?
        .arg("-D")
        .arg(&draft)
        .args(["--username=postgres", "--auth=scram-sha-256"])
        .args(["--encoding=UTF8", "--locale=C", "--no-instructions"])
        // The server syncs what matters later; this only makes the first start slower.
        .arg("--no-sync")
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
