//! Random bytes that are the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use innerworld_core::ids::IdSource;

/// A predictable id source: the same seed gives the same bytes in the same order. Never use it
/// for keys that protect anything.
#[derive(Debug)]
pub struct SeededIds(AtomicU64);

impl SeededIds {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

    /// A source that starts at `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// A source whose seed is a hash of `name`, so that tests do not meet each other's ids.
    pub fn named(name: &str) -> Self {
        // FNV-1a: good enough to spread a few hundred test names.
        let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        Self::new(hash)
    }

    /// The next 64 bits (`SplitMix64`).
    pub fn next(&self) -> u64 {
        let state = self
            .0
            .fetch_add(Self::STEP, Ordering::Relaxed)
            .wrapping_add(Self::STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next 128 bits.
    pub fn next_bits(&self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }
}

impl IdSource for SeededIds {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(bytes) {
                *to = from;
            }
        }
    }
}
