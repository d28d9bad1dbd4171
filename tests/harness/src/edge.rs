//! The functions in workerd, with queues and buckets, started by `edge.mjs`.

use crate::process::Process;
use crate::secrets::Secrets;
use crate::stack::StandIn;
use crate::{Profile, Project, keys, state, tokens, wrangler};
use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use serde_json::{Map, Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const START: Duration = Duration::from_mins(1);

/// The function that answers clients.
const API: &str = "request-api";

/// The functions that run once more for each of [`LIMITS`].
const LIMITED: [&str; 2] = ["escalation-checker", "pm-scheduler"];
/// A variant's name, the variable in which it differs, and what that is.
const LIMITS: [(&str, &str, &str); 4] = [
    ("free-plan", "SUBREQUEST_LIMIT", "50"),
    ("few-calls", "SUBREQUEST_LIMIT", "8"),
    ("more-calls", "SUBREQUEST_LIMIT", "9"),
    ("short", "WALL_BUDGET_SECONDS", "1"),
];

/// The settings of the functions' process.
pub(crate) struct Wanted<'a> {
    pub(crate) project: &'a Project,
    pub(crate) state: &'a Path,
    pub(crate) logs: &'a Path,
    /// An empty folder.
    pub(crate) scratch: &'a Path,
    pub(crate) secrets: &'a Secrets,
    pub(crate) profile: Profile,
    pub(crate) gateway: &'a str,
    /// The port of a proxy through which the functions reach the gateway.
    pub(crate) gateway_proxy: Option<u16>,
    pub(crate) port: u16,
    pub(crate) mail_port: u16,
    pub(crate) control_port: u16,
    pub(crate) supabase: Option<SupabasePorts>,
    /// True: functions run once more with limits that are soon reached.
    pub(crate) limited: bool,
    /// Scripts in the API's place, each with its port.
    pub(crate) stand_ins: &'a [(StandIn, u16)],
    /// A program that runs its arguments so that they die with the process that called it.
    pub(crate) guard: &'a [String],
}

/// The ports for the second API and its stand-in for Supabase Auth.
#[derive(Clone, Copy)]
pub(crate) struct SupabasePorts {
    pub(crate) api: u16,
    pub(crate) auth: u16,
}

/// Starts all functions of `wrangler.toml`; returns when they answer.
pub(crate) fn start(wanted: &Wanted<'_>) -> Result<Process> {
    let config = wanted.state.join("edge.json");
    state::write_private(&config, &serde_json::to_vec_pretty(&configuration(wanted)?)?)?;

    let mut command = Command::new("node");
    command
        .arg(wanted.project.harness("edge.mjs"))
        .arg(&config)
        .current_dir(wanted.project.root())
        .env("MINIFLARE_WORKERD_PATH", guarded_workerd(wanted)?)
        .env("TMPDIR", wanted.scratch)
        .env("WRANGLER_SEND_METRICS", "false");
    let mut process =
        Process::spawn("edge.mjs (workerd)", &mut command, &wanted.logs.join("edge.log"), Signal::TERM)?;
    let health = format!("http://127.0.0.1:{}/health", wanted.control_port);
    process.wait_until("that the functions answer", START, || ureq::get(&health).call().is_ok())?;
    Ok(process)
}

/// The file that `edge.mjs` reads.
fn configuration(wanted: &Wanted<'_>) -> Result<Value> {
    let functions = wrangler::functions(wanted.project)?
        .into_iter()
        .map(|function| {
            let script = wanted.project.module(&function.name, wanted.profile).join("index.js");
            if !script.exists() {
                bail!("{} is not built ({})", function.name, script.display());
            }
            let bindings = bindings(wanted, &function.name)?;
            Ok(json!({ "name": function.name, "script": script, "bindings": bindings }))
        })
        .collect::<Result<Vec<_>>>()?;
    let stand_in = |(stand_in, port): &(StandIn, u16)| json!({ "name": stand_in.name, "script": stand_in.script, "port": port });
    Ok(json!({
        "wrangler": wanted.project.wrangler_toml(),
        "api": API,
        "port": wanted.port,
        "functions": functions,
        "stand_ins": wanted.stand_ins.iter().map(stand_in).collect::<Vec<_>>(),
        "persist": wanted.state.join("edge"),
        "log": wanted.logs.join("workers.log"),
        "mail": { "port": wanted.mail_port, "key": wanted.secrets.mail_key },
        "control": { "port": wanted.control_port },
        "gateway_proxy": wanted.gateway_proxy.map(|port| json!({ "port": port, "gateway": wanted.gateway })),
        "supabase": wanted.supabase.map(|ports| supabase(wanted, ports)).transpose()?,
        "variants": if wanted.limited { variants(wanted)? } else { Vec::new() },
    }))
}

