//! Reviews of what phones brought too late, where a person has to look.

use super::{
    CREATED_AT, Entity, Field, ID, Indexed, Kind, Lookup, PLAIN, Resource, UPDATED_AT, VERSION, WAREHOUSE,
};
use crate::review::ReviewDecision;

/// Both values of what nobody may overwrite unseen, and one decision, which is an action of its own: `take` writes what was brought,
/// with the rights of whoever decides.
pub static REVIEWS: Resource = Resource {
    path: "reviews",
    singular: "review",
    table: "reviews",
    fields: &[
        ID.read_only(),
        WAREHOUSE.read_only(),
        Field::new("entity", Kind::Word(Entity::WORDS)).filled().read_only(),
        Field::new("entity_id", Kind::Id).filled().read_only(),
        Field::new("work_order_id", Kind::Id).read_only(),
        Field::new("brought_by", Kind::Id).filled().read_only(),
        Field::new("made_at", Kind::Time).filled().read_only(),
        Field::new("code", Kind::Text(50)).filled().read_only(),
        Field::new("detail", Kind::Prose(1_000)).filled().read_only(),
        Field::new("fields", Kind::List).filled().read_only(),
        Field::new("decision", Kind::Word(ReviewDecision::WORDS)).read_only(),
        Field::new("note", Kind::Prose(1_000)).filled().read_only(),
        Field::new("decided_by", Kind::Id).read_only(),
        Field::new("decided_at", Kind::Time).read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id"],
        filters: &["id", "warehouse_id", "work_order_id", "brought_by", "decision"],
    }),
    ..PLAIN
};
