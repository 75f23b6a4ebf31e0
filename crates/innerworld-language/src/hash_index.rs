//! Known hashes, found again: a sorted list, and where each run of first bits begins in it.
//!
//! A table with open addressing would be as fast and take four times the memory.

/// Bits of a hash that are kept beside the run it is in.
const KEPT_BITS: u32 = u32::BITS;

/// Hashes in rising order; a hash's place in it is its number.
#[derive(Debug)]
pub(crate) struct HashIndex {
    /// The lowest bits of each.
    hashes: Box<[u32]>,
    /// For each value of the first bits, the place of its first hash; one more at the end.
    starts: Box<[u32]>,
    /// What is left of a hash behind the first bits.
    shift: u32,
}

impl HashIndex {
    /// An index of hashes of `bits` bits, which rise and are at most 2^32.
    pub(crate) fn of(hashes: &[u64], bits: u32) -> Self {
        // About as many runs as hashes, and so many that the kept bits tell those of a run apart.
        let most = hashes.len().max(2).ilog2().min(bits);
        let first_bits = most.max(bits.saturating_sub(KEPT_BITS));
        let shift = bits - first_bits;
        let mut starts = Vec::with_capacity((1 << first_bits) + 1);
        for (place, hash) in (0_u32..).zip(hashes) {
            let run = usize::try_from(hash >> shift).unwrap_or(usize::MAX);
            while starts.len() <= run.min(1 << first_bits) {
                starts.push(place);
            }
        }
        starts.resize((1 << first_bits) + 1, count(hashes.len()));
        Self {
            hashes: hashes.iter().copied().map(lowest).collect(),
            starts: starts.into(),
            shift,
        }
    }

    /// The place of a hash.
    pub(crate) fn find(&self, hash: u64) -> Option<usize> {
        let run = usize::try_from(hash >> self.shift).ok()?;
        let start = *self.starts.get(run)? as usize;
        let end = *self.starts.get(run + 1)? as usize;
        let kept = lowest(hash);
        let mut hashes = self.hashes.get(start..end)?.iter();
        Some(start + hashes.position(|known| *known == kept)?)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is cut off is the number of the run"
)]
const fn lowest(hash: u64) -> u32 {
    hash as u32
}

fn count(hashes: usize) -> u32 {
    u32::try_from(hashes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_is_found_at_its_place_and_no_other_is() {
        for bits in [40, 48] {
            let step = (u64::MAX >> (64 - bits)) / 1_000;
            let hashes: Vec<u64> = (0..1_000)
                .map(|number| number * step + number % 7)
                .collect();
            let index = HashIndex::of(&hashes, bits);
            for (place, hash) in hashes.iter().enumerate() {
                assert_eq!(index.find(*hash), Some(place));
                assert_eq!(index.find(hash + 8), None);
            }
        }
    }

    #[test]
    fn few_and_crowded_hashes_are_found_too() {
        for hashes in [
            vec![],
            vec![0],
            vec![5, 6],
            vec![u64::MAX >> 16],
            (0..100).collect(),
        ] {
            let index = HashIndex::of(&hashes, 48);
            for (place, hash) in hashes.iter().enumerate() {
                assert_eq!(index.find(*hash), Some(place));
            }
            assert_eq!(index.find(1 << 47), None);
            assert_eq!(index.find(1 << 63), None);
        }
    }
}
