//! Reviews of what phones brought too late: the words of their decision.

use crate::words::words;

words! {
    /// The decision on what needed a review.
    pub enum ReviewDecision in Check("reviews", "decision") {
        /// It stays as it is.
        Keep => "keep",
        /// The phone's value is written.
        Take => "take",
    }
}
