//! A cache whose entries end by themselves.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

/// A map whose entries end by themselves, and that never has more than so many.
pub struct Recent<V> {
    most: usize,
    entries: HashMap<String, (V, DateTime<Utc>)>,
}

impl<V: Clone> Recent<V> {
    /// An empty one.
    #[must_use]
    pub fn of_at_most(most: usize) -> Self {
        Self { most, entries: HashMap::new() }
    }

    /// The value under a key, unless it has ended.
    #[must_use]
    pub fn get(&self, key: &str, now: DateTime<Utc>) -> Option<V> {
        self.entries.get(key).filter(|(_, until)| now < *until).map(|(value, _)| value.clone())
    }

    /// Remembers a value until then. If there is no room, all entries that have ended are dropped; if there is still none, all
    /// are: to learn them again is cheaper than to keep them in order.
    pub fn remember(&mut self, key: String, value: V, until: DateTime<Utc>, now: DateTime<Utc>) {
        if self.entries.len() >= self.most {
            self.entries.retain(|_, (_, until)| now < *until);
        }
        if self.entries.len() >= self.most {
            self.entries.clear();
        }
        self.entries.insert(key, (value, until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn it_forgets_in_time_and_for_room() {
        let now: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().unwrap();
        let later = now + TimeDelta::seconds(60);
        let mut recent = Recent::of_at_most(2);
        recent.remember("a".to_owned(), 1, later, now);
        recent.remember("b".to_owned(), 2, later + TimeDelta::seconds(1), now);
        assert_eq!((recent.get("a", now), recent.get("a", later)), (Some(1), None));
        recent.remember("c".to_owned(), 3, later + TimeDelta::seconds(9), later);
        assert_eq!(
            (recent.get("b", later), recent.get("c", later)),
            (Some(2), Some(3)),
            "only `a` had ended"
        );
        recent.remember("d".to_owned(), 4, later + TimeDelta::seconds(9), later);
        assert_eq!((recent.get("c", later), recent.get("d", later)), (None, Some(4)), "never more than two");
    }
}
