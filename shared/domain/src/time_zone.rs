//! Time zones: the names that one may be called by, as IANA writes them (`Europe/Berlin`).
//!
//! Postgres takes more: any case, POSIX forms such as `GMT+2`, which means the opposite there. So both sides ask one list.
//! This is it, and the database has the same one (`private.is_time_zone`); a test compares them.

use chrono_tz::{TZ_VARIANTS, Tz};

/// The longest name that is read, in characters.
pub const MAX_TIME_ZONE: usize = 64;

/// True for the name of a zone, written as IANA writes it.
#[must_use]
pub fn is_time_zone(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

/// All names.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    TZ_VARIANTS.iter().map(|zone| zone.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::working_time::Calendar;

    #[test]
    fn a_name_is_taken_as_it_is_written_and_then_it_works_everywhere() {
        for good in ["Europe/Berlin", "UTC", "Etc/GMT+2", "America/Argentina/Ushuaia"] {
            assert!(is_time_zone(good) && Calendar::new(good, Vec::new(), []).is_some(), "{good}");
        }
        for wrong in
            ["europe/berlin", "EUROPE/BERLIN", "GMT+2", "CEST", "posix/UTC", "<+02>-2", "localtime", ""]
        {
            assert!(!is_time_zone(wrong), "{wrong}");
        }
        assert!(time_zones().any(|name| name == "Europe/Berlin"));
        assert!(time_zones().all(|name| is_time_zone(name) && name.len() <= MAX_TIME_ZONE));
    }
}
