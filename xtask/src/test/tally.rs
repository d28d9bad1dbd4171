//! Counting what `cargo test` says.

use std::fmt;
use std::ops::AddAssign;

/// Counts of tests that passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Tally {
    /// The counts of one line of output; nothing for any other line than `test result: …`.
    pub(super) fn of_line(line: &str) -> Self {
        let Some(counts) = line.trim().strip_prefix("test result: ") else {
            return Self::default();
        };
        let count = |what: &str| {
            let found =
                counts.split([';', '.']).find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok());
            found.unwrap_or(0)
        };
        Self { passed: count("passed"), failed: count("failed") }
    }

    /// Something ran and nothing failed.
    pub(super) fn is_good(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn a_result_line_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        let expected = Tally { passed: 12, failed: 3 };
        assert_eq!(Tally::of_line(line), expected);
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(Tally::of_line("test a::b ... ok"), Tally::default());
        assert_eq!(Tally::of_line("3 passed; 1 failed"), Tally::default());
    }

    #[test]
    fn nothing_that_ran_is_not_good() {
        assert!(!Tally::default().is_good());
        let one = Tally { passed: 1, failed: 0 };
        assert!(one.is_good());
        assert_eq!(one.to_string(), "1 passed, 0 failed");
    }
}
