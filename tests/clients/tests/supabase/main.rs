//! Supabase's own client (`@supabase/postgrest-js`) with a technician's token, pointed straight at the gateway: it sees
//! exactly what the API shows, and can change nothing more.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod changing;
mod opening;
mod reading;
mod technician;
