//! Labels that someone scans without an account: asked as our own function.

use millwright_domain::equipment::EquipmentStatus;
use millwright_domain::id::AttachmentId;
use millwright_domain::rate::Rate;
use millwright_domain::resource::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::Once;
use crate::transport::Transport;

/// The facts that a label shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanned {
    /// The machine that it is on.
    pub machine: Machine,
    /// True if a problem may be reported with it.
    pub reports_open: bool,
}

/// The facts of a machine that a stranger may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// Its model.
    pub model: String,
    /// Its asset tag.
    pub asset_tag: String,
    /// Its area.
    pub area: Option<String>,
    /// Its standing.
    pub status: EquipmentStatus,
}

/// A photo that comes with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Photo {
    /// Made by us, because the bytes are stored under it.
    pub id: AttachmentId,
    /// The name it is kept as.
    pub file_name: String,
    /// Its media type, by its bytes.
    pub content_type: &'static str,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// A person without an account who reports a problem, and the rate at which they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnonymousReporter {
    /// A word that stands for them and does not tell who they are.
    pub pseudonym: String,
    /// The most reports in a time.
    pub rate: Rate,
}

/// The result of a report.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Reported {
    /// Its warehouse takes no reports from strangers.
    Closed,
    /// The key was used for another report.
    Reused,
    /// It is a work order now, or was already.
    Taken {
        /// The number people use.
        number: String,
        /// Its photo, if it has one.
        photo: Option<Expected>,
    },
}

/// The photo of a report that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Expected {
    /// The beginning of its keys in the bucket.
    pub key_prefix: String,
    /// True if its bytes are still waited for.
    pub waits: bool,
}

/// The facts that the label with this token shows. `None` if there is no such label, or not any more.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn read<T: Transport>(
    session: &GatewaySession<'_, T>,
    token: &str,
) -> Result<Option<Scanned>, StoreError> {
    session.call("scan_read", &json!({"p_token": token})).await
}

/// Opens a work order for a report, which has a `title` and the fields of the form. `None` if there is no such label.
///
/// # Errors
/// If the gateway refuses (`PT429` when it was done too often, `PT413` for a photo that is too large) or does not answer.
pub async fn report<T: Transport>(
    session: &GatewaySession<'_, T>,
    token: &str,
    report: &Row,
    photo: Option<&Photo>,
    once: Option<&Once>,
    reporter: &AnonymousReporter,
) -> Result<Option<Reported>, StoreError> {
    let once = once.map_or(Value::Null, |once| json!({"key": once.key, "fingerprint": once.fingerprint}));
    let AnonymousReporter { pseudonym, rate } = reporter;
    let parameters = json!({
        "p_token": token, "p_report": report, "p_photo": photo, "p_once": once,
        "p_rate": {"subject": pseudonym, "max": rate.max, "seconds": rate.seconds},
    });
    session.call("scan_report", &parameters).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_is_read() {
        let read = |text: &str| serde_json::from_str::<Option<Reported>>(text).unwrap();
        assert_eq!(read("null"), None);
        assert_eq!(read(r#"{"outcome": "closed"}"#), Some(Reported::Closed));
        let taken = read(
            r#"{"outcome": "taken", "number": "WO-000007", "photo": {"id": "1", "key_prefix": "a/b", "waits": true}}"#,
        );
        let photo = Some(Expected { key_prefix: "a/b".to_owned(), waits: true });
        assert_eq!(taken, Some(Reported::Taken { number: "WO-000007".to_owned(), photo }));
    }
}
