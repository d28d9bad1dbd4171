//! What our five functions share of the runtime they run in.
//!
//! **In scope**: configuration, the clock, the transport to the gateway, who is asking, how answers and problems look,
//! log lines, running a job within its wall budget, reading queue messages.
//!
//! **Not in scope**: what is decided (`millwright-domain`), what is asked of the database (`millwright-store`), which
//! routes and jobs there are (the functions).
//!
//! **Invariants**: the only shared crate that knows `worker`. Nothing here panics on what comes from outside. A problem
//! that a client sees carries no internal text; that text goes to the log.

mod backend;
mod body;
pub mod clock;
pub mod config;
pub mod cors;
mod form;
mod init;
pub mod job;
pub mod live;
pub mod log;
pub mod memory;
pub mod nudge;
mod page;
mod problem;
pub mod queue;
mod recent;
mod reply;
mod request;
pub mod token;
mod transport;
mod versioned;
mod web_page;

pub use backend::Backend;
pub use body::{MAX_JSON_BYTES, discard, read_json, read_large_json, read_text};
pub use form::{Form, FormFile, is_form, read_form};
pub use page::{page, rows};
pub use problem::{Problem, refused_value};
pub use recent::Recent;
pub use reply::{Response, around, document, empty, json, known_by, locate, pass_through, seal};
pub use request::{Request, RequestInfo};
pub use transport::{FetchTransport, send_within};
pub use versioned::{version_in, versioned, versioned_row};
pub use web_page::WebPage;

use wasm_bindgen::JsValue;
use worker::js_sys::{Reflect, global};

/// What every function does when its isolate starts.
pub fn start() {
    // A panic leaves its message and stack in the log.
    console_error_panic_hook::set_once();
    wake_by_promise();
}

/// Lets what waits in Rust be woken by a promise of the engine.
///
/// wasm-bindgen's executor prefers `queueMicrotask`, and takes a promise where there is none. The order is the same, but the
/// runtime wraps each `queueMicrotask` anew, which costs more than the waking.
fn wake_by_promise() {
    Reflect::set(&global(), &"queueMicrotask".into(), &JsValue::UNDEFINED).ok();
}

/// A new id, sortable by time (`UUIDv7`).
#[must_use]
pub fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
