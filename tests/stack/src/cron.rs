//! Crons, fired for any moment by whoever controls the stack, and what becomes of their calls of the gateway.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::Api;

/// The failures of a call of the gateway: before it hears of it, after it has done it, in the middle of its answer, and
/// with a page instead of the answer.
pub const FAULTS: [&str; 4] = ["drop", "cut", "torn", "garble"];

/// A cron trigger of a function.
#[derive(Debug, Clone, Copy)]
pub struct Cron {
    function: &'static str,
    expression: &'static str,
    variant: Option<&'static str>,
}

/// A firing that came to its end.
#[derive(Debug)]
pub struct Ran {
    /// The row that it was recorded with.
    pub run: Value,
    /// The number of its calls of the gateway, its beginning and its end included.
    pub calls: u64,
}

impl Ran {
    /// Its outcome, and the number of its calls.
    #[must_use]
    pub fn ended(&self) -> (&str, u64) {
        (self.run["outcome"].as_str().unwrap_or_default(), self.calls)
    }
}

impl Cron {
    /// A trigger as `wrangler.toml` declares it.
    #[must_use]
    pub const fn of(function: &'static str, expression: &'static str) -> Self {
        Self { function, expression, variant: None }
    }

    /// The same trigger of the function with other variables: `few-calls`, `more-calls` or `short`, as the harness describes
    /// them.
    #[must_use]
    pub const fn variant(self, name: &'static str) -> Self {
        Self { variant: Some(name), ..self }
    }

    /// Fires, whatever comes of it.
    ///
    /// # Panics
    /// If the firing fails.
    pub fn fire(&self, api: &Api, at: DateTime<Utc>) {
        let firing = json!({"function": self.function, "variant": self.variant, "cron": self.expression, "scheduled_time": moment(at)});
        assert_eq!(control(api, "/fire", &firing)["outcome"], "ok");
    }

    /// Fires, and answers with how it went. No other firing of the function for the same moment may be under way.
    ///
    /// # Panics
    /// If it did not come to its end.
    #[must_use]
    pub fn run(&self, api: &Api, at: DateTime<Utc>) -> Ran {
        let (id, since) = (self.request_id(at), api.ask("clock_timestamp()"));
        let calls = || api.stack.round_trips(&id).expect("the gateway's proxy counts");
        let before = calls();
        self.fire(api, at);
        let run = api.ask(&format!(
            "select to_jsonb(r) from public.job_runs r
             where function = '{}' and scheduled_for = '{}' and started_at >= '{since}'",
            self.function,
            moment(at)
        ));
        let run: Value = serde_json::from_str(&run).expect("a recorded run");
        assert_ne!(run["outcome"], "running", "{run}");
        Ran { run, calls: calls() - before }
    }

    /// Fires until nothing is left to do, at most so often.
    ///
    /// # Panics
    /// If something is left even then.
    pub fn run_until_done(&self, api: &Api, at: DateTime<Utc>, most: usize) {
        let done = (0..most).any(|_| self.run(api, at).ended().0 == "done");
        assert!(done, "not done after {most} firings");
    }

    /// Lets something happen to one call of the next firing for this moment, after so many others: one of [`FAULTS`], or what
    /// else the proxy of the harness knows.
    pub fn plan(&self, api: &Api, at: DateTime<Utc>, calls_before: usize, fault: &str) {
        let mut kinds = vec![""; calls_before];
        kinds.push(fault);
        plan_faults(api, &self.request_id(at), &kinds);
    }

    /// The request id of its calls of the gateway.
    fn request_id(&self, at: DateTime<Utc>) -> String {
        format!("{}/{}", self.function, moment(at))
    }
}

/// Now, to the second, as the database has it.
///
/// # Panics
/// If it does not say.
#[must_use]
pub fn now(api: &Api) -> DateTime<Utc> {
    let seconds = api.ask("extract(epoch from date_trunc('second', now()))::bigint");
    seconds.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).expect("a moment")
}

/// A moment as it is written in JSON, to the millisecond: firings know no finer ones.
#[must_use]
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Says what is to happen to the next calls of the gateway within a request, one after the other; `""` is nothing.
pub fn plan_faults(api: &Api, request_id: &str, kinds: &[&str]) {
    control(api, "/faults", &json!({"request_id": request_id, "kinds": kinds}));
}

/// Asks whoever controls the stack.
fn control(api: &Api, path: &str, body: &Value) -> Value {
    let control = api.stack.control().expect("with functions");
    api.send_to(control, &Method::POST, path, &[], body.to_string().as_bytes()).expect(200)
}
