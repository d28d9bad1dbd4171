//! The signature at the completion of a work order: the name of whoever signs, who may be nobody here (the operator of the
//! machine), and perhaps a picture of what they drew.
//!
//! The moment is that of the completion, and the account that of whoever completes. The database holds to the same rules
//! (`private.work_is_signed`, in `migrations/0020_attachments.sql`).

use serde_json::{Map, Value};

use crate::input::FieldError;
use crate::words::words;

words! {
    /// The signature without which a warehouse has no work completed.
    pub enum SignatureRule in Enum("signature_rule") {
        /// None; whoever wants to signs.
        Optional => "optional",
        /// The name of whoever signs.
        Name => "name",
        /// The name, and a drawn signature.
        Drawn => "drawn",
    }
}

/// The name of whoever signs, a line of text.
pub const NAME: &str = "signature_name";

/// The attachment of the same work order that is the drawn signature.
pub const DRAWN: &str = "signature_id";

/// The code of the refusal of a completion without the signature that its warehouse asks for.
pub const NEEDED: &str = "signature_needed";

/// The code of the refusal of a file that can be no signature: it is quarantined, or work was completed with it before.
pub const UNUSABLE: &str = "signature_unusable";

impl SignatureRule {
    /// What a completion that says this lacks, each field by itself.
    #[must_use]
    pub fn missing(self, said: &Map<String, Value>) -> Vec<FieldError> {
        let (asked, message) = match self {
            Self::Optional => (&[][..], ""),
            Self::Name => (&[NAME][..], "is required to complete work here: the name of whoever signs"),
            Self::Drawn => (&[NAME, DRAWN][..], "is required to complete work here: a name and a drawing"),
        };
        let missing = asked.iter().filter(|field| !said.contains_key(**field));
        missing.map(|field| FieldError::field(field, message)).collect()
    }
}

/// The field that a refusal of the database is about, by its code. `None` for one that is about no signature.
#[must_use]
pub fn field_of(code: &str) -> Option<&'static str> {
    match code {
        NEEDED => Some(NAME),
        UNUSABLE => Some(DRAWN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn missing(rule: SignatureRule, said: &[&str]) -> Vec<String> {
        let said = said.iter().map(|field| ((*field).to_owned(), json!("x"))).collect();
        rule.missing(&said).into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn a_warehouse_asks_for_nothing_a_name_or_a_drawing_too() {
        use SignatureRule::{Drawn, Name, Optional};
        assert_eq!(missing(Optional, &[]), [""; 0]);
        assert_eq!(missing(Name, &[]), ["/signature_name"]);
        assert_eq!(missing(Name, &[NAME]), [""; 0]);
        assert_eq!(missing(Drawn, &[]), ["/signature_name", "/signature_id"], "each by itself");
        assert_eq!(missing(Drawn, &[NAME]), ["/signature_id"]);
        assert_eq!(missing(Drawn, &[NAME, DRAWN]), [""; 0]);
    }

    #[test]
    fn a_refusal_that_is_about_a_signature_names_its_field() {
        assert_eq!(field_of(NEEDED), Some("signature_name"));
        assert_eq!(field_of(UNUSABLE), Some("signature_id"));
        assert_eq!(field_of("clock_runs"), None);
    }
}
