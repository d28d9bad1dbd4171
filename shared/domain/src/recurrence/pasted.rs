//! A rule as a calendar exports it: the lines `DTSTART`, `RRULE` and `EXDATE` of RFC 5545, and `UNTIL` with a time.
//!
//! Maintenance is planned by day, so a time only says which day is meant. The day of a local time is the one that is written.
//! One in UTC (`…Z`) is the day that it is then in the zone of the text (`TZID`), or where the work is done. `UNTIL` is the last
//! day on which the time of `DTSTART` is not after it: until half past seven, work at eight ends on the day before.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::RecurrenceError;
use super::rule::{Rule, wrong};

/// The longest text, in characters.
const MAX_TEXT: usize = 10_000;

/// A text that has been taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted {
    rule: String,
    first: Option<Moment>,
    until: Option<Moment>,
    without: Vec<Moment>,
    /// The time zone that the text names, which may be a name that only its calendar knows.
    pub time_zone: Option<String>,
}

/// What the text says of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The rule, of dates alone.
    pub rrule: String,
    /// Its first date (`DTSTART`).
    pub starts_on: Option<NaiveDate>,
    /// The dates that are taken out of it (`EXDATE`).
    pub exdates: Vec<NaiveDate>,
}

/// A day, or a time of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Day(NaiveDate),
    Local(NaiveDateTime),
    Utc(DateTime<Utc>),
}

/// True for a text that says more than a rule of dates, or says it in lines.
#[must_use]
pub fn is_pasted(text: &str) -> bool {
    let text = text.trim().to_ascii_uppercase();
    let rule = text.strip_prefix("RRULE:").unwrap_or(&text);
    let until = rule.split(';').find_map(|part| part.strip_prefix("UNTIL="));
    text.contains(['\n', '\r'])
        || ["DTSTART", "EXDATE", "RDATE", "EXRULE"].iter().any(|name| text.starts_with(name))
        || until.is_some_and(|until| until.contains('T'))
}

