//! What a client may cost at the gateway: how long, how much at once, how deep, how many rows; and that nothing is counted
//! by estimate.

mod attack;
mod depth;
mod estimates;
mod limits;
mod places;
mod width;
mod zones;
