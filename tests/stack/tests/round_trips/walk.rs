//! Asks, and counts how often the gateway was asked for it.

use std::collections::{BTreeMap, BTreeSet};

use millwright_stack_tests::{Answer, Api};
use serde_json::Value;

/// The ids of what was made, by the path of its resource.
#[derive(Default)]
pub(crate) struct Made(BTreeMap<String, String>);

/// The round trips that an answer may have cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Nobody had to be asked.
    Nothing,
    /// A list, a read, a plain write.
    One,
    /// Everything else.
    AtMostTwo,
    /// As often as it has pages.
    Pages,
}

/// A walk through the API's operations, and its results so far.
pub(crate) struct Walk<'a> {
    pub(crate) api: &'a Api,
    /// Of an administrator.
    pub(crate) token: String,
    pub(crate) made: Made,
    /// The operations that were answered with success.
    pub(crate) succeeded: BTreeSet<String>,
    wrong: Vec<String>,
    judged: usize,
}

impl Made {
    /// The id of the one at `path`, below `/api/v1/`.
    pub(crate) fn id(&self, path: &str) -> &str {
        self.0.get(path).map_or(crate::NOBODY, String::as_str)
    }

    /// Puts the ids of what was made into a path; without the last one, when that names what lies below.
    pub(crate) fn fill(&self, path: &str) -> String {
        match path.split_once("/{id}") {
            None => path.to_owned(),
            Some((above, below)) => {
                let below = below.replace("{child}", self.id(path.trim_end_matches("/{child}")));
                format!("{above}/{}{below}", self.id(above))
            }
        }
    }

    /// The same body, with the ids of what it names: `$parts` is that of the part.
    pub(crate) fn named(&self, mut body: Value) -> Value {
        for value in body.as_object_mut().into_iter().flat_map(|body| body.values_mut()) {
            if let Some(path) = value.as_str().and_then(|text| text.strip_prefix('$')) {
                *value = self.id(path).into();
            }
        }
        body
    }

    pub(crate) fn remember(&mut self, path: &str, id: &str) {
        self.0.insert(path.to_owned(), id.to_owned());
    }

    pub(crate) fn knows(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

impl<'a> Walk<'a> {
    pub(crate) fn begin(api: &'a Api) -> Self {
        let token = api.token("admin");
        let made = Made::default();
        Self { api, token, made, succeeded: BTreeSet::new(), wrong: Vec::new(), judged: 0 }
    }

    /// Judges what an answer has cost, and its status.
    pub(crate) fn judge(&mut self, what: &str, answer: &Answer, statuses: &[u16], cost: Cost) {
        self.judged += 1;
        let trips =
            self.api.stack.round_trips(answer.header("x-request-id")).expect("the gateway's proxy counts");
        let good = match cost {
            Cost::Nothing => trips == 0,
            Cost::One => trips == 1,
            Cost::AtMostTwo => trips <= 2,
            Cost::Pages => trips >= 1,
        };
        if !good || !statuses.contains(&answer.status) {
            let body: String = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
            self.wrong.push(format!(
                "{what}: {} after {trips} round trips, not {statuses:?} after {cost:?}: {body}",
                answer.status
            ));
        }
        if answer.status < 300 && matches!(cost, Cost::One | Cost::Pages) {
            self.succeeded.insert(what.split(',').next().unwrap_or_default().to_owned());
        }
    }

    /// All that was not as it should be.
    pub(crate) fn end(self) -> BTreeSet<String> {
        println!("{} answers judged, {} operations succeeded", self.judged, self.succeeded.len());
        assert!(
            self.wrong.is_empty(),
            "{} of {} answers:\n{}",
            self.wrong.len(),
            self.judged,
            self.wrong.join("\n")
        );
        self.succeeded
    }
}
