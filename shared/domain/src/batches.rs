//! Batches that are written one after the other, and made smaller where one takes too long.
//!
//! How long a batch takes depends on what people have stored. One that the database ends would be as long at the next firing,
//! and nothing behind it would ever be written: so it is cut in half, until a row stands alone.

/// Batches that are still to be written.
#[derive(Debug, Clone)]
pub struct Batches<'a, T> {
    /// The next one last.
    waiting: Vec<&'a [T]>,
}

impl<'a, T> Batches<'a, T> {
    /// These, in their order.
    #[must_use]
    pub fn of(batches: impl IntoIterator<Item = &'a [T]>) -> Self {
        let mut waiting: Vec<_> = batches.into_iter().collect();
        waiting.reverse();
        Self { waiting }
    }

    /// Puts the halves of a batch that took too long in its place. False if it is one row, which cannot be halved.
    #[must_use]
    pub fn halve(&mut self, batch: &'a [T]) -> bool {
        if batch.len() < 2 {
            return false;
        }
        let (first, second) = batch.split_at(batch.len() / 2);
        self.waiting.extend([second, first]);
        true
    }
}

impl<'a, T> Iterator for Batches<'a, T> {
    type Item = &'a [T];

    fn next(&mut self) -> Option<&'a [T]> {
        self.waiting.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_halved_until_it_stands_alone_and_all_others_are_written_in_order() {
        let rows: Vec<u32> = (0..23).collect();
        let mut batches = Batches::of(rows.chunks(10));
        let (mut written, mut alone, mut tries) = (Vec::new(), Vec::new(), 0);
        while let Some(batch) = batches.next() {
            tries += 1;
            if !batch.contains(&13) {
                written.extend_from_slice(batch);
            } else if !batches.halve(batch) {
                alone.extend_from_slice(batch);
            }
        }
        let others: Vec<u32> = rows.into_iter().filter(|row| *row != 13).collect();
        assert_eq!((written, alone, tries), (others, vec![13], 11));
    }
}
