//! The same thing done by several at the same moment.

use anyhow::{Result, anyhow};
use std::sync::Barrier;
use std::thread;

/// Lets each actor act on a thread of its own, all at once. The order of the results means nothing.
///
/// # Errors
/// The first thing that went wrong in any of them.
pub fn at_once<A: Send, R: Send>(actors: Vec<A>, act: impl Fn(A) -> Result<R> + Sync) -> Result<Vec<R>> {
    let start = Barrier::new(actors.len());
    let (start, act) = (&start, &act);
    thread::scope(|scope| {
        let one = |actor| {
            start.wait();
            act(actor)
        };
        let threads: Vec<_> = actors.into_iter().map(|actor| scope.spawn(move || one(actor))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?).collect()
    })
}