/// Functions once more, each with a limit that is reached sooner.
fn variants(wanted: &Wanted<'_>) -> Result<Vec<Value>> {
    let each = LIMITED.iter().flat_map(|function| LIMITS.iter().map(move |limit| (function, limit)));
    each.map(|(function, (name, variable, value))| {
        let mut bindings = bindings(wanted, function)?;
        bindings.insert((*variable).into(), (*value).into());
        Ok(json!({ "of": function, "name": name, "bindings": bindings }))
    })
    .collect()
}

/// The second API, and the stand-in that it signs people in at.
fn supabase(wanted: &Wanted<'_>, ports: SupabasePorts) -> Result<Value> {
    let auth = format!("http://127.0.0.1:{}", ports.auth);
    // Any text will do: both sides get the same.
    let apikey = &wanted.secrets.health_token;
    let mut bindings = bindings(wanted, API)?;
    for (name, value) in [
        ("AUTH_MODE", "supabase"),
        ("SUPABASE_AUTH_URL", &auth),
        ("GATEWAY_APIKEY", apikey),
        ("JWT_ALGORITHM", "ES256"),
        ("JWKS_URL", &format!("{auth}/.well-known/jwks.json")),
        ("JWT_ISSUER", &auth),
    ] {
        bindings.insert(name.into(), value.into());
    }
    let (key, kid) = (keys::private(&wanted.secrets.jwt)?, keys::KID);
    let auth = json!({ "port": ports.auth, "apikey": apikey, "key": key, "kid": kid });
    Ok(json!({ "port": ports.api, "bindings": bindings, "auth": auth }))
}

/// The vars that differ on this machine, and the secrets, of one function.
fn bindings(wanted: &Wanted<'_>, function: &str) -> Result<Map<String, Value>> {
    let secrets = wanted.secrets;
    let mut bindings = Map::new();
    let mut set = |name: &str, value: &str| bindings.insert(name.into(), value.into());
    set("TIER", "development");
    match wanted.gateway_proxy {
        Some(port) => set("GATEWAY_URL", &format!("http://127.0.0.1:{port}")),
        None => set("GATEWAY_URL", wanted.gateway),
    };
    set("GATEWAY_TOKEN", &tokens::for_function(&secrets.jwt, function)?);
    match function {
        API => {
            set("PUBLIC_URL", &format!("http://127.0.0.1:{}", wanted.port));
            set("JWT_SECRET", &secrets.jwt);
            set("HEALTH_TOKEN", &secrets.health_token);
            set("PICTURE_SECRET", &secrets.picture);
        }
        "notification-sender" => {
            let catcher = format!("http://127.0.0.1:{}", wanted.mail_port);
            set("MAIL_API_URL", &catcher);
            set("MAIL_API_KEY", &secrets.mail_key);
        }
        _ => {}
    }
    Ok(bindings)
}

/// workerd is a child of node, which cannot ask the kernel to end its children. So Miniflare gets a script that
/// starts workerd through the guard.
fn guarded_workerd(wanted: &Wanted<'_>) -> Result<PathBuf> {
    let workerd = wanted.project.workerd()?;
    let mut words: Vec<String> = wanted.guard.iter().map(|word| quoted(word)).collect();
    words.push(quoted(&workerd.display().to_string()));
    let script = wanted.state.join("workerd");
    fs::write(&script, format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" ")))
        .and_then(|()| fs::set_permissions(&script, fs::Permissions::from_mode(0o755)))
        .with_context(|| format!("writing {}", script.display()))?;
    Ok(script)
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_path_stays_one_word() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
