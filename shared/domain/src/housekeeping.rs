//! Housekeeping: what is forgotten when its time has passed.

use crate::words::words;

words! {
    /// Rows that nobody will ask for again after a while.
    pub enum Forgettable in FunctionEach("forget_") {
        /// Idempotency keys, a week after their use.
        Keys => "keys",
        /// Notes that a document is gone, half a year later.
        Changes => "changes",
        /// Mutations of phones that will not come again.
        Mutations => "mutations",
        /// Counts of how often someone did something, in spans that have ended.
        Rates => "rates",
        /// Problems that a job has not met with for two days.
        Problems => "problems",
    }
}
