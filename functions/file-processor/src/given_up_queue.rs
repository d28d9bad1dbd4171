//! The dead letter queue: what could not be processed in all its attempts is written where an administrator sees it.

use millwright_edge::job::Run;
use millwright_edge::queue;
use millwright_store::jobs::{self, RunEnd};
use millwright_store::{StoreError, attachments};
use serde_json::Value;
use worker::{MessageBatch, MessageExt};

use crate::FUNCTION;
use crate::event_message::ObjectCreated;

const REASON: &str = "it could not be processed in all its attempts; the runs of file-processor say why";

/// Writes a batch down. A message that cannot be written down comes again.
pub(crate) async fn work(run: &mut Run<'_>, batch: &MessageBatch<Value>) -> Result<RunEnd, StoreError> {
    for message in batch.raw_iter() {
        let body = queue::body(&message);
        match bury(run, &message.id(), &body).await {
            Ok(()) => {
                run.add("given_up", 1);
                message.ack();
            }
            Err(error) => {
                run.problem(body.to_string(), error);
                message.retry();
            }
        }
    }
    Ok(RunEnd::Done)
}

async fn bury(run: &Run<'_>, message: &str, body: &Value) -> Result<(), StoreError> {
    if let Ok(event) = queue::decode::<ObjectCreated>(body)
        && let Some(key_prefix) = event.key_prefix()
    {
        attachments::fail(&run.session, key_prefix, REASON).await?;
    }
    jobs::dead_letter(&run.session, FUNCTION, message, REASON, body).await.map(drop)
}
