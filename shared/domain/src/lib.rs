//! The rules of maintenance.
//!
//! **In scope**: every decision Millwright takes. Which input is a work order, which occurrences of a schedule are
//! due, which deadline has passed and who must hear of it, who is told of an event, when a delivery is tried again,
//! which files are accepted.
//!
//! **Not in scope**: where rows come from (`millwright-store`), what runs the code (`millwright-edge`), HTTP.
//!
//! **Invariants**: no clock, no randomness and no I/O of its own. Every decision is a function of its arguments,
//! `now` among them, so that a firing can be replayed for any date. Nothing here panics, whatever it is given.

pub mod access;
pub mod api_token;
pub mod attachment;
pub mod audit;
pub mod batches;
pub mod constraint;
pub mod csv;
pub mod decimal;
pub mod equipment;
pub mod escalation;
pub mod event;
pub mod housekeeping;
pub mod id;
pub mod import;
pub mod input;
pub mod job;
pub mod kpi;
pub mod lifecycle;
pub mod links;
pub mod notification;
pub mod opening;
pub mod parameters;
pub mod permission;
pub mod picture;
pub mod problem_code;
pub mod public_address;
pub mod rate;
pub mod recurrence;
pub mod resource;
pub mod review;
pub mod rows;
pub mod scan;
pub mod schedule;
pub mod search;
pub mod secret;
pub mod setting;
pub mod sign_in;
pub mod signature;
pub mod stock;
pub mod sync;
pub mod text;
pub mod time_zone;
pub mod transition;
pub mod vendor;
pub mod vocabulary;
pub mod words;
pub mod work_order;
pub mod working_time;
