//! Background jobs and their firings.

use crate::words::words;

words! {
    /// The outcome of a firing.
    pub enum RunOutcome in Domain("run_outcome") {
        /// It is under way, or was cut off.
        Running => "running",
        /// Nothing is left to do.
        Done => "done",
        /// The wall budget was used up; the next firing goes on.
        OutOfTime => "out_of_time",
        /// It could not go on; the problems say why.
        Failed => "failed",
    }
}
