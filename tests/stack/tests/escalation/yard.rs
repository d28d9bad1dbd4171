//! A site with a rule of its own, work that waits there, and sweeps.

use chrono::{DateTime, TimeDelta, Utc};
use millwright_stack_tests::{Alone, Api, Cron, Site, alone};
use serde_json::{Value, json};

pub(crate) const FULL: Cron = Cron::of("escalation-checker", "0 */6 * * *");
pub(crate) const URGENT: Cron = Cron::of("escalation-checker", "*/10 * * * *");

/// A sweep looks at everyone's work: one test at a time, so that each can say how far its own is raised.
pub(crate) struct Yard {
    pub(crate) api: Api,
    pub(crate) site: Site,
    pub(crate) supervisor: String,
    _alone: Alone,
}

/// The state of a work order's escalation.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) level: u64,
    /// Level and action of each escalation.
    pub(crate) steps: Vec<(u64, String)>,
    pub(crate) events: usize,
    /// Entries of the history in which the level changes.
    pub(crate) entries: usize,
}

impl Found {
    /// Raised by these steps, each once and with all that belongs to it.
    pub(crate) fn by(steps: &[&str]) -> Self {
        let steps: Vec<_> = (1..).zip(steps).map(|(level, action)| (level, (*action).to_owned())).collect();
        Self { level: steps.len() as u64, events: steps.len(), entries: steps.len(), steps }
    }
}

impl Yard {
    pub(crate) fn open() -> Self {
        let alone = alone();
        let api = Api::open();
        let site = Site::build(&api);
        let supervisor = site.token(&api, "supervisor");
        Self { api, site, supervisor, _alone: alone }
    }

    /// A rule of this site: after an hour these steps, half an hour apart.
    pub(crate) fn rule(&self, more: &Value, actions: &[&str]) -> String {
        let steps: Vec<_> = (0..)
            .zip(actions)
            .map(|(n, action)| json!({"action": action, "wait_minutes": if n == 0 { 0 } else { 30 }}))
            .collect();
        let mut rule = json!({"name": self.site.mark, "warehouse_id": self.site.warehouse, "timeout_minutes": 60, "steps": steps});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let rule = self.api.post(&self.supervisor, "/api/v1/escalation-rules", &rule).expect(201);
        rule["id"].as_str().unwrap().to_owned()
    }

    /// A work order that a requester opened.
    pub(crate) fn order(&self, kind: &str, priority: &str) -> String {
        let order = json!({"type": kind, "title": "Waits", "priority": priority});
        let token = self.site.token(&self.api, "requester");
        self.api.post(&token, "/api/v1/work-orders", &order).expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// The start of its clock, or less than a millisecond later: firings know no finer moments.
    pub(crate) fn began(&self, id: &str) -> DateTime<Utc> {
        let began: DateTime<Utc> = self.read(id)["last_activity_at"].as_str().unwrap().parse().unwrap();
        DateTime::from_timestamp_millis((began + TimeDelta::microseconds(999)).timestamp_millis()).unwrap()
    }

    /// Until when work has to start, as people see it, from when its clock began.
    pub(crate) fn allowed(&self, id: &str) -> TimeDelta {
        let seen = self.read(id);
        let at = |name: &str| seen[name].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        at("response_due_at") - at("last_activity_at")
    }

    pub(crate) fn read(&self, id: &str) -> Value {
        self.api.get(&self.supervisor, &format!("/api/v1/work-orders/{id}")).expect(200)
    }

    pub(crate) fn act(&self, role: &str, id: &str, path: &str, body: &Value) -> Value {
        let token = self.site.token(&self.api, role);
        self.api.post(&token, &format!("/api/v1/work-orders/{id}/{path}"), body).expect(200)
    }

    /// A sweep that is done, with its counts.
    pub(crate) fn sweep(&self, cron: Cron, at: DateTime<Utc>) -> Value {
        let run = cron.run(&self.api, at).run;
        assert_eq!(run["outcome"], "done", "{run}");
        run
    }

    pub(crate) fn found(&self, id: &str) -> Found {
        let list = |child: &str| {
            let path = format!("/api/v1/work-orders/{id}/{child}?limit=200");
            self.api.get(&self.supervisor, &path).expect(200).as_array().unwrap().clone()
        };
        let order = self.read(id);
        let mut steps: Vec<_> = list("escalations")
            .iter()
            .map(|step| (step["level"].as_u64().unwrap(), step["action"].as_str().unwrap().to_owned()))
            .collect();
        steps.sort();
        let count = format!(
            "select count(*) from public.events where work_order_id = '{id}' and kind = 'wo_escalation'"
        );
        let found = Found {
            level: order["escalation_level"].as_u64().unwrap(),
            steps,
            events: self.api.ask(&count).parse().unwrap(),
            entries: list("history")
                .iter()
                .filter(|entry| !entry["changes"]["escalation_level"].is_null())
                .count(),
        };
        assert_eq!(order["escalated"], found.level != 0);
        found
    }
}

/// So many hours and minutes.
pub(crate) fn after(hours: i64, minutes: i64) -> TimeDelta {
    TimeDelta::hours(hours) + TimeDelta::minutes(minutes)
}
