//! Files: registering an upload, and recording its end.

use millwright_domain::attachment::AttachmentState;
use millwright_domain::id::{AttachmentId, WarehouseId, WorkOrderId};
use reqwest::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::{GatewaySession, ONE, found, written};
use crate::resources::ALL;
use crate::transport::Transport;

/// An upload that is about to be stored.
#[derive(Debug, Clone, Serialize)]
pub struct NewAttachment {
    /// Made by us, because the bytes are stored under it.
    pub id: AttachmentId,
    /// The work order it is kept with.
    pub work_order_id: WorkOrderId,
    /// The name that the client gives it.
    pub file_name: String,
    /// Its media type, by its bytes.
    pub content_type: &'static str,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// A stored file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The work order it is kept with.
    pub work_order_id: WorkOrderId,
    /// The name that the client gives it.
    pub file_name: String,
    /// The media type of the original.
    pub content_type: String,
    /// The size of the original.
    pub size_bytes: u64,
    /// The progress of its processing.
    pub state: AttachmentState,
    /// The reason for its quarantine or failure.
    pub reason: Option<String>,
    /// In pixels, turned upright.
    pub width: Option<u32>,
    /// In pixels, turned upright.
    pub height: Option<u32>,
    /// True if a display rendition and a thumbnail exist.
    pub has_renditions: bool,
    /// The warehouse it belongs to.
    pub warehouse_id: WarehouseId,
}

impl Attachment {
    /// The beginning of its keys in the bucket, as the database makes it, too.
    #[must_use]
    pub fn key_prefix(&self) -> String {
        format!("{}/{}", self.warehouse_id, self.id)
    }
}

/// Registers an upload before its bytes are stored, so that the event of their arrival finds its row.
///
/// # Errors
/// If the caller may not (also when the work order is not theirs to see), or the gateway does not answer.
pub async fn register<T: Transport>(
    session: &GatewaySession<'_, T>,
    attachment: &NewAttachment,
) -> Result<Attachment, StoreError> {
    let request = session.table("attachments").select(ALL).insert(written(attachment)?);
    session.decoded(session.send(request, &[ONE]).await?).await
}

/// Takes a registration back whose bytes never arrived.
///
/// # Errors
/// If the gateway refuses or does not answer; the row then stays `uploaded`.
pub async fn withdraw<T: Transport>(
    session: &GatewaySession<'_, T>,
    id: AttachmentId,
) -> Result<(), StoreError> {
    let request = session.table("attachments").eq("id", id.to_string()).delete();
    session
        .send(request, &[(HeaderName::from_static("prefer"), HeaderValue::from_static("return=minimal"))])
        .await
        .map(drop)
}

/// A file. `None` if there is none that the caller may see.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn get<T: Transport>(
    session: &GatewaySession<'_, T>,
    id: AttachmentId,
) -> Result<Option<Attachment>, StoreError> {
    let request = session.table("attachments").select(ALL).eq("id", id.to_string());
    match found(session.send(request, &[ONE]).await)? {
        Some(reply) => session.decoded(reply).await.map(Some),
        None => Ok(None),
    }
}

/// An upload that is ours to process until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ClaimedUpload {
    /// Its id.
    pub id: AttachmentId,
    /// The number of this attempt, counted from 1: the fence that a late finisher runs into.
    pub attempt: u16,
    /// Its media type, by its first bytes at the upload.
    pub content_type: String,
    /// The size in bytes that was announced.
    pub size_bytes: u64,
}

/// The result of processing an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Processed {
    /// It can be read.
    Ready {
        /// Of the original bytes, in lower case hex.
        sha256: String,
        /// In pixels, turned upright.
        width: u32,
        /// In pixels, turned upright.
        height: u32,
        /// `false` for a picture that is too large to decode.
        has_renditions: bool,
        /// The reason for having no renditions, if there are none.
        reason: Option<String>,
    },
    /// It is not what it was said to be, and is not served.
    Quarantined {
        /// The reason, in words.
        reason: String,
    },
}

impl Processed {
    /// The state that the file has from now on.
    #[must_use]
    pub fn state(&self) -> AttachmentState {
        match self {
            Self::Ready { .. } => AttachmentState::Ready,
            Self::Quarantined { .. } => AttachmentState::Quarantined,
        }
    }
}

/// Takes the upload under this key, for `lease_seconds`. `None` if it is done with, held by another, or unknown.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn claim<T: Transport>(
    session: &GatewaySession<'_, T>,
    key_prefix: &str,
    lease_seconds: u32,
) -> Result<Option<ClaimedUpload>, StoreError> {
    let parameters = json!({"p_key_prefix": key_prefix, "p_lease_seconds": lease_seconds});
    session.call("attachment_claim", &parameters).await
}

/// The state of the upload under this key. `None` if it is unknown.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn state<T: Transport>(
    session: &GatewaySession<'_, T>,
    key_prefix: &str,
) -> Result<Option<AttachmentState>, StoreError> {
    let told: Value = session.call("attachment_state", &json!({"p_key_prefix": key_prefix})).await?;
    if told == "unknown" {
        return Ok(None);
    }
    let state = AttachmentState::deserialize(told);
    state.map(Some).map_err(|error| StoreError::Disagreement(error.to_string()))
}

/// Records the result for a claimed upload. `false` if the claim had passed to someone else.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn finish<T: Transport>(
    session: &GatewaySession<'_, T>,
    claimed: &ClaimedUpload,
    result: &Processed,
) -> Result<bool, StoreError> {
    let parameters = json!({"p_id": claimed.id, "p_attempt": claimed.attempt, "p_result": result});
    session.call("attachment_finish", &parameters).await
}

/// Gives up on the upload under this key. `false` if it had come to an end already.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn fail<T: Transport>(
    session: &GatewaySession<'_, T>,
    key_prefix: &str,
    reason: &str,
) -> Result<bool, StoreError> {
    session.call("attachment_fail", &json!({"p_key_prefix": key_prefix, "p_reason": reason})).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_names_the_state_that_follows() {
        let (sha256, reason) = ("ab".repeat(32), "it is a script".to_owned());
        let ready = Processed::Ready { sha256, width: 4, height: 3, has_renditions: true, reason: None };
        for result in [ready, Processed::Quarantined { reason }] {
            assert_eq!(json!(result)["state"], result.state().word());
        }
    }
}
