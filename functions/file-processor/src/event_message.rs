//! R2's event notification, as it comes through the queue.

use millwright_domain::attachment::FileForm;
use serde::Deserialize;

/// An object was put into a bucket. The event's other members are not needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ObjectCreated {
    object: Object,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Object {
    key: String,
}

impl ObjectCreated {
    /// The beginning of all keys of the upload. `None` when the object is not an original, such as our own renditions.
    pub(crate) fn key_prefix(&self) -> Option<&str> {
        FileForm::Original.prefix_of(&self.object.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_event_is_understood() {
        let event: ObjectCreated =
            serde_json::from_str(include_str!("../fixtures/r2_object_create.json")).unwrap();
        let prefix = "01890000-0000-7000-8000-000000000001/01890000-0000-7000-8000-000000000002";
        assert_eq!(event.key_prefix(), Some(prefix));
        assert_eq!(FileForm::Original.key(prefix), event.object.key);
    }

    #[test]
    fn our_own_renditions_are_no_uploads() {
        let event: ObjectCreated = serde_json::from_str(r#"{"object": {"key": "a/b/thumbnail"}}"#).unwrap();
        assert_eq!(event.key_prefix(), None);
    }
}
