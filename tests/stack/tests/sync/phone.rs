//! A phone: what it holds, what it has typed, and how it comes back.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use millwright_stack_tests::{Answer, Api};
use serde_json::{Value, json};
use uuid::Uuid;

/// The documents on a phone, by entity and id.
pub(crate) type Documents = BTreeMap<(String, String), Value>;

/// A phone, and whoever carries it.
pub(crate) struct Phone {
    pub(crate) token: String,
    device: Uuid,
    /// The error of its clock.
    pub(crate) skew: TimeDelta,
    pub(crate) cursor: Option<String>,
    pub(crate) documents: Documents,
    /// Its mutations that are not settled yet, oldest first.
    pub(crate) queue: Vec<Value>,
    /// The time that its pulls have taken.
    pub(crate) waited: Duration,
}

impl Phone {
    pub(crate) fn new(token: String) -> Self {
        let (cursor, documents, queue) = (None, Documents::new(), Vec::new());
        let (skew, waited) = (TimeDelta::zero(), Duration::ZERO);
        Self { token, device: Uuid::now_v7(), skew, cursor, documents, queue, waited }
    }

    /// The time on its clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.skew
    }

    /// Asks until there is nothing more. How many documents it was told.
    pub(crate) fn pull(&mut self, api: &Api) -> usize {
        let mut told = 0;
        loop {
            let since = self.cursor.as_ref().map(|cursor| format!("?since={cursor}")).unwrap_or_default();
            let begun = Instant::now();
            let answer = api.get(&self.token, &format!("/api/v1/sync{since}"));
            self.waited += begun.elapsed();
            let answer = answer.expect(200);
            if answer["reset"] == true {
                self.documents.clear();
            }
            self.cursor = answer["cursor"].as_str().map(str::to_owned);
            for change in answer["changes"].as_array().unwrap() {
                self.hear(change);
                told += 1;
            }
            if answer["more"] == false {
                return told;
            }
        }
    }

    fn hear(&mut self, change: &Value) {
        let text = |name: &str| change[name].as_str().unwrap().to_owned();
        let key = (text("entity"), text("id"));
        let document = &change[&key.0];
        if document.is_null() {
            self.documents.remove(&key);
        } else {
            self.documents.insert(key, document.clone());
        }
    }

    /// Does something, offline. Answers with the mutation's id.
    pub(crate) fn does(&mut self, entity: &str, id: &str, base: Option<i64>, changes: &Value) -> String {
        let name = Uuid::now_v7().to_string();
        self.queue.push(json!({
            "id": name, "entity": entity, "entity_id": id, "base_version": base, "made_at": self.now(),
            "changes": changes,
        }));
        name
    }

    /// Sends some mutations.
    pub(crate) fn send(&self, api: &Api, mutations: &[Value]) -> Answer {
        let body = json!({"device_id": self.device, "sent_at": self.now(), "mutations": mutations});
        api.post(&self.token, "/api/v1/sync", &body)
    }

    /// Sends all that is queued, and forgets what was answered. The answers.
    pub(crate) fn push(&mut self, api: &Api) -> Vec<Value> {
        let results = results(self.send(api, &self.queue));
        self.heard(&results);
        results
    }

    /// Forgets what was answered, but what may be sent again at once.
    pub(crate) fn heard(&mut self, results: &[Value]) {
        let settled = |mutation: &Value| {
            results.iter().any(|result| result["id"] == mutation["id"] && result["code"] != "busy")
        };
        self.queue.retain(|mutation| !settled(mutation));
    }

    /// One of the documents.
    pub(crate) fn document(&self, entity: &str, id: &str) -> Option<&Value> {
        self.documents.get(&(entity.to_owned(), id.to_owned()))
    }
}

/// The outcomes of the mutations that were sent, in the same order.
pub(crate) fn results(answer: Answer) -> Vec<Value> {
    answer.expect(200)["results"].as_array().unwrap().clone()
}
