//! One upload, from the bucket and back into it.

use millwright_domain::attachment::{FileForm, FileKind};
use millwright_store::StoreError;
use millwright_store::attachments::{ClaimedUpload, Processed};
use sha2::{Digest, Sha256};
use worker::{Bucket, HttpMetadata};

use crate::picture::{self, Header, MemoryBudget, PictureError, Renditions};

/// The reason why an upload could not be processed this time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    /// The message is not one of R2's events.
    #[error("the message is not an event of the bucket: {0}")]
    NotAnEvent(String),
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bucket could not be asked.
    #[error("the bucket failed: {0}")]
    Bucket(#[from] worker::Error),
    /// The event tells of bytes that are not there.
    #[error("the bucket has no such object")]
    Gone,
}

/// Judges an upload, and stores what is served of it: a clean copy, a display rendition and a thumbnail.
pub(crate) async fn process(
    bucket: &Bucket,
    key_prefix: &str,
    claimed: &ClaimedUpload,
) -> Result<Processed, ProcessError> {
    let object = bucket.get(FileForm::Original.key(key_prefix)).execute().await?.ok_or(ProcessError::Gone)?;
    let bytes = object.body().ok_or(ProcessError::Gone)?.bytes().await?;
    let header = match examine(&bytes, claimed) {
        Ok(header) => header,
        Err(reason) => return Ok(Processed::Quarantined { reason }),
    };
    let sha256 = format!("{:x}", Sha256::digest(&bytes));
    let (width, height) = header.upright_size();

    // One after the other, and dropped in between: the budget holds the input and one result, not two.
    match picture::clean(&bytes, &header) {
        Ok(clean) => put(bucket, key_prefix, FileForm::Clean, &claimed.content_type, clean).await?,
        Err(error) => return Ok(Processed::Quarantined { reason: error.to_string() }),
    }
    match picture::render(&bytes, &header, MemoryBudget::PER_PICTURE) {
        Ok(Renditions { display, thumbnail }) => {
            put(bucket, key_prefix, FileForm::Display, &claimed.content_type, display.jpeg).await?;
            put(bucket, key_prefix, FileForm::Thumbnail, &claimed.content_type, thumbnail.jpeg).await?;
            Ok(Processed::Ready { sha256, width, height, has_renditions: true, reason: None })
        }
        Err(error @ PictureError::TooLarge { .. }) => {
            let reason = Some(error.to_string());
            Ok(Processed::Ready { sha256, width, height, has_renditions: false, reason })
        }
        Err(error) => Ok(Processed::Quarantined { reason: error.to_string() }),
    }
}

/// Compares the bytes with what was announced, and reads what picture they are. The error is the reason for quarantine.
fn examine(bytes: &[u8], claimed: &ClaimedUpload) -> Result<Header, String> {
    if bytes.len() as u64 != claimed.size_bytes {
        return Err(format!("{} bytes were announced and {} arrived", claimed.size_bytes, bytes.len()));
    }
    let kind = FileKind::of(bytes).map_err(|error| error.to_string())?;
    if kind.content_type() != claimed.content_type {
        return Err(format!("it was announced as {} and is {}", claimed.content_type, kind.content_type()));
    }
    picture::inspect(bytes).map_err(|error| error.to_string())
}

async fn put(
    bucket: &Bucket,
    key_prefix: &str,
    form: FileForm,
    original_type: &str,
    bytes: Vec<u8>,
) -> Result<(), worker::Error> {
    let content_type = Some(form.content_type(original_type).to_owned());
    let metadata = HttpMetadata { content_type, ..HttpMetadata::default() };
    bucket.put(form.key(key_prefix), bytes).http_metadata(metadata).execute().await.map(drop)
}
