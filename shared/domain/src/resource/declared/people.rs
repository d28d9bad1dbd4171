//! Sites, people, and tokens for machines.

use super::{CREATED_AT, Field, ID, Kind, PLAIN, Parent, Resource, UPDATED_AT, VERSION, WAREHOUSE};
use crate::access::Role;
use crate::signature::SignatureRule;

/// Sites.
pub static WAREHOUSES: Resource = Resource {
    path: "warehouses",
    singular: "warehouse",
    table: "warehouses",
    fields: &[
        ID,
        Field::new("code", Kind::Text(12)).required().once(),
        Field::new("name", Kind::Text(100)).required(),
        Field::new("time_zone", Kind::TimeZone).required(),
        Field::new("public_reports", Kind::Boolean).filled(),
        Field::new("operating_hours", Kind::Hours).filled(),
        Field::new("completion_signature", Kind::Word(SignatureRule::WORDS)).filled(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    opens: true,
    ..PLAIN
};

/// Days on which a site rests.
pub static HOLIDAYS: Resource = Resource {
    path: "warehouses/{id}/holidays",
    singular: "holiday",
    table: "holidays",
    fields: &[
        ID,
        WAREHOUSE,
        Field::new("on_date", Kind::Date).required(),
        Field::new("name", Kind::Text(100)).required(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &WAREHOUSES, field: "warehouse_id" }),
    opens: true,
    removes: true,
    ..PLAIN
};

const PHONE: Field = Field::new("phone", Kind::Text(50));
/// A language, and where it is spoken.
const LOCALE: Field = Field::new("locale", Kind::Text(20));
/// Nothing: that of the warehouse.
const TIME_ZONE: Field = Field::new("time_zone", Kind::TimeZone);

/// The part of a profile that people change themselves.
pub static OWN_PROFILE: Resource = Resource {
    singular: "own profile",
    fields: &[Field::new("full_name", Kind::Text(100)).required(), PHONE, LOCALE, TIME_ZONE],
    ..PLAIN
};

/// People.
pub static PROFILES: Resource = Resource {
    path: "profiles",
    singular: "person",
    table: "profiles",
    fields: &[
        ID,
        Field::new("email", Kind::Text(254)).required().once().looked_up_by("email_alike"),
        Field::new("full_name", Kind::Text(100)).required(),
        Field::new("role", Kind::Word(Role::WORDS)).required(),
        Field::new("warehouse_id", Kind::Id),
        Field::new("vendor_id", Kind::Id),
        PHONE,
        LOCALE,
        TIME_ZONE,
        Field::new("active", Kind::Boolean).filled(),
        // The profile of an API token, which is no person.
        Field::new("service_account", Kind::Boolean).filled().read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    searched: true,
    opens: true,
    ..PLAIN
};

/// Tokens for machines. Making one tells its secret, once, and ending one revokes it: both have code of their own.
pub static API_TOKENS: Resource = Resource {
    path: "api-tokens",
    singular: "API token",
    table: "api_tokens",
    fields: &[
        ID.read_only(),
        Field::new("name", Kind::Text(100)).required().once(),
        Field::new("role", Kind::Word(Role::WORDS)).required().once(),
        Field::new("warehouse_id", Kind::Id).once(),
        Field::new("expires_at", Kind::Time).once(),
        Field::new("created_by", Kind::Id).filled().read_only(),
        CREATED_AT,
        Field::new("last_used_at", Kind::Time).read_only(),
        Field::new("revoked_at", Kind::Time).read_only(),
    ],
    opens: true,
    ..PLAIN
};
