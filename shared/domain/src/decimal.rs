//! Numbers as they are written: compared and counted digit by digit, because a float has another value than most of them.

use std::str::FromStr;

/// A number as it is written: `-1.50` is minus 15 of the power -1. Equal numbers are equal, however they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Without zeros around them; none for zero.
    digits: String,
    /// The power of ten that the last digit counts.
    power: i64,
}

impl Decimal {
    /// The number of units of `10^-places` that it is. `None` if it is no whole number of them, or too great.
    #[must_use]
    pub fn units(&self, places: u8) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let power = u32::try_from(self.power.checked_add(i64::from(places))?).ok()?;
        let units = self.digits.parse::<i64>().ok()?.checked_mul(10_i64.checked_pow(power)?)?;
        Some(if self.negative { -units } else { units })
    }
}

/// What is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoNumber;

impl FromStr for Decimal {
    type Err = NoNumber;

    /// A sign, digits with a point among them, an exponent: as in JSON, or as Rust writes a float.
    fn from_str(text: &str) -> Result<Self, NoNumber> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (text, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.parse().map_err(|_| NoNumber)?;
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = [whole, part].concat();
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NoNumber);
        }
        let short = digits.trim_end_matches('0');
        let behind = digits.len() - short.len();
        let behind = i64::try_from(behind).map_err(|_| NoNumber)?;
        let part = i64::try_from(part.len()).map_err(|_| NoNumber)?;
        let power = exponent.checked_add(behind - part).ok_or(NoNumber)?;
        let digits = short.trim_start_matches('0').to_owned();
        let is_zero = digits.is_empty();
        Ok(Self { negative: negative && !is_zero, digits, power: if is_zero { 0 } else { power } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, places: u8) -> Option<i64> {
        text.parse::<Decimal>().unwrap().units(places)
    }

    #[test]
    fn digits_are_counted_and_not_rounded() {
        for (text, units_of) in [
            ("0.000150", Some(150)),
            ("1.5e-4", Some(150)),
            ("-2", Some(-2_000_000)),
            ("999999999.999999", Some(999_999_999_999_999)),
            ("-0.0", Some(0)),
            ("0e99999999", Some(0)),
            ("0.0000001", None),
            ("1e300", None),
            ("1e9999999999999999", None),
        ] {
            assert_eq!(units(text, 6), units_of, "{text}");
        }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let read = |text: &str| text.parse::<Decimal>();
        assert_eq!(read("1.50"), read("+15e-1"));
        assert_eq!(read("0"), read("-0.000"));
        for none in ["", "-", ".", "NaN", "inf", "1,5", "1.5.2", "0x1", "1e", " 1"] {
            assert_eq!(read(none), Err(NoNumber), "{none}");
        }
    }
}
