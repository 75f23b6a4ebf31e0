//! Chance that is the same every time.

/// A generator after Marsaglia's xorshift (2003).
#[derive(Debug)]
pub struct Shuffle(u64);

impl Shuffle {
    /// Begins with `seed`, which is not zero.
    pub const fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % (bound as u64).max(1)) as usize
    }

    /// From -1 to 1.
    pub(super) fn signed(&mut self) -> f64 {
        (self.next() % 2_000_001) as f64 / 1e6 - 1.0
    }

    /// Puts the items in another order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
