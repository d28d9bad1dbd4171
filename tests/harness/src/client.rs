//! A client of a running stack, for tests and tasks.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use crate::tokens::Person;
use crate::{Project, database, keys, tokens, wrangler};
use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE: &str = "stack.json";

/// The addresses of a running stack, and the secrets that a test needs.
#[derive(Serialize, Deserialize, Clone)]
pub struct StackInfo {
    /// The API. None for a stack without functions.
    pub api: Option<String>,
    /// The gateway.
    pub gateway: String,
    /// The database, as superuser.
    pub database: String,
    /// The catcher of mails and webhooks. None for a stack without functions.
    pub mail: Option<String>,
    /// The port that fires crons. None for a stack without functions.
    pub control: Option<String>,
    /// The API that signs people in at a stand-in for Supabase Auth, and that stand-in. None when nobody asked for them.
    #[serde(default)]
    pub supabase: Option<SupabaseInfo>,
    /// The process that holds the stack.
    pub pid: u32,
    /// Signs tokens (HS256).
    pub jwt_secret: String,
    /// The bearer token of `/api/health`.
    pub health_token: String,
    /// Signs the addresses of pictures.
    #[serde(default)]
    pub picture_secret: String,
}

/// The addresses of the second API and of the stand-in at which it signs people in.
#[derive(Serialize, Deserialize, Clone)]
pub struct SupabaseInfo {
    /// The API.
    pub api: String,
    /// The stand-in for Supabase Auth.
    pub auth: String,
    /// The `apikey` that it asks for.
    pub apikey: String,
}

impl StackInfo {
    /// The stack that `MILLWRIGHT_STACK` names (the path of a `stack.json`); without it, the development stack.
    ///
    /// # Errors
    /// If that stack does not run.
    pub fn from_env() -> Result<Self> {
        Self::load(&Self::file_from_env())
    }

    /// The file that [`Self::from_env`] reads; its folder is the stack's state.
    pub(crate) fn file_from_env() -> PathBuf {
        let default = || Project::here().target().join("stack").join(FILE);
        env::var_os("MILLWRIGHT_STACK").map_or_else(default, PathBuf::from)
    }

    /// The API's address.
    ///
    /// # Errors
    /// For a stack without functions.
    pub fn api(&self) -> Result<&str> {
        self.api.as_deref().ok_or_else(without_functions)
    }

    /// The catcher's address.
    ///
    /// # Errors
    /// For a stack without functions.
    pub fn mail(&self) -> Result<&str> {
        self.mail.as_deref().ok_or_else(without_functions)
    }

    /// The address that fires crons.
    ///
    /// # Errors
    /// For a stack without functions.
    pub fn control(&self) -> Result<&str> {
        self.control.as_deref().ok_or_else(without_functions)
    }

    /// The number of calls that the functions made to the gateway for a client's request with this id.
    ///
    /// # Errors
    /// For a stack without functions, or whose gateway nobody counts at.
    pub fn round_trips(&self, request_id: &str) -> Result<u64> {
        let url = format!("{}/round-trips?request_id={request_id}", self.control()?);
        let answer: Value = ureq::get(&url).call().context("nobody counts here")?.body_mut().read_json()?;
        answer["round_trips"].as_u64().context("no number")
    }

    /// The functions' requests to the gateway for the client's request with this id, each with its `method`, `path`,
    /// `headers` and `body`.
    ///
    /// # Errors
    /// For a stack without functions, or whose gateway has no proxy.
    pub fn gateway_questions(&self, request_id: &str) -> Result<Vec<Value>> {
        let url = format!("{}/gateway-questions?request_id={request_id}", self.control()?);
        Ok(ureq::get(&url).call().context("nobody listens here")?.body_mut().read_json()?)
    }

    /// A session in the database, as superuser.
    ///
    /// # Errors
    /// If the database does not answer.
    pub fn connect(&self) -> Result<postgres::Client> {
        database::connect(&self.database)
    }

    /// The stack of this state folder.
    pub(crate) fn read(state: &Path) -> Result<Self> {
        Self::load(&state.join(FILE))
    }

