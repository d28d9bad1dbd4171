//! Columns that take less than their kind of field says.

use millwright_domain::resource::{Field, Resource};
use serde_json::{Value, json};

use super::with::with;

/// The pattern of an address of mail.
pub(crate) const ADDRESS: &str = "^[a-z0-9._%+-]+@[a-z0-9.-]+$";

/// The schema of a field, and what its column asks for beyond that.
pub(super) fn narrowed(resource: &Resource, field: &Field, schema: Value) -> Value {
    let pattern = match (resource.table, field.name) {
        ("warehouses", "code") => "^[A-Z0-9-]{2,12}$",
        ("profiles", "email") => ADDRESS,
        ("profiles" | "", "locale") => "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
        ("push_subscriptions", "p256dh") => "^[A-Za-z0-9_-]{87}$",
        ("push_subscriptions", "auth") => "^[A-Za-z0-9_-]{22}$",
        ("part_transactions", "quantity") => return with(schema, "not", json!({"const": 0})),
        _ => return schema,
    };
    with(schema, "pattern", json!(pattern))
}
