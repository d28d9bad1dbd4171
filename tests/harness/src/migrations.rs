//! Migrations, run by dbmate: numbered SQL files, each with its way back.

use crate::{Project, database, schema};
use anyhow::{Context, Result, bail};
use postgres::Client;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Applies every migration that is not applied, stores the way back of each, and tells the gateway.
/// Returns what dbmate said.
///
/// # Errors
/// With dbmate's message, when a migration fails.
pub fn up(project: &Project, database_url: &str) -> Result<String> {
    let said = dbmate(project, database_url, &["up"])?;
    let mut client = database::connect(database_url)?;
    store_rollbacks(&mut client, &project.migrations())?;
    reload_gateway(&mut client)?;
    Ok(said)
}

/// Takes the newest migration back.
///
/// # Errors
/// With dbmate's message, when that fails or nothing is applied.
pub fn down(project: &Project, database_url: &str) -> Result<String> {
    let said = dbmate(project, database_url, &["down"])?;
    reload_gateway(&mut database::connect(database_url)?)?;
    Ok(said)
}

/// Takes all migrations back, the newest first.
fn down_all(project: &Project, database_url: &str) -> Result<()> {
    for _ in applied(&mut database::connect(database_url)?)? {
        dbmate(project, database_url, &["down"])?;
    }
    Ok(())
}

/// Takes everything back and applies it again: the schema must be the same, line by line.
///
/// # Errors
/// With the lines that differ, or dbmate's message.
pub(crate) fn prove_way_back(project: &Project, database_url: &str) -> Result<()> {
    let first = schema::dump(database_url)?;
    down_all(project, database_url)?;
    up(project, database_url)?;
    let second = schema::dump(database_url)?;
    let differences = schema::differences(&first, &second);
    if !differences.is_empty() {
        bail!("up, down, up makes another schema (- first, + second):\n{}", differences.join("\n"));
    }
    Ok(())
}

/// dbmate's list of what is applied and what is not.
///
/// # Errors
/// If dbmate fails.
pub fn status(project: &Project, database_url: &str) -> Result<String> {
    dbmate(project, database_url, &["status"])
}

/// The way up of every migration, with its file: the beginning of that, so that its lines have their numbers.
///
/// # Errors
/// If a file cannot be read or has no way back.
pub fn ways_up(project: &Project) -> Result<Vec<(PathBuf, String)>> {
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        let Some((up, _)) = split(&text) else {
            bail!("{} has no `-- migrate:down` part", file.display());
        };
        let up = up.to_owned();
        Ok((file, up))
    };
    files(&project.migrations()).into_iter().map(read).collect()
}

/// True when there is any migration.
#[must_use]
pub fn exist(project: &Project) -> bool {
    !files(&project.migrations()).is_empty()
}

fn dbmate(project: &Project, database_url: &str, arguments: &[&str]) -> Result<String> {
    let Output { status, stdout, stderr } = Command::new(project.dbmate()?)
        // By the environment: arguments are readable by every user of the machine.
        .env("DATABASE_URL", database_url)
        .arg("--migrations-dir")
        .arg(project.migrations())
        .arg("--no-dump-schema")
        .args(arguments)
        // dbmate reads a `.env` of the folder it runs in.
        .current_dir("/")
        .output()
        .context("starting dbmate")?;
    let said = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let said = said.concat();
    if !status.success() {
        bail!("dbmate {} failed:\n{said}", arguments.join(" "));
    }
    Ok(said)
}

/// Fills `schema_migrations.rollback_sql` where it is empty. The first migration adds that column.
fn store_rollbacks(client: &mut Client, folder: &Path) -> Result<()> {
    let has_column = "select 1 from pg_catalog.pg_attribute
        where attrelid = 'public.schema_migrations'::regclass and attname = 'rollback_sql'
          and not attisdropped";
    if client.query_opt(has_column, &[])?.is_none() {
        return Ok(());
    }
    let files = files(folder);
    for version in applied(client)? {
        let Some(file) = files.iter().find(|file| version_of(file) == Some(&version)) else {
            continue;
        };
        let text = fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
        let Some((_, down)) = split(&text) else {
            bail!("{} has no `-- migrate:down` part", file.display());
        };
        client.execute(
            "update public.schema_migrations set rollback_sql = $2
             where version = $1 and rollback_sql is null",
            &[&version, &down.trim()],
        )?;
    }
    Ok(())
}

fn reload_gateway(client: &mut Client) -> Result<()> {
    client
        .batch_execute("notify pgrst, 'reload config'; notify pgrst, 'reload schema'")
        .context("telling the gateway about the new settings and schema")
}

/// The versions that are applied, the oldest first.
fn applied(client: &mut Client) -> Result<Vec<String>> {
    let known = client.query_one("select to_regclass('public.schema_migrations') is not null", &[])?;
    if !known.get::<_, bool>(0) {
        return Ok(Vec::new());
    }
    let rows = client.query("select version::text from public.schema_migrations order by 1", &[])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "sql") && version_of(path).is_some())
        .collect();
    files.sort();
    files
}

/// `0001` of `0001_people.sql`; none of a file that is not a migration, as dbmate sees it.
fn version_of(file: &Path) -> Option<&str> {
    let (version, _) = file.file_name()?.to_str()?.split_once('_')?;
    version.bytes().all(|byte| byte.is_ascii_digit()).then_some(version)
}

/// The parts before and after the line `-- migrate:down`.
fn split(text: &str) -> Option<(&str, &str)> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("-- migrate:down") {
            return Some((text.get(..offset)?, text.get(offset + line.len()..)?));
        }
        offset += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_parts_are_before_and_after_a_line() {
        let text = "-- migrate:up\ncreate table a ();\n\n-- migrate:down transaction:false\ndrop table a;\n";
        assert_eq!(split(text), Some(("-- migrate:up\ncreate table a ();\n\n", "drop table a;\n")));
        assert_eq!(split("-- migrate:up\nselect 1;\n"), None);
        assert_eq!(split("-- migrate:down"), Some(("", "")));
    }

    #[test]
    fn the_version_is_the_number_of_the_file() {
        assert_eq!(version_of(Path::new("/m/0001_people.sql")), Some("0001"));
        assert_eq!(version_of(Path::new("/m/schema.sql")), None);
        assert_eq!(version_of(Path::new("/m/read_me.sql")), None);
    }
}
