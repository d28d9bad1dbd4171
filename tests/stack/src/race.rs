//! The same thing done by many at the same moment.

use std::sync::Barrier;
use std::thread;

use crate::Api;

/// Lets so many act, numbered from 0, each on a thread and with connections of its own, all beginning at once. The
/// results are in the order of their numbers.
///
/// # Panics
/// If one of them does.
pub fn at_once<R: Send>(how_many: usize, act: impl Fn(usize, &Api) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(how_many);
    let (start, act) = (&start, &act);
    thread::scope(|scope| {
        let one = |n| {
            let api = Api::open();
            start.wait();
            act(n, &api)
        };
        let threads: Vec<_> = (0..how_many).map(|n| scope.spawn(move || one(n))).collect();
        threads.into_iter().map(|thread| thread.join().expect("nobody gives up")).collect()
    })
}
