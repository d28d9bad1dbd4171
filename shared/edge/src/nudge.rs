//! Nudging the notification sender, so that it looks for events at once.
//!
//! A nudge carries nothing and may be lost: the events are in the outbox, and the sender's cron finds them, too.

use std::cell::OnceCell;

use serde_json::json;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{JSON, Promise, Reflect};
use worker::{Context, Env, worker_sys};

use crate::log;

/// The binding of the queue that the sender listens to.
const BINDING: &str = "NUDGES";

/// Nudges the sender, and waits until the nudge is in the queue.
pub async fn nudge_sender(env: &Env, function: &str) {
    let sent = match put(env) {
        Ok(sent) => JsFuture::from(sent).await.map(drop),
        Err(error) => Err(error),
    };
    if let Err(error) = sent {
        report(function, &error);
    }
}

/// Nudges the sender after the answer, which does not wait. The runtime waits for the queue's own promise: a future of ours around
/// it would cost more than putting the message there.
pub fn nudge_sender_after_answer(env: &Env, context: &Context, function: &'static str) {
    let sent = put(env).and_then(|sent| context.as_ref().wait_until(&reported(&sent, function)));
    if let Err(error) = sent {
        report(function, &error);
    }
}

fn put(env: &Env) -> Result<Promise, JsValue> {
    let queue: worker_sys::Queue = Reflect::get(env, &BINDING.into())?.unchecked_into();
    queue.send(JSON::parse(r#"{"nudge":true}"#)?, JsValue::UNDEFINED)
}

/// The same promise, with a log line if it is not kept.
fn reported(sent: &Promise, function: &'static str) -> Promise {
    thread_local! {
        // One for all: each that is made has to be collected again.
        static REPORT: OnceCell<Closure<dyn FnMut(JsValue)>> = const { OnceCell::new() };
    }
    REPORT.with(|cell| {
        sent.catch(cell.get_or_init(|| Closure::new(move |error: JsValue| report(function, &error))))
    })
}

fn report(function: &str, error: &JsValue) {
    let error = worker::Error::from(error.clone()).to_string();
    log::error(function, "nudge_not_sent", json!({"error": error}));
}
