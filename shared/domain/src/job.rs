//! Background jobs: how a firing of one went.

use crate::words::words;

words! {
    /// How far a firing got.
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