impl Pasted {
    /// Takes a text apart.
    ///
    /// # Errors
    /// If something in it cannot be honoured, in words.
    pub fn read(text: &str) -> Result<Self, RecurrenceError> {
        if text.chars().count() > MAX_TEXT {
            return Err(RecurrenceError::Together(
                "a rule has at most 10,000 characters, in all of its lines",
            ));
        }
        let mut read =
            Self { rule: String::new(), first: None, until: None, without: Vec::new(), time_zone: None };
        // A long line goes on in the next one, after a space.
        let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            read.line(line)?;
        }
        if read.rule.is_empty() {
            return Err(RecurrenceError::Together("there is no RRULE in it"));
        }
        let mut parts = Vec::new();
        for part in read.rule.split(';') {
            match part.strip_prefix("UNTIL=") {
                Some(until) if until.contains('T') => {
                    read.until = Some(Moment::read("UNTIL", until)?);
                }
                _ => parts.push(part),
            }
        }
        read.rule = parts.join(";");
        Ok(read)
    }

    fn line(&mut self, line: &str) -> Result<(), RecurrenceError> {
        let (head, value) = apart(line);
        let mut parameters = head.split(';');
        let name = parameters.next().unwrap_or_default().to_ascii_uppercase();
        match name.as_str() {
            "RRULE" | "" if !self.rule.is_empty() => {
                return Err(RecurrenceError::Together(
                    "several RRULEs do not go together: a template has one rule",
                ));
            }
            "RRULE" | "" => self.rule = value.trim_end_matches(';').to_ascii_uppercase(),
            "DTSTART" if self.first.is_some() => return Err(RecurrenceError::Twice(name)),
            "DTSTART" => {
                self.first = Some(Moment::read("DTSTART", value)?);
                let zone = parameters.find_map(|one| {
                    one.get(..5).filter(|of| of.eq_ignore_ascii_case("TZID=")).and(one.get(5..))
                });
                self.time_zone = zone.map(|zone| zone.trim_matches('"').to_owned());
            }
            "EXDATE" => {
                for one in value.split(',') {
                    self.without.push(Moment::read("EXDATE", one.trim())?);
                }
            }
            "RDATE" => {
                return Err(RecurrenceError::Together(
                    "RDATE is no part of a rule here: dates beside it need a template of their own",
                ));
            }
            "EXRULE" => {
                return Err(RecurrenceError::Together(
                    "EXRULE is not supported: name the dates that are left out (EXDATE)",
                ));
            }
            _ => return Err(RecurrenceError::Line(short(&name))),
        }
        Ok(())
    }

    /// The times in UTC, whose days nobody knows without a time zone.
    #[must_use]
    pub fn in_utc(&self) -> Vec<DateTime<Utc>> {
        let all = self.first.iter().chain(&self.until).chain(&self.without);
        all.filter_map(|moment| if let Moment::Utc(at) = moment { Some(*at) } else { None }).collect()
    }

    /// What it says, with the local time of each time in UTC.
    ///
    /// # Errors
    /// If the rule cannot be used, or one of those times is needed and not told.
    pub fn said(
        &self,
        local: impl Fn(DateTime<Utc>) -> Option<NaiveDateTime>,
    ) -> Result<Said, RecurrenceError> {
        let place = |moment: Moment| match moment {
            Moment::Day(day) => Ok((day, None)),
            Moment::Local(time) => Ok((time.date(), Some(time.time()))),
            Moment::Utc(at) => {
                local(at).map(|time| (time.date(), Some(time.time()))).ok_or(RecurrenceError::Together(
                    "a time in UTC (…Z) needs a time zone to be a day in: a warehouse_id, or local times",
                ))
            }
        };
        let first = self.first.map(place).transpose()?;
        let mut rrule = self.rule.clone();
        if let Some(until) = self.until {
            let (day, time) = place(until)?;
            let begins = first.and_then(|(_, time)| time).unwrap_or(NaiveTime::MIN);
            let last =
                if time.is_some_and(|time| time < begins) { day.pred_opt().unwrap_or(day) } else { day };
            rrule = format!("{rrule};UNTIL={}", last.format("%Y%m%d"));
        }
        Rule::read(&rrule)?;
        let mut exdates = Vec::new();
        for moment in &self.without {
            exdates.push(place(*moment)?.0);
        }
        exdates.sort_unstable();
        exdates.dedup();
        Ok(Said { rrule, starts_on: first.map(|(day, _)| day), exdates })
    }
}

impl Moment {
    fn read(part: &'static str, text: &str) -> Result<Self, RecurrenceError> {
        let text = text.to_ascii_uppercase();
        let digits = |count: usize| {
            let rest = text.trim_end_matches('Z');
            rest.len() == count && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'T')
        };
        let time = || NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok();
        let read = if digits(8) && !text.ends_with('Z') {
            NaiveDate::parse_from_str(&text, "%Y%m%d").ok().map(Self::Day)
        } else if !digits(15) {
            None
        } else if text.ends_with('Z') {
            time().map(|time| Self::Utc(time.and_utc()))
        } else {
            time().map(Self::Local)
        };
        read.ok_or_else(|| {
            wrong(
                part,
                "a date or a time such as 20271231, 20271231T080000 or 20271231T080000Z",
                &short(&text),
            )
        })
    }
}

