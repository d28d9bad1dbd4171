//! New ids.

/// A new id, sortable by time (`UUIDv7`).
#[must_use]
pub fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
