//! The rights of every role to read and to write, in their own warehouse and in the other one. The expectations
//! are written down here a second time, in `tables/`, so that a policy that changes by mistake does not change the test
//! with it; `matrix/` makes every case of them. Beside it is what a table of roles cannot say.

mod changing;
mod circles;
mod functions;
mod granted;
mod lists;
mod managing;
mod matrix;
mod moments;
mod opening;
mod outsiders;
mod references;
mod rooms;
mod tables;
mod values;
