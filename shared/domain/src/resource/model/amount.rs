//! The numbers that a field takes, exactly.

use serde_json::{Number, Value};

use crate::decimal::Decimal;

/// Bounds, and the most decimals. What has more is refused: whoever rounded it would keep another number than was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    least: i64,
    most: i64,
    places: u8,
}

impl Amount {
    /// From 0 to `most`.
    #[must_use]
    pub const fn up_to(most: u32, places: u8) -> Self {
        Self { least: 0, most: most as i64 * unit(places), places }
    }

    /// From the least that there is to `most`.
    #[must_use]
    pub const fn some(most: u32, places: u8) -> Self {
        Self { least: 1, ..Self::up_to(most, places) }
    }

    /// From minus `most` to `most`.
    #[must_use]
    pub const fn change(most: u32, places: u8) -> Self {
        let Self { most, .. } = Self::up_to(most, places);
        Self { least: -most, most, places }
    }

    /// The least number.
    #[must_use]
    pub fn least(self) -> f64 {
        self.float(self.least)
    }

    /// The greatest one.
    #[must_use]
    pub const fn most(self) -> i64 {
        self.most / unit(self.places)
    }

    /// The most decimals.
    #[must_use]
    pub const fn places(self) -> u8 {
        self.places
    }

    /// The values that are taken, in words.
    pub(super) fn in_words(self) -> String {
        format!("a number from {} to {} with at most {} decimals", self.least(), self.most(), self.places)
    }

    /// Reads a number as it is written, into the shortest form.
    pub(super) fn read(self, text: &str) -> Option<Value> {
        let units = text.parse::<Decimal>().ok()?.units(self.places)?;
        if !(self.least..=self.most).contains(&units) {
            return None;
        }
        if units % unit(self.places) == 0 {
            return Some((units / unit(self.places)).into());
        }
        Number::from_f64(self.float(units)).map(Value::from)
    }

    /// True for what a row can be compared with, which may have any decimals.
    pub(super) fn is_near(self, number: f64) -> bool {
        (self.least()..=self.float(self.most)).contains(&number)
    }

    /// Of at most 15 digits, so the shortest text of the float has the same digits.
    fn float(self, units: i64) -> f64 {
        format!("{units}e-{}", self.places).parse().unwrap_or_default()
    }
}

const fn unit(places: u8) -> i64 {
    10_i64.pow(places as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_is_kept_as_it_is_or_refused() {
        let price = Amount::up_to(999_999_999, 6);
        for (text, kept) in [
            ("0.00015", Some(json!(0.00015))),
            ("0.333", Some(json!(0.333))),
            ("2.50", Some(json!(2.5))),
            ("2.0", Some(json!(2))),
            ("999999999", Some(json!(999_999_999))),
            ("999999998.999999", Some(json!(999_999_998.999_999))),
            ("999999999.000001", None),
            ("0.0000001", None),
            ("-0.000001", None),
        ] {
            assert_eq!(price.read(text), kept, "{text}");
        }
        assert_eq!(Amount::some(9, 3).read("0"), None);
        assert_eq!(Amount::some(9, 3).read("0.001"), Some(json!(0.001)));
        assert_eq!(Amount::change(9, 3).read("-9"), Some(json!(-9)));
        assert_eq!(Amount::some(9, 3).in_words(), "a number from 0.001 to 9 with at most 3 decimals");
    }
}
