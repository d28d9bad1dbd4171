//! What a screen shows: names, what one may do, the start page, counts. All of it is told by the database with the row.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

mod home;
mod lists;
mod names;
mod permissions;
mod scene;
mod standing;
