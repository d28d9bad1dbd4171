//! Asking the API, and having explained what it asks the gateway for that.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use super::explained::Explained;
use crate::bench::figures::Spread;
use crate::bench::timed;
use anyhow::{Context, Result};
use millwright_harness::client::StackInfo;
use serde_json::Value;
use std::time::Duration;
use ureq::http::Request;

/// A report by machine answers with a row for each of many thousand.
const MOST_BYTES: u64 = 256 << 20;
/// The most times that the same question is asked.
const TIMES: usize = 3;
/// With fewer milliseconds nothing can be missed: once is enough.
const FAST_MS: f64 = 0.9;
/// With more milliseconds everything is missed: once is enough.
pub(super) const SLOW_MS: f64 = 100.0;

/// Headers that are not handed on: the answer is another one, over another connection.
const OF_THE_CONNECTION: [&str; 7] =
    ["accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"];

/// Asks, and counts the requests: each has a number of its own.
pub(super) struct Asker {
    info: StackInfo,
    agent: ureq::Agent,
    asked: u64,
}

/// The outcome of a question.
pub(super) enum Came {
    /// A success.
    Answer {
        /// Milliseconds until all of the answer was there.
        api_ms: f64,
        /// The database's work for each request to the gateway.
        explained: Vec<Explained>,
        /// The target of the first request to the gateway: a table, or `rpc` and a function.
        table: String,
    },
    /// It is not theirs, or not there.
    Refused,
    /// The database did not answer in time, or something is broken.
    Failed(String),
}

impl Asker {
    pub(super) fn of(info: &StackInfo) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_mins(1)))
            .http_status_as_error(false);
        Self { info: info.clone(), agent: config.build().into(), asked: 0 }
    }

    /// Asks the API once, without any figure.
    pub(super) fn read(&mut self, token: &str, address: &str) -> Result<Option<Value>> {
        let (status, body) = self.api(token, address)?;
        Ok(if status == 200 { serde_json::from_str(&body).ok() } else { None })
    }

    /// Asks the API, and has explained what that causes. What is only a variation of another question, which is no other to the
    /// API, is asked of it once.
    pub(super) fn measure(&mut self, token: &str, address: &str, is_variation: bool) -> Result<Came> {
        let ((status, body), first) = timed(|| self.api(token, address))?;
        match status {
            200 => {}
            400..500 => return Ok(Came::Refused),
            _ => return Ok(Came::Failed(format!("{status} {body}"))),
        }
        let questions = self.info.gateway_questions(&self.request_id())?;
        let explained =
            questions.iter().map(|question| self.explain(question)).collect::<Result<Option<_>>>()?;
        let Some(explained) = explained else {
            return Ok(Came::Failed("it could not be explained in time".to_owned()));
        };
        let mut times = vec![first * 1_000.0];
        while !is_variation && times.len() < TIMES && times.iter().all(|ms| *ms < SLOW_MS) {
            times.push(timed(|| self.api(token, address))?.1 * 1_000.0);
        }
        let api_ms = Spread::of(times).context("nothing was measured")?.median;
        let path = questions.first().and_then(|question| question["path"].as_str()).unwrap_or_default();
        let table = path.trim_start_matches('/').split('?').next().unwrap_or_default().to_owned();
        Ok(Came::Answer { api_ms, explained, table })
    }

    fn request_id(&self) -> String {
        format!("scale-{}", self.asked)
    }

    fn api(&mut self, token: &str, address: &str) -> Result<(u16, String)> {
        self.asked += 1;
        let url = format!("{}/api/v1/{address}", self.info.api()?);
        let request = self.agent.get(&url).header("authorization", format!("Bearer {token}"));
        let mut answer = request.header("x-request-id", self.request_id()).call()?;
        Ok((answer.status().as_u16(), answer.body_mut().with_config().limit(MOST_BYTES).read_to_string()?))
    }

    /// The fastest of some runs. None when the database gives up.
    fn explain(&self, question: &Value) -> Result<Option<Explained>> {
        let mut best: Option<Explained> = None;
        for _ in 0..TIMES {
            let Some(explained) = self.explain_once(question)? else {
                return Ok(best);
            };
            let ms = explained.ms;
            if best.as_ref().is_none_or(|best| ms < best.ms) {
                best = Some(explained);
            }
            if !(FAST_MS..SLOW_MS).contains(&ms) {
                break;
            }
        }
        Ok(best)
    }

    fn explain_once(&self, question: &Value) -> Result<Option<Explained>> {
        let url = format!("{}{}", self.info.gateway, question["path"].as_str().context("no path")?);
        let mut request =
            Request::builder().method(question["method"].as_str().context("no method")?).uri(url);
        for (name, value) in question["headers"].as_object().into_iter().flatten() {
            if let Some(value) = value.as_str().filter(|_| !OF_THE_CONNECTION.contains(&name.as_str())) {
                request = request.header(name, value);
            }
        }
        let wanted = question["headers"]["accept"]
            .as_str()
            .filter(|accept| *accept != "*/*")
            .unwrap_or("application/json");
        let accept = format!("application/vnd.pgrst.plan+json; for=\"{wanted}\"; options=analyze|buffers");
        let request = request
            .header("accept", accept)
            .body(question["body"].as_str().unwrap_or_default().to_owned())?;
        let told: Value = self.agent.run(request)?.body_mut().read_json()?;
        Ok(Explained::of(&told))
    }
}
