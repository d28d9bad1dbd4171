//! The queue of uploads: each message for itself.

use millwright_domain::attachment::AttachmentState;
use millwright_edge::job::Run;
use millwright_edge::queue;
use millwright_store::StoreError;
use millwright_store::attachments;
use millwright_store::jobs::RunEnd;
use serde_json::Value;
use worker::{Bucket, MessageBatch, MessageExt, QueueRetryOptionsBuilder};

use crate::event_message::ObjectCreated;
use crate::process::{self, ProcessError};

/// An upload is leased for so many seconds. Processing takes a second or two; the rest is for a slow bucket.
const LEASE_SECONDS: u32 = 60;

/// Works through a batch. What fails for a reason that may pass comes again when its lease has ended.
pub(crate) async fn work(
    run: &mut Run<'_>,
    batch: &MessageBatch<Value>,
    bucket: &Bucket,
) -> Result<RunEnd, StoreError> {
    let again = QueueRetryOptionsBuilder::new().with_delay_seconds(LEASE_SECONDS + 1).build();
    for message in batch.raw_iter() {
        if run.out_of_time() {
            message.retry();
            continue;
        }
        let body = queue::body(&message);
        match one(run, &body, bucket).await {
            Ok(Ended::As(outcome)) => {
                run.add(outcome, 1);
                message.ack();
            }
            Ok(Ended::HeldByAnother) => {
                run.add("held_by_another", 1);
                message.retry_with_options(&again);
            }
            Err(error) => {
                run.problem(body.to_string(), error);
                message.retry_with_options(&again);
            }
        }
    }
    Ok(RunEnd::Done)
}

enum Ended {
    /// It needs nothing more; the name of the number that it counts for.
    As(&'static str),
    /// Someone else has it, or died with it.
    HeldByAnother,
}

async fn one(run: &Run<'_>, body: &Value, bucket: &Bucket) -> Result<Ended, ProcessError> {
    let event: ObjectCreated = queue::decode(body).map_err(ProcessError::NotAnEvent)?;
    let Some(key_prefix) = event.key_prefix() else {
        return Ok(Ended::As("not_an_original"));
    };
    let Some(claimed) = attachments::claim(&run.session, key_prefix, LEASE_SECONDS).await? else {
        return Ok(match attachments::state(&run.session, key_prefix).await? {
            Some(AttachmentState::Processing) => Ended::HeldByAnother,
            Some(
                AttachmentState::Uploaded
                | AttachmentState::Ready
                | AttachmentState::Quarantined
                | AttachmentState::Failed,
            ) => Ended::As("seen_before"),
            None => Ended::As("withdrawn"),
        });
    };
    let processed = process::process(bucket, key_prefix, &claimed).await?;
    // A stale attempt is told `false`: whoever took over has written the same under the same keys.
    attachments::finish(&run.session, &claimed, &processed).await?;
    Ok(Ended::As(processed.state().word()))
}
