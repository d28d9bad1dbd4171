//! The opening hours of a warehouse: spans of local time on days of the week. No span at all means always.
//!
//! A span that ends at an earlier time than it begins goes on over midnight: a night from 22:00 to 06:00. It belongs to the day on
//! which it begins, so a holiday takes away the night that begins on it, and not the morning of the night before.

use chrono::NaiveTime;
use serde::Deserialize;
use serde_json::Value;

/// A span of a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Monday is 1, Sunday is 7.
    pub day: u8,
    /// The first minute, on local time.
    #[serde(deserialize_with = "minutes")]
    pub from: NaiveTime,
    /// The first minute that is outside again: of the next day, unless it is after `from`. Midnight (`00:00`) is the day's end.
    #[serde(deserialize_with = "minutes")]
    pub until: NaiveTime,
}

/// The most spans that a week may have.
pub const MAX_HOURS: usize = 50;

/// The form of opening hours, in words.
#[must_use]
pub fn hours_in_words() -> String {
    format!(
        "a list of at most {MAX_HOURS} like {{\"day\": 1, \"from\": \"07:00\", \"until\": \"17:00\"}}, \
         days from Monday = 1 to 7; one that ends before it begins, like 22:00 to 06:00, goes on into the next day"
    )
}

impl Hours {
    /// True if it ends on the day after the one on which it begins.
    #[must_use]
    pub fn ends_next_day(self) -> bool {
        self.until <= self.from
    }
}

fn minutes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    let read = (text.len() == 5).then(|| NaiveTime::parse_from_str(&text, "%H:%M").ok());
    read.flatten().ok_or_else(|| serde::de::Error::custom("a time like 07:00"))
}

/// True for a JSON value that says opening hours. One that ends when it begins would be nothing, or all day: that is `00:00` to
/// `00:00`.
#[must_use]
pub fn are_hours(value: &Value) -> bool {
    Vec::<Hours>::deserialize(value).is_ok_and(|hours| {
        hours.len() <= MAX_HOURS
            && hours.iter().all(|hours| {
                (1..=7).contains(&hours.day) && (hours.from != hours.until || hours.until == NaiveTime::MIN)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::{are_hours, hours_in_words};
    use serde_json::json;

    #[test]
    fn a_span_begins_on_a_day_of_the_week_and_may_end_on_the_next() {
        assert!(are_hours(&json!([])));
        assert!(are_hours(&json!([{"day": 7, "from": "22:00", "until": "00:00"}])));
        assert!(are_hours(&json!([{"day": 5, "from": "22:00", "until": "06:00"}])));
        for wrong in [
            json!({"day": 0, "from": "07:00", "until": "17:00"}),
            json!({"day": 8, "from": "07:00", "until": "17:00"}),
            json!({"day": 1, "from": "17:00", "until": "17:00"}),
            json!({"day": 1, "from": "7:00", "until": "17:00"}),
            json!({"day": 1, "from": "07:00", "until": "24:00"}),
            json!({"day": 1, "from": "07:00"}),
            json!({"day": 1, "from": "07:00", "until": "17:00", "open": true}),
        ] {
            assert!(!are_hours(&json!([wrong])), "{wrong}");
        }
    }

    #[test]
    fn a_warehouse_may_be_open_around_the_clock_in_at_most_fifty_spans() {
        assert!(are_hours(&json!([{"day": 1, "from": "00:00", "until": "00:00"}])), "a whole day");
        let spans = |count: usize| json!(vec![json!({"day": 1, "from": "07:00", "until": "17:00"}); count]);
        assert!(are_hours(&spans(50)) && !are_hours(&spans(51)));
        assert_eq!(
            hours_in_words(),
            "a list of at most 50 like {\"day\": 1, \"from\": \"07:00\", \"until\": \"17:00\"}, days from Monday = 1 to 7; \
             one that ends before it begins, like 22:00 to 06:00, goes on into the next day"
        );
    }
}