/// Enough of it to know it again.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A line's name with its parameters, and its value. A rule may come without a name.
fn apart(line: &str) -> (&str, &str) {
    let mut quoted = false;
    let colon = line.find(|character| {
        quoted ^= character == '"';
        character == ':' && !quoted
    });
    colon.and_then(|at| Some((line.get(..at)?, line.get(at + 1..)?))).unwrap_or(("", line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use chrono_tz::Tz;

    fn said(text: &str, zone: &str) -> Result<Said, String> {
        let pasted = Pasted::read(text).map_err(|error| error.to_string())?;
        // As in the database: the text's own zone where it is one.
        let named = pasted.time_zone.as_deref().and_then(|zone| zone.parse::<Tz>().ok());
        let zone = named.or_else(|| zone.parse().ok());
        let local = |at: DateTime<Utc>| Some(zone?.from_utc_datetime(&at.naive_utc()).naive_local());
        pasted.said(local).map_err(|error| error.to_string())
    }

    fn told(text: &str, zone: &str) -> (String, String, String) {
        let said = said(text, zone).unwrap();
        let exdates: Vec<_> = said.exdates.iter().map(ToString::to_string).collect();
        (said.rrule, said.starts_on.map(|day| day.to_string()).unwrap_or_default(), exdates.join(" "))
    }

    fn of(rrule: &str, starts_on: &str, exdates: &str) -> (String, String, String) {
        (rrule.to_owned(), starts_on.to_owned(), exdates.to_owned())
    }

    #[test]
    fn what_google_and_outlook_export_is_read() {
        let google = "DTSTART;TZID=Europe/Berlin:20261201T080000\r\nRRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20270131T225959Z;BYDAY=TU\r\n\
            EXDATE;TZID=Europe/Berlin:20261222T080000\r\nEXDATE;TZID=Europe/Berlin:20261229T080000,20261222T080000\r\n";
        let weekly = "FREQ=WEEKLY;WKST=MO;BYDAY=TU;UNTIL=20270131";
        assert_eq!(told(google, "UTC"), of(weekly, "2026-12-01", "2026-12-22 2026-12-29"));
        // It ends with the last one, and long lines are folded.
        let outlook = "DTSTART;TZID=\"(UTC+01:00) Amsterdam\":20261201T080000\nRRULE:FREQ=MONTHLY;COUNT=10;INTER\n VAL=2;BYMONTHDAY=1;";
        assert_eq!(
            told(outlook, "Europe/Amsterdam"),
            of("FREQ=MONTHLY;COUNT=10;INTERVAL=2;BYMONTHDAY=1", "2026-12-01", "")
        );
        let ends =
            "DTSTART;TZID=W. Europe Standard Time:20261201T080000\nRRULE:FREQ=DAILY;UNTIL=20270131T070000Z";
        assert_eq!(told(ends, "Europe/Amsterdam"), of("FREQ=DAILY;UNTIL=20270131", "2026-12-01", ""));
        let days = "dtstart;value=date:20261201\nfreq=daily\nexdate;value=date:20261202";
        assert_eq!(told(days, ""), of("FREQ=DAILY", "2026-12-01", "2026-12-02"));
    }

    #[test]
    fn until_is_the_last_day_on_which_the_work_is_not_after_it() {
        let until = |text: &str, zone: &str| told(text, zone).0.replace("FREQ=DAILY;UNTIL=", "");
        assert_eq!(until("FREQ=DAILY;UNTIL=20270131T235959Z", "UTC"), "20270131");
        assert_eq!(until("FREQ=DAILY;UNTIL=20270131T235959Z", "Europe/Berlin"), "20270201");
        assert_eq!(until("FREQ=DAILY;UNTIL=20270131T003000Z", "America/New_York"), "20270130");
        assert_eq!(
            until("RRULE:FREQ=DAILY;UNTIL=20270131T000000", ""),
            "20270131",
            "a local time needs no zone"
        );
        let with_a_day = "DTSTART:20261201T080000\nRRULE:FREQ=DAILY;UNTIL=20270131;INTERVAL=2";
        assert_eq!(told(with_a_day, "").0, "FREQ=DAILY;UNTIL=20270131;INTERVAL=2", "as it was written");
        let at_eight = |until: &str| format!("DTSTART:20261201T080000\nRRULE:FREQ=DAILY;UNTIL={until}");
        assert_eq!(until(&at_eight("20270131T073000"), ""), "20270130");
        assert_eq!(until(&at_eight("20270131T080000"), ""), "20270131");
        assert_eq!(until(&at_eight("20270130T190000Z"), "Pacific/Auckland"), "20270131");
        // In the zone of the text, wherever the work is done.
        let berlin = "DTSTART;TZID=Europe/Berlin:20261201T000000\nRRULE:FREQ=DAILY;UNTIL=20270130T230000Z";
        assert_eq!(until(berlin, "America/New_York"), "20270131");
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_with_its_reason() {
        for (text, reason) in [
            ("DTSTART:20261201T080000", "there is no RRULE in it"),
            (
                "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
                "several RRULEs do not go together: a template has one rule",
            ),
            ("DTSTART:20261201\nDTSTART:20261202\nRRULE:FREQ=DAILY", "DTSTART is said twice"),
            (
                "RRULE:FREQ=DAILY\nRDATE:20261224T080000Z",
                "RDATE is no part of a rule here: dates beside it need a template of their own",
            ),
            (
                "RRULE:FREQ=DAILY\nSUMMARY:Greasing",
                "the line SUMMARY is not supported: DTSTART, RRULE and EXDATE are",
            ),
            (
                "DTSTART:20261201T080000\nRRULE:FREQ=DAILY;BYHOUR=8;BYMINUTE=0",
                "BYHOUR has no meaning here: maintenance is planned by day",
            ),
            (
                "RRULE:FREQ=DAILY;UNTIL=20270131T250000Z",
                "UNTIL must be a date or a time such as 20271231, 20271231T080000 or 20271231T080000Z, not '20270131T250000Z'",
            ),
            (
                "DTSTART:tomorrow\nRRULE:FREQ=DAILY",
                "DTSTART must be a date or a time such as 20271231, 20271231T080000 or 20271231T080000Z, not 'TOMORROW'",
            ),
            (
                "RRULE:FREQ=DAILY;UNTIL=20270131T000000Z",
                "a time in UTC (…Z) needs a time zone to be a day in: a warehouse_id, or local times",
            ),
            ("RRULE:FREQ=DAILY;COUNT=3;UNTIL=20270131T000000", "COUNT and UNTIL do not go together"),
        ] {
            assert_eq!(said(text, "").unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn a_rule_of_dates_is_not_pasted() {
        for text in [
            "monthly",
            "FREQ=MONTHLY;BYDAY=1MO",
            "RRULE:FREQ=DAILY;UNTIL=20270131;",
            "FREQ=WEEKLY;BYDAY=TU,TH;WKST=SU",
        ] {
            assert!(!is_pasted(text), "{text}");
        }
        for text in ["RRULE:FREQ=DAILY\n", "FREQ=DAILY;UNTIL=20270131T000000;INTERVAL=2", "dtstart:20261201"]
        {
            assert_eq!(is_pasted(text), text.trim() == text, "{text}");
        }
    }

    #[test]
    fn dates_that_are_left_out_by_a_rule_are_to_be_named() {
        let reason = said("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY", "").unwrap_err();
        assert_eq!(reason, "EXRULE is not supported: name the dates that are left out (EXDATE)");
        for text in ["EXDATE:20261201", "RDATE:20261201", "EXRULE:FREQ=DAILY", " dtstart:20261201"] {
            assert!(is_pasted(text), "{text}");
        }
    }

    #[test]
    fn a_text_is_as_long_as_it_may_be() {
        let text = |length: usize| format!("{:\n<length$}", "RRULE:FREQ=DAILY");
        assert!(said(&text(10_000), "").is_ok());
        assert_eq!(
            said(&text(10_001), ""),
            Err("a rule has at most 10,000 characters, in all of its lines".to_owned())
        );
    }

    #[test]
    fn times_that_need_a_zone_are_told() {
        let text = "DTSTART:20261201T080000\nRRULE:FREQ=DAILY;UNTIL=20270131T070000Z\n\
            EXDATE:20261222T080000Z,20261223T080000,20261224";
        let told: Vec<_> = Pasted::read(text).unwrap().in_utc().iter().map(ToString::to_string).collect();
        assert_eq!(told, ["2027-01-31 07:00:00 UTC", "2026-12-22 08:00:00 UTC"]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_pasted_does_no_harm(text in "(DTSTART|RRULE|EXDATE|RDATE|X)?[;:=A-Z0-9\"\n, ]{0,60}(RRULE:FREQ=DAILY;UNTIL=[0-9TZ]{8,16})?") {
            drop(said(&text, "UTC"));
        }
    }
}
