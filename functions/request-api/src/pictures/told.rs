//! The addresses of pictures, told in the rows of their attachments.
//!
//! The gateway's JSON is not written anew: where the rows of attachments lie in it is found, and each gets one member more at
//! its end.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use millwright_domain::attachment::{AttachmentState, VARIANTS};
use millwright_domain::resource::{ATTACHMENTS, Include, Resource};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::call::Call;
use crate::picture_address::{Picture, Signer};

/// The member of an attachment that tells its addresses.
pub(super) const ADDRESSES: &str = "addresses";

/// The facts of an attachment that its addresses depend on. A row of which only some fields are told has no addresses.
#[derive(Deserialize)]
struct Known {
    id: Uuid,
    warehouse_id: Uuid,
    state: AttachmentState,
    has_renditions: bool,
}

/// Tells the attachments in an answer their addresses.
pub(crate) struct Teller<'a> {
    signer: &'a Signer,
    /// Our own address.
    base: &'a str,
    now: DateTime<Utc>,
    /// The member of each row that holds them; the rows are attachments themselves without it.
    child: Option<&'static str>,
}

impl<'a> Teller<'a> {
    /// Of answers with rows of this resource, told with this. `None` if there can be no attachments in them.
    pub(crate) fn of(call: &'a Call, resource: &Resource, told: &Include) -> Option<Self> {
        let is_attachment = |resource: &Resource| resource.table == ATTACHMENTS.table;
        let child = told.children.iter().find(|child| is_attachment(child.of)).map(|child| child.name);
        let app = &call.app;
        (child.is_some() || is_attachment(resource)).then(|| Self {
            signer: &app.pictures,
            base: &app.public_url,
            now: call.info.started,
            child,
        })
    }

    /// The same JSON with the addresses of the attachments in it that can be read. `None` if there are none.
    pub(crate) fn tell(&self, body: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(body).ok()?;
        let rows: Vec<&RawValue> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text).ok()?
        } else {
            vec![serde_json::from_str(text).ok()?]
        };
        let attachments = match self.child {
            Some(child) => rows.into_iter().filter_map(|row| below(row, child)).flatten().collect(),
            None => rows,
        };
        let mut told = Vec::with_capacity(body.len() + 600 * attachments.len());
        let mut copied = 0;
        for attachment in attachments {
            let Some(addresses) = self.addresses(attachment) else { continue };
            // Before the brace that closes it.
            let begin = attachment.get().as_ptr().addr() - text.as_ptr().addr();
            let end = begin + attachment.get().len() - 1;
            told.extend_from_slice(body.get(copied..end)?);
            told.extend_from_slice(format!(",\"{ADDRESSES}\":{addresses}").as_bytes());
            copied = end;
        }
        told.extend_from_slice(body.get(copied..)?);
        (copied > 0).then_some(told)
    }

    fn addresses(&self, attachment: &RawValue) -> Option<Value> {
        let Known { id, warehouse_id, state, has_renditions } =
            serde_json::from_str(attachment.get()).ok()?;
        let address = |variant: &str| {
            let path = self.signer.path(&Picture { warehouse: warehouse_id, id, variant }, self.now);
            format!("{}{path}", self.base)
        };
        let all = VARIANTS.into_iter().map(|(word, form)| {
            let is_there = has_renditions || !form.is_rendition();
            (word.to_owned(), if is_there { address(word).into() } else { Value::Null })
        });
        state.is_readable().then(|| all.collect::<Map<_, _>>().into())
    }
}

/// The rows that a row has below it under this name.
fn below<'a>(row: &'a RawValue, child: &str) -> Option<Vec<&'a RawValue>> {
    let members: HashMap<&str, &RawValue> = serde_json::from_str(row.get()).ok()?;
    serde_json::from_str(members.get(child)?.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(body: &Value, child: Option<&'static str>) -> Option<Value> {
        let signer = Signer::of("a secret of thirty-two bytes, at least");
        let now = "2026-11-27T12:00:00Z".parse().unwrap();
        let teller = Teller { signer: &signer, base: "https://a.test", now, child };
        let told = teller.tell(body.to_string().as_bytes())?;
        Some(serde_json::from_slice(&told).unwrap())
    }

    fn attachment(state: &str, has_renditions: bool) -> Value {
        json!({
            "id": Uuid::from_u128(2), "file_name": "a \"]}\\ name.jpg", "state": state,
            "has_renditions": has_renditions, "warehouse_id": Uuid::from_u128(1), "version": 3,
        })
    }

    #[test]
    fn a_picture_that_can_be_read_has_an_address_of_each_form() {
        let told = told(&attachment("ready", true), None).unwrap();
        for variant in ["original", "display", "thumbnail"] {
            let address = told["addresses"][variant].as_str().unwrap();
            assert!(
                address.starts_with("https://a.test/api/v1/pictures/00000000-0000-0000-0000-000000000001/")
            );
            assert!(address.contains(&format!("2/{variant}?until=2026-11-29&signature=")), "{address}");
        }
        assert_eq!((&told["version"], &told["state"]), (&json!(3), &json!("ready")));
    }

    #[test]
    fn one_without_renditions_has_the_address_of_its_original_alone() {
        let told = told(&json!([attachment("ready", false)]), None).unwrap();
        assert!(told[0]["addresses"]["original"].is_string());
        assert_eq!(told[0]["addresses"]["thumbnail"], Value::Null);
    }

    #[test]
    fn what_cannot_be_read_or_is_told_in_part_is_left_as_it_is() {
        for state in ["uploaded", "processing", "quarantined", "failed"] {
            assert_eq!(told(&attachment(state, false), None), None);
        }
        let part = json!({"id": Uuid::from_u128(2), "state": "ready"});
        assert_eq!(told(&json!([part, []]), None), None);
        assert_eq!(told(&json!({"attachments": []}), Some("attachments")), None);
        assert_eq!(told(&json!({"id": 1}), Some("attachments")), None);
    }

    #[test]
    fn attachments_are_found_below_the_rows_that_have_them() {
        let custom = json!({"attachments": [attachment("ready", true)]});
        let order = |attachments: Vec<Value>| json!({"custom_fields": custom, "attachments": attachments, "number": 7});
        let mixed = order(vec![attachment("uploaded", false), attachment("ready", true)]);
        let one = told(&mixed, Some("attachments")).unwrap();
        assert_eq!(one["attachments"][0], attachment("uploaded", false));
        assert!(one["attachments"][1]["addresses"]["display"].is_string());
        assert_eq!((&one["custom_fields"], &one["number"]), (&custom, &json!(7)));
        let many = told(&json!([order(vec![]), mixed, order(vec![])]), Some("attachments")).unwrap();
        assert_eq!(many[1], one);
        assert_eq!(many[2], order(vec![]));
    }
}
