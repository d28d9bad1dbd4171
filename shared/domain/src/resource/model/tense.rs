//! Moments that tell of something that has happened: they do not lie ahead, whatever a client's clock says.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{Field, Resource, Row};

/// Two clocks may be so many minutes apart: no further ahead lies what has happened. `private.has_happened` in the database
/// says the same.
pub const MINUTES_AHEAD: i64 = 5;

/// Whether a moment may lie ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    /// It may: it is a plan, or no moment at all.
    Planned,
    /// It tells of something that has happened.
    Happened,
    /// The same, unless this other field of the row is true.
    HappenedUnless(&'static str),
}

/// The last moment that counts as now.
#[must_use]
pub fn latest(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::minutes(MINUTES_AHEAD)
}

impl Field {
    /// True if this value of it lies ahead and must not. `said` is the rest of the row, `whole` if nothing of it is missing:
    /// of a change, only the database knows the rest.
    pub(super) fn lies_ahead(&self, value: &Value, said: &Value, whole: bool, now: DateTime<Utc>) -> bool {
        let has_happened = match self.tense {
            Tense::Planned => false,
            Tense::Happened => true,
            Tense::HappenedUnless(planned) => {
                said.get(planned).map_or(whole, |planned| *planned != Value::Bool(true))
            }
        };
        has_happened && DateTime::<Utc>::deserialize(value).is_ok_and(|at| at > latest(now))
    }
}

impl Resource {
    /// Sets all moments back that tell of something that has happened, as a clock that is ahead has written them: one and not the
    /// other would turn what began into what ended.
    pub fn set_back(&self, row: &mut Row, by: TimeDelta) {
        for field in self.fields.iter().filter(|field| field.tense != Tense::Planned) {
            if let Some(value) = row.get_mut(field.name)
                && let Ok(at) = DateTime::<Utc>::deserialize(&*value)
                && let Some(at) = at.checked_sub_signed(by)
            {
                *value = at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{DOWNTIME, NOTIFICATIONS, PARTS, READINGS, TIME_LOGS, WORK_ORDERS};
    use serde_json::json;

    const NOW: &str = "2026-03-02T10:00:00Z";
    /// The last second that counts as now, and the next one.
    const LATEST: &str = "2026-03-02T10:05:00Z";
    const AHEAD: &str = "2026-03-02T10:05:01Z";

    fn wrong_in_new(resource: &Resource, body: &Value) -> Vec<String> {
        pointers(resource.read_new_at(body, NOW.parse().unwrap()))
    }

    fn wrong_in_changes(resource: &Resource, body: &Value) -> Vec<String> {
        pointers(resource.read_changes_at(body, NOW.parse().unwrap()))
    }

    fn pointers(read: Result<Row, Vec<crate::input::FieldError>>) -> Vec<String> {
        read.err().into_iter().flatten().map(|error| error.pointer).collect()
    }

    #[test]
    fn what_has_happened_does_not_lie_ahead() {
        for (resource, field, more) in [
            (&READINGS, "read_at", json!({"value": 7})),
            (&TIME_LOGS, "started_at", json!({})),
            (&TIME_LOGS, "stopped_at", json!({})),
            (&DOWNTIME, "started_at", json!({})),
            (&DOWNTIME, "ended_at", json!({"planned": false})),
        ] {
            let body = |at: &str| {
                let mut body = more.clone();
                body[field] = at.into();
                body
            };
            assert_eq!(wrong_in_new(resource, &body(LATEST)), [""; 0], "{} {field}", resource.path);
            assert_eq!(wrong_in_new(resource, &body(AHEAD)), [format!("/{field}")], "{}", resource.path);
        }
        for (resource, field) in
            [(&PARTS, "archived_at"), (&NOTIFICATIONS, "read_at"), (&TIME_LOGS, "stopped_at")]
        {
            assert_eq!(wrong_in_changes(resource, &json!({field: LATEST})), [""; 0]);
            assert_eq!(wrong_in_changes(resource, &json!({field: AHEAD})), [format!("/{field}")]);
        }
        let wrong = json!({"value": -1, "read_at": "2199-01-01T00:00:00Z"});
        assert_eq!(wrong_in_new(&READINGS, &wrong), ["/read_at", "/value"], "with all else that is wrong");
    }

    #[test]
    fn what_is_planned_may_lie_ahead() {
        let order = json!({"type": "corrective", "title": "Belt", "due_at": "2027-01-01T00:00:00Z"});
        assert_eq!(wrong_in_new(&WORK_ORDERS, &order), [""; 0]);
        let stop = json!({"planned": true, "started_at": "2027-01-01T00:00:00Z", "ended_at": "2027-01-02T00:00:00Z"});
        assert_eq!(wrong_in_new(&DOWNTIME, &stop), [""; 0], "a stop that is planned");
        assert_eq!(
            wrong_in_changes(&DOWNTIME, &json!({"ended_at": AHEAD})),
            [""; 0],
            "the database knows the rest"
        );
        assert_eq!(wrong_in_changes(&DOWNTIME, &json!({"ended_at": AHEAD, "planned": false})), ["/ended_at"]);
    }

    #[test]
    fn a_clock_that_is_ahead_is_so_in_every_field() {
        let mut row = json!({"started_at": "2026-03-02T08:00:00Z", "stopped_at": AHEAD, "note": AHEAD});
        let row = row.as_object_mut().unwrap();
        TIME_LOGS.set_back(row, TimeDelta::hours(2));
        let expected = json!({"started_at": "2026-03-02T06:00:00Z", "stopped_at": "2026-03-02T08:05:01Z", "note": AHEAD});
        assert_eq!(Value::from(row.clone()), expected);
    }
}
