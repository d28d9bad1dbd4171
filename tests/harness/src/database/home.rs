//! The place of Postgres's files, and the user that it runs as.
//!
//! Postgres refuses to run as root. For root it runs as `nobody`, who has to reach its programs and its data:
//! when the project lies below a folder that others may not enter, both move to `/var/tmp`.

use super::Wanted;
use crate::Project;
use crate::secrets::hex;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folders of one Postgres.
pub(super) struct Home {
    native: PathBuf,
    folder: PathBuf,
    user: Option<User>,
    temporary: Option<PathBuf>,
}

#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl Home {
    /// Finds or makes a place from which Postgres can run.
    pub(super) fn prepare(wanted: &Wanted<'_>) -> Result<Self> {
        let native = wanted.project.postgres()?;
        link_libraries(&native)?;
        let folder = inside(wanted.state);
        if !rustix::process::geteuid().is_root() {
            make(&folder)?;
            return Ok(Self { native, folder, user: None, temporary: None });
        }
        let user = nobody();
        let here = Self { native, folder, user: Some(user), temporary: None };
        let home = if here.own_folder().is_ok() && here.reachable() { here } else { here.outside(wanted)? };
        home.own_folder()?;
        Ok(home)
    }

    /// The data folder; exists once the cluster is made.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The folder around it, which Postgres's user may write.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// One of Postgres's programs, as the user it runs as.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.native.join("bin").join(program));
        // The caller's folder may be closed to that user.
        command.current_dir("/").env_clear().env("LC_ALL", "C");
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Gives a file to Postgres's user.
    pub(super) fn give(&self, path: &Path) -> Result<()> {
        match self.user {
            Some(user) => chown(path, Some(user.uid), Some(user.gid))
                .with_context(|| format!("giving {} to nobody", path.display())),
            None => Ok(()),
        }
    }

    /// Tries it: can that user run the program and enter the folder?
    fn reachable(&self) -> bool {
        let works = |command: &mut Command| {
            let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        let runs = works(self.command("postgres").arg("--version"));
        let Some(user) = self.user else { return runs };
        let mut enter = Command::new("/bin/sh");
        enter.args(["-c", "cd \"$1\" && test -w .", "sh"]);
        enter.arg(&self.folder).current_dir("/");
        enter.uid(user.uid).gid(user.gid);
        runs && works(&mut enter)
    }

    fn own_folder(&self) -> Result<()> {
        make(&self.folder)?;
        self.give(&self.folder)
    }

    fn outside(self, wanted: &Wanted<'_>) -> Result<Self> {
        // Empty: it was only a try.
        fs::remove_dir(&self.folder).ok();
        let place = outside(wanted.project, wanted.state);
        claim(&place)?;
        let native = place.join(format!("programs-{}", package_version(&self.native)?));
        if !native.exists() {
            copy(&self.native, &native)?;
        }
        Ok(Self {
            native,
            folder: place.join("postgres"),
            user: self.user,
            temporary: is_for_tests(wanted.state).then_some(place),
        })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(place) = &self.temporary {
            fs::remove_dir_all(place).ok();
        }
    }
}

/// The data folder in `/var/tmp`, when there is one.
pub(super) fn data_outside(project: &Project, state: &Path) -> Option<PathBuf> {
    let data = outside(project, state).join("postgres/data");
    data.exists().then_some(data)
}

/// The data folder in the state folder, whether it exists or not.
pub(super) fn data_inside(state: &Path) -> PathBuf {
    inside(state).join("data")
}

/// Removes the place in `/var/tmp`.
pub(super) fn remove_outside(project: &Project, state: &Path) -> Result<()> {
    let place = outside(project, state);
    match fs::remove_dir_all(&place) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", place.display()))
        }
        _ => Ok(()),
    }
}

fn inside(state: &Path) -> PathBuf {
    state.join("postgres")
}

fn is_for_tests(state: &Path) -> bool {
    state.ends_with("stack-test")
}

/// One place for each project folder and state folder: `dev` for the stack that people use, the others by their names.
fn outside(project: &Project, state: &Path) -> PathBuf {
    let digest = Sha256::digest(project.root().as_os_str().as_encoded_bytes());
    let mut short = hex(&digest);
    short.truncate(12);
    let name = state.file_name().and_then(OsStr::to_str);
    let kind = name.and_then(|name| name.strip_prefix("stack-")).unwrap_or("dev");
    PathBuf::from(format!("/var/tmp/millwright-{short}-{kind}"))
}

/// Everyone may write in `/var/tmp`: what is there already must be ours.
fn claim(place: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o755).create(place) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(place)?;
            if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
                bail!("{} belongs to someone else; remove it and start again", place.display());
            }
        }
        made => made.with_context(|| format!("making {}", place.display()))?,
    }
    // Set afterwards, because the umask may have taken bits away.
    fs::set_permissions(place, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

/// The version of the npm package, so that another one gets a copy of its own.
fn package_version(native: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Package {
        version: String,
    }
    let file = native.with_file_name("package.json");
    let text = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
    Ok(serde_json::from_slice::<Package>(&text)?.version)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let draft = to.with_extension("draft");
    fs::remove_dir_all(&draft).ok();
    let mut command = Command::new("cp");
    command.arg("-R").arg(from).arg(&draft);
    let copied = command.status().context("running cp")?.success();
    let mut open = Command::new("chmod");
    let opened = copied && open.arg("-R").arg("a+rX").arg(&draft).status()?.success();
    if !opened {
        bail!("copying {} to {} failed", from.display(), to.display());
    }
    fs::rename(&draft, to).with_context(|| format!("making {}", to.display()))
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))
}

/// The user that owns nothing.
fn nobody() -> User {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = users.lines().find_map(|line| line.strip_prefix("nobody:")).and_then(|line| {
        let mut fields = line.split(':').skip(1);
        Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    });
    found.unwrap_or(User { uid: 65534, gid: 65534 })
}

#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// npm packages cannot hold symbolic links, and npm may be told not to run the script that makes them.
fn link_libraries(native: &Path) -> Result<()> {
    let list = native.join("pg-symlinks.json");
    let text = fs::read(&list).with_context(|| format!("reading {}", list.display()))?;
    let links: Vec<Link> = serde_json::from_slice(&text)?;
    let package = native.parent().unwrap_or(native);
    for Link { source, target } in links {
        // Source and target are always in one folder.
        let name = source.file_name().context("a link without a target")?;
        match symlink(name, package.join(&target)) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("linking {}", target.display()));
            }
            _ => {}
        }
    }
    Ok(())
}