    /// The file that a killed stack has left; to be read by the process that holds the state folder now.
    pub(crate) fn left_by_a_kill(state: &Path) -> Option<Self> {
        let text = std::fs::read(state.join(FILE)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The ports it listens on.
    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> {
        let servers = [&self.api, &self.mail, &self.control].into_iter().flatten();
        servers.chain([&self.gateway, &self.database]).filter_map(|url| port_of(url))
    }

    /// Tells others where the stack is.
    pub(crate) fn write(&self, state: &Path) -> Result<PathBuf> {
        let path = state.join(FILE);
        crate::state::write_private(&path, &serde_json::to_vec_pretty(self)?)?;
        Ok(path)
    }

    /// Forgets the stack, so that nobody asks one that has stopped.
    pub(crate) fn remove(state: &Path) {
        std::fs::remove_file(state.join(FILE)).ok();
    }

    fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read(path)
            .with_context(|| format!("no stack runs here ({}): start `cargo xtask dev`", path.display()))?;
        let info: Self =
            serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
        if !Path::new(&format!("/proc/{}", info.pid)).exists() {
            bail!("the stack was killed: start `cargo xtask dev` again");
        }
        Ok(info)
    }
}

/// The result of a fired cron.
#[derive(Serialize, Deserialize, Debug, Clone)]
pub struct Fired {
    /// The function.
    pub function: String,
    /// The cron it was told.
    pub cron: String,
    /// The time it was told.
    pub scheduled_time: String,
    /// The runtime's verdict: `ok`, `exception`, …
    pub outcome: String,
    /// The time that the handler ran.
    pub duration_ms: u64,
    /// The newest row of `job_runs` that the function has written since for this time, if any.
    pub run: Option<Value>,
}

/// Fires a cron of a function: `cron` or else its first one, at `at` or else now.
///
/// # Errors
/// For a function that no cron starts, a cron that is not one of its triggers, and when the stack does not answer.
pub fn fire(
    stack: &StackInfo,
    function: &str,
    cron: Option<&str>,
    at: Option<DateTime<Utc>>,
) -> Result<Fired> {
    fire_variant(stack, function, None, cron, at)
}

/// The same, of the function with other variables, where the stack has such a variant of it.
///
/// # Errors
/// See [`fire`].
pub fn fire_variant(
    stack: &StackInfo,
    function: &str,
    variant: Option<&str>,
    cron: Option<&str>,
    at: Option<DateTime<Utc>>,
) -> Result<Fired> {
    let declared = wrangler::function(&Project::here(), function)?;
    let cron = chosen_cron(&declared, cron)?;
    let mut client = stack.connect()?;
    // The database's own clock, because `started_at` is written by it.
    let since: String = client.query_one("select clock_timestamp()::text", &[])?.get(0);
    let at = at.unwrap_or_else(crate::clock::now);
    let scheduled_time = at.to_rfc3339_opts(SecondsFormat::Millis, true);

    let answer: Value = post(
        &format!("{}/fire", stack.control()?),
        &json!({ "function": function, "variant": variant, "cron": cron, "scheduled_time": scheduled_time }),
    )?;
    let run = client.query_opt(
        "select to_jsonb(r)::text from public.job_runs r
         where r.function = $1 and r.started_at >= $2::text::timestamptz and r.scheduled_for = $3::text::timestamptz
         order by started_at desc limit 1",
        &[&function, &since, &scheduled_time],
    )?;
    Ok(Fired {
        function: function.into(),
        cron,
        scheduled_time,
        outcome: answer["outcome"].as_str().unwrap_or("unknown").into(),
        duration_ms: answer["duration_ms"].as_u64().unwrap_or_default(),
        run: run.map(|row| serde_json::from_str(row.get(0))).transpose()?,
    })
}

/// A token of whom `who` names: an e-mail address, a role (of the demo person with that role), or
/// `function:NAME` for a function's own gateway token.
///
/// # Errors
/// If there is no such person or function.
pub fn token(stack: &StackInfo, who: &str) -> Result<String> {
    if let Some(function) = who.strip_prefix("function:") {
        return function_token(&stack.jwt_secret, function);
    }
    let (person, _) = person(stack, who)?;
    tokens::for_person(&stack.jwt_secret, &person, None)
}

/// The same token as the API gives at sign-in: it says how far its bearer sees, so that lists are narrowed by it.
///
/// # Errors
/// If the database does not answer, or knows nobody of that role or address.
pub fn signed_in_token(stack: &StackInfo, who: &str) -> Result<String> {
    let (person, reach) = person(stack, who)?;
    tokens::for_person(&stack.jwt_secret, &person, Some(reach))
}

/// A person, and how far they see, as a token says it.
fn person(stack: &StackInfo, who: &str) -> Result<(Person, Value)> {
    let email = email_of(who);
    let known = "select id::text, jsonb_build_object('role', role, 'warehouse_id', warehouse_id)
        from public.profiles where email::text = $1";
    let Some(row) = stack.connect()?.query_opt(known, &[&email])? else {
        bail!("nobody here has the address {email}");
    };
    Ok((Person { id: row.get(0), email }, row.get(1)))
}

/// The key that the stand-in for Supabase Auth signs with, as a private JWK with its id.
///
/// # Errors
/// If it cannot be made, which does not happen.
pub fn supabase_key(stack: &StackInfo) -> Result<Value> {
    let mut key = keys::private(&stack.jwt_secret)?;
    key["kid"] = keys::KID.into();
    Ok(key)
}

/// `8787` of `http://127.0.0.1:8787/…`.
pub(crate) fn port_of(url: &str) -> Option<u16> {
    let (_, rest) = url.rsplit_once(':')?;
    rest.split('/').next()?.parse().ok()
}

/// A function's own gateway token, signed with `secret`: good for a year, for its own Postgres role and nothing more.
///
/// # Errors
/// If there is no such function.
pub fn function_token(secret: &str, function: &str) -> Result<String> {
    wrangler::function(&Project::here(), function)?;
    tokens::for_function(secret, function)
}

fn email_of(who: &str) -> String {
    if who.contains('@') { who.into() } else { format!("{who}@demo.test") }
}

fn chosen_cron(function: &wrangler::Function, wanted: Option<&str>) -> Result<String> {
    let name = &function.name;
    let Some(first) = function.crons.first() else {
        if function.consumes.is_empty() {
            bail!("no cron starts {name}: it answers HTTP requests, so send it one");
        }
        let queues = function.consumes.join(" and ");
        bail!("no cron starts {name}: messages on {queues} do");
    };
    match wanted {
        None => Ok(first.clone()),
        Some(cron) if function.crons.iter().any(|known| known == cron) => Ok(cron.into()),
        Some(cron) => bail!("`{cron}` is no trigger of {name}; its crons are: {}", function.crons.join(", ")),
    }
}

fn post(url: &str, body: &Value) -> Result<Value> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_mins(20)))
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.post(url).send_json(body).context("the stack does not answer")?;
    let status = answer.status();
    let value: Value = answer.body_mut().read_json()?;
    if !status.is_success() {
        bail!("{}", value["message"].as_str().unwrap_or("it failed"));
    }
    Ok(value)
}

