//! The way in which a country writes numbers and dates. A file does not say it, and `1.500` or `03/04/2026` is not for us to
//! guess.

/// The locales that a file can be said to be of.
pub const LOCALES: &[&str] =
    &["de", "de-AT", "de-CH", "de-DE", "en", "en-GB", "en-US", "es", "fr", "it", "nl"];

/// The way in which the numbers and dates of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notation {
    decimals: Decimals,
    days: Days,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decimals {
    /// `1500.25`, and nothing between thousands.
    Point,
    /// `1500,25` or `1500.25`, so `1.500` and `1,500` have two meanings.
    Unclear,
    /// This is the decimal mark; others may stand between thousands.
    Said(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Days {
    Unclear,
    First,
    BehindMonths,
}

impl Notation {
    /// Of a locale that was said, one of [`LOCALES`].
    #[must_use]
    pub fn of(locale: &str) -> Self {
        let point = locale.starts_with("en") || locale == "de-CH";
        let days = match locale {
            "en" => Days::Unclear,
            "en-US" => Days::BehindMonths,
            _ => Days::First,
        };
        Self { decimals: Decimals::Said(if point { '.' } else { ',' }), days }
    }

    /// Of a file of which none was said.
    #[must_use]
    pub const fn unsaid(commas_are_decimal: bool) -> Self {
        let decimals = if commas_are_decimal { Decimals::Unclear } else { Decimals::Point };
        Self { decimals, days: Days::Unclear }
    }

    /// A number with a point, and nothing between its thousands.
    ///
    /// # Errors
    /// Why it is not read, in words, if there is more to say than that it is none.
    pub(super) fn number(self, cell: &str) -> Result<String, String> {
        match self.decimals {
            Decimals::Point if cell.contains(',') => Err(unclear(cell)),
            Decimals::Point => Ok(cell.to_owned()),
            Decimals::Unclear => match cell.rsplit_once(['.', ',']) {
                Some((whole, part)) if whole.contains(['.', ',']) || is_group(whole, part) => {
                    Err(unclear(cell))
                }
                _ => Ok(cell.replace(',', ".")),
            },
            Decimals::Said(mark) => {
                let (whole, part) = cell.split_once(mark).unwrap_or((cell, ""));
                let mut groups =
                    whole.split([if mark == '.' { ',' } else { '.' }, ' ', '\u{a0}', '\u{202f}', '\'', '’']);
                let first = groups.next().unwrap_or_default();
                let mut number = first.to_owned();
                for group in groups {
                    if !is_group(first, group) {
                        return Err(format!("'{cell}' is no number of that locale"));
                    }
                    number.push_str(group);
                }
                Ok(if part.is_empty() { number } else { format!("{number}.{part}") })
            }
        }
    }

    /// A date as `2026-04-03`.
    ///
    /// # Errors
    /// Why it is not read, in words.
    pub(super) fn date(self, cell: &str) -> Result<String, String> {
        let Some([one, two, year]) = three(cell) else { return Ok(cell.to_owned()) };
        match self.days {
            Days::Unclear => Err(format!(
                "must be a date like 2026-03-02: '{cell}' is read only if a locale says whether the day comes first, as \
                 locale=de, en-GB or en-US"
            )),
            Days::First => Ok(format!("{year}-{two:0>2}-{one:0>2}")),
            Days::BehindMonths => Ok(format!("{year}-{one:0>2}-{two:0>2}")),
        }
    }
}

/// True if three digits stand behind a mark and a few before it, so that the mark may stand between thousands.
fn is_group(before: &str, group: &str) -> bool {
    let before = before.trim_start_matches(['-', '+']);
    let are_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    (1..=3).contains(&before.len())
        && group.len() == 3
        && !before.starts_with('0')
        && are_digits(before)
        && are_digits(group)
}

fn unclear(cell: &str) -> String {
    format!(
        "'{cell}' has more than one meaning: whether points or commas stand before decimals is said with a locale, as \
         locale=de or locale=en; otherwise a number is written like 1500.25"
    )
}

/// Day, month and year in the order of the cell.
fn three(cell: &str) -> Option<[&str; 3]> {
    let mut parts = cell.split(['/', '.', '-']);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    let is_of = |text: &str, digits| text.bytes().all(|byte| byte.is_ascii_digit()) && digits == text.len();
    let is_short = |text| is_of(text, 1) || is_of(text, 2);
    let [one, two, year] = three;
    (parts.next().is_none() && is_short(one) && is_short(two) && is_of(year, 4)).then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEMICOLONS: Notation = Notation::unsaid(true);

    #[test]
    fn a_mark_that_may_stand_between_thousands_is_not_guessed() {
        for unclear in ["1.500", "1,500", "-12.500", "2.345,50", "1,234,567", "1.234.567"] {
            assert!(SEMICOLONS.number(unclear).unwrap_err().contains("locale=de"), "{unclear}");
        }
        for (clear, number) in [
            ("1500,25", "1500.25"),
            ("1500.25", "1500.25"),
            ("0,333", "0.333"),
            ("1500.250", "1500.250"),
            ("7", "7"),
        ] {
            assert_eq!(SEMICOLONS.number(clear).as_deref(), Ok(number));
        }
        assert!(Notation::unsaid(false).number("1,500").unwrap_err().contains("locale=de"));
    }

    #[test]
    fn a_locale_says_what_a_number_is() {
        for (locale, cell, number) in [
            ("de", "2.345,50", Some("2345.50")),
            ("de", "1.500", Some("1500")),
            ("de", "1,500", Some("1.500")),
            ("de", "1.5", None),
            ("de-CH", "1'500.25", Some("1500.25")),
            ("en-US", "1,234,567.5", Some("1234567.5")),
            ("en", "1,5", None),
            ("fr", "1 500,25", Some("1500.25")),
        ] {
            assert_eq!(Notation::of(locale).number(cell).ok().as_deref(), number, "{cell} in {locale}");
        }
    }

    #[test]
    fn day_and_month_are_not_swapped() {
        let read = |notation: Notation, cell| notation.date(cell).ok();
        for cell in ["03/04/2026", "3.4.2026", "13/04/2026"] {
            assert!(SEMICOLONS.date(cell).unwrap_err().contains("locale=de, en-GB or en-US"), "{cell}");
        }
        assert_eq!(read(Notation::of("en-GB"), "3/4/2026").as_deref(), Some("2026-04-03"));
        assert_eq!(read(Notation::of("en-US"), "03/04/2026").as_deref(), Some("2026-03-04"));
        assert_eq!(read(Notation::of("de"), "03.04.2026").as_deref(), Some("2026-04-03"));
        assert_eq!(read(Notation::of("en"), "03/04/2026"), None);
        for left in ["2026-04-03", "03/04/26", "soon"] {
            assert_eq!(read(Notation::of("de"), left).as_deref(), Some(left));
        }
    }
}
