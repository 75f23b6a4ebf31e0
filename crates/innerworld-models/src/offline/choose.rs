//! Choices that depend on the seed alone.

use super::said::Said;

/// A small generator (`SplitMix64`): the same seed gives the same choices on every machine.
pub(super) struct Choices(u64);

impl Choices {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// True once in `of` times.
    pub(super) fn once_in(&mut self, of: u64) -> bool {
        self.next().is_multiple_of(of.max(1))
    }

    fn index(&mut self, length: usize) -> usize {
        let length = u64::try_from(length).unwrap_or(1).max(1);
        usize::try_from(self.next() % length).unwrap_or(0)
    }

    /// One of `lines` that was not said yet; `None` when all were.
    pub(super) fn fresh<'a>(
        &mut self,
        lines: impl IntoIterator<Item = &'a str>,
        said: &Said,
    ) -> Option<&'a str> {
        let fresh: Vec<&str> = lines
            .into_iter()
            .filter(|line| said.last(line).is_none())
            .collect();
        let index = self.index(fresh.len());
        fresh.get(index).copied()
    }

    /// One of `lines` that was not said yet, else the one said longest ago.
    pub(super) fn line<'a>(
        &mut self,
        lines: impl IntoIterator<Item = &'a str> + Clone,
        said: &Said,
    ) -> Option<&'a str> {
        self.fresh(lines.clone(), said)
            .or_else(|| lines.into_iter().min_by_key(|line| said.last(line)))
    }
}
