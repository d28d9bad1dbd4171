//! `Idempotency-Key`: a client that lost an answer sends the same request again, and gets it.
//!
//! The key is remembered by the database in the transaction of the write itself, so nothing is looked up beforehand.

use millwright_domain::resource::Row;
use millwright_edge::Problem;
use millwright_store::StoreError;
use millwright_store::resources::{self, Once};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::call::{Call, Signed};

/// The key of a request with a fingerprint of what the request asks. `None` when it has no key.
pub(crate) fn read(call: &Call, body: &Value) -> Result<Option<Once>, Problem> {
    call.request.header("idempotency-key").map(|key| of(call, key, body)).transpose()
}

/// The same with a key that came by another way.
pub(crate) fn of(call: &Call, key: String, body: &Value) -> Result<Once, Problem> {
    let usable = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !usable {
        return Err(Problem::malformed("Idempotency-Key must have 1 to 255 printable ASCII characters"));
    }
    // The body as it was understood, so that white space and the order of fields make no difference.
    let asked = format!("{} {} {body}", call.info.method, call.info.path());
    Ok(Once { key, fingerprint: format!("{:x}", Sha256::digest(asked)) })
}

/// A write that may have been made before.
pub(crate) enum Written<T> {
    /// It was made now, or refused.
    Now(Result<T, StoreError>),
    /// It was made before: with what was answered then.
    Before(Row),
}

/// If a write was refused because its key was taken, finds the answer that the first request with the key was given.
pub(crate) async fn settle<T>(
    signed: &Signed<'_>,
    once: Option<&Once>,
    written: Result<T, StoreError>,
) -> Result<Written<T>, Problem> {
    match (written, once) {
        (Err(error), Some(once)) if error.is_repeated() => replay(signed, once).await.map(Written::Before),
        (written, _) => Ok(Written::Now(written)),
    }
}

async fn replay(signed: &Signed<'_>, once: &Once) -> Result<Row, Problem> {
    let Signed { call, caller } = signed;
    let first = resources::replay(&call.own_session(), caller.id, &once.key).await?;
    match first {
        Some(first) if first.fingerprint == once.fingerprint => Ok(first.answer),
        Some(_) => Err(Problem::reused_key()),
        None => Err(Problem::internal("an idempotency key is taken and not known")),
    }
}