fn without_functions() -> anyhow::Error {
    anyhow!("this stack runs without functions")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(crons: &[&str], consumes: &[&str]) -> wrangler::Function {
        wrangler::Function {
            name: "f".into(),
            crons: crons.iter().map(ToString::to_string).collect(),
            consumes: consumes.iter().map(ToString::to_string).collect(),
            vars: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_port_is_read_from_any_address() {
        assert_eq!(port_of("http://127.0.0.1:8787"), Some(8787));
        assert_eq!(port_of(&database::url("postgres", "a1", 5432)), Some(5432));
        assert_eq!(port_of("nowhere"), None);
    }

    #[test]
    fn a_role_is_its_demo_person() {
        assert_eq!(email_of("inventory_clerk"), "inventory_clerk@demo.test");
        assert_eq!(email_of("a@b.c"), "a@b.c");
    }

    #[test]
    fn the_first_cron_is_the_default() {
        let f = function(&["0 2 * * *", "30 2 * * *"], &[]);
        assert_eq!(chosen_cron(&f, None).unwrap(), "0 2 * * *");
        assert_eq!(chosen_cron(&f, Some("30 2 * * *")).unwrap(), "30 2 * * *");
        assert!(chosen_cron(&f, Some("* * * * *")).is_err());
    }

    #[test]
    fn a_function_without_crons_says_what_starts_it() {
        let queue = chosen_cron(&function(&[], &["q"]), None).unwrap_err();
        assert!(queue.to_string().contains("messages on q"));
        let http = chosen_cron(&function(&[], &[]), None).unwrap_err();
        assert!(http.to_string().contains("HTTP"));
    }
}
