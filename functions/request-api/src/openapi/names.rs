//! The names of what OpenAPI describes: one style for all operations and schemas.

use millwright_domain::resource::{RESOURCES, Resource};
use serde_json::{Value, json};

/// A resource's name in words of code: `WorkOrder`; of what lies under another one, with that: `MachineMeter`.
pub(crate) fn noun(resource: &Resource) -> String {
    match resource.singular.split_once(" of a ") {
        Some((one, of)) => camel(of) + &camel(one),
        None => camel(resource.singular),
    }
}

/// The same of many: `WorkOrders`.
pub(crate) fn nouns(resource: &Resource) -> String {
    let one = noun(resource);
    if let Some(before) = one.strip_suffix("Person") {
        format!("{before}People")
    } else if let Some(before) = one.strip_suffix('y') {
        format!("{before}ies")
    } else {
        format!("{one}s")
    }
}

/// The name of the schema that its rows have. Those of the same table with the same fields have one.
pub(crate) fn name(resource: &Resource) -> String {
    let is_alike = |other: &&&Resource| {
        other.table == resource.table && other.fields == resource.fields && !resource.table.is_empty()
    };
    noun(RESOURCES.iter().filter(|other| other.parent.is_none()).find(is_alike).unwrap_or(&resource))
}

/// A reference to a schema of the document.
pub(crate) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Words as one, each with a capital: `work order` and `pm-compliance` as `WorkOrder` and `PmCompliance`.
pub(crate) fn camel(words: &str) -> String {
    let capital = |word: &str| {
        let word = word.to_lowercase();
        word.split_at_checked(1).map_or_else(String::new, |(first, rest)| first.to_uppercase() + rest)
    };
    words.split([' ', '-', '_']).map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::resource::{API_TOKENS, AUDIT_LOG, EQUIPMENT_METERS, PROFILES};

    #[test]
    fn names_are_words_of_code() {
        assert_eq!((noun(&API_TOKENS), nouns(&API_TOKENS)), ("ApiToken".to_owned(), "ApiTokens".to_owned()));
        assert_eq!((nouns(&PROFILES), nouns(&AUDIT_LOG)), ("People".to_owned(), "AuditEntries".to_owned()));
        assert_eq!(
            (noun(&EQUIPMENT_METERS), name(&EQUIPMENT_METERS)),
            ("MachineMeter".to_owned(), "Meter".to_owned())
        );
    }
}
