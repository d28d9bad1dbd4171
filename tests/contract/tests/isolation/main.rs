//! Who sees what, and who may write what: for every role, in their own warehouse and in the other one. The expectations
//! are written down here a second time, so that a policy that changes by mistake does not change the test with it.

mod changing;
mod granted;
mod inactive;
mod lists;
mod managing;
mod opening;
mod reading;
mod rooms;
