//! Small numbers that look random: the same seed gives the same ones, so that a failure can be played again.

/// Throws them.
pub struct Dice(u64);

impl Dice {
    /// Those of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        // Seeds that are alike are mixed, or their first throws would be alike, too.
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// One of 0 to `sides` less one.
    ///
    /// # Panics
    /// For no sides.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides
    }

    /// One of these.
    ///
    /// # Panics
    /// For none.
    pub fn throw<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let at = self.below(of.len());
        of.get(at).expect("below their number")
    }
}
