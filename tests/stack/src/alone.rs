//! One test of a program at a time: for those whose firings look at what is everyone's.

use std::sync::{Mutex, MutexGuard, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

/// Being the only one.
pub type Alone = MutexGuard<'static, ()>;

/// Waits until nobody else is alone.
pub fn alone() -> Alone {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
