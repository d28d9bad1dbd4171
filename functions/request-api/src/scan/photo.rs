//! The photo of a report: it goes the way of every upload, into the same bucket, to be looked at by the file processor.

use millwright_domain::attachment::{AttachmentState, FileKind, NotAPicture};
use millwright_domain::id::AttachmentId;
use millwright_edge::{Problem, log, new_id};
use millwright_store::attachments;
use millwright_store::scan::{Expected, Photo};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::call::Call;
use crate::function::FUNCTION;
use crate::stored::put_original;

/// A photo that came with a report.
pub(super) struct PhotoSent {
    /// The photo as the database is told of it.
    pub(super) announced: Photo,
    bytes: Vec<u8>,
}

/// The photo of a report, once the report was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// There was none.
    Nothing,
    /// It is stored, now or since it came first, and is looked at.
    Uploaded,
    /// It could not be stored; the report stands without it.
    Lost,
}

impl Stored {
    /// As a client is told; null when there is nothing to tell.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Uploaded => Some(AttachmentState::Uploaded.word()),
            Self::Lost => Some(AttachmentState::Failed.word()),
        }
    }
}

impl PhotoSent {
    /// Reads one.
    pub(super) fn read(bytes: Vec<u8>, name: &str) -> Result<Self, NotAPicture> {
        let (kind, file_name) = FileKind::accept(&bytes, name)?;
        let announced = Photo {
            id: AttachmentId(new_id()),
            file_name,
            content_type: kind.content_type(),
            size_bytes: bytes.len() as u64,
        };
        Ok(Self { announced, bytes })
    }

    /// The hash of its bytes, by which one that is sent again is known.
    pub(super) fn hash(&self) -> String {
        format!("{:x}", Sha256::digest(&self.bytes))
    }
}

/// Stores the photo that is waited for. The report is there already, so one that cannot be stored is no error: it is said of
/// the photo.
pub(super) async fn store(
    call: &Call,
    expected: Option<Expected>,
    photo: Option<PhotoSent>,
) -> Result<Stored, Problem> {
    let (Some(Expected { key_prefix, waits }), Some(photo)) = (expected, photo) else {
        return Ok(Stored::Nothing);
    };
    if !waits {
        return Ok(Stored::Uploaded);
    }
    let content_type = photo.announced.content_type;
    let Err(error) = put_original(call, &key_prefix, content_type, photo.bytes).await else {
        return Ok(Stored::Uploaded);
    };
    log::error(FUNCTION, "photo_not_stored", json!({"key_prefix": key_prefix, "error": error.to_string()}));
    attachments::fail(&call.own_session(), &key_prefix, "it could not be stored when it was sent").await?;
    Ok(Stored::Lost)
}
