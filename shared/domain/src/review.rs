//! What phones brought too late: the words of the decision on it.

use crate::words::words;

words! {
    /// The decision on what needed a review.
    pub enum ReviewDecision in Check("reviews", "decision") {
        /// It stays as it is.
        Keep => "keep",
        /// What the phone brought is written.
        Take => "take",
    }
}
