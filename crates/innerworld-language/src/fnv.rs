//! The FNV-1a hash: tells apart, protects nothing.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};

/// Words of our own lists, by this hash: what others write is only looked up, so that nobody can
/// fill a map with words of one hash.
pub(crate) type WordMap<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;
/// The same without values.
pub(crate) type WordSet = HashSet<String, BuildHasherDefault<Fnv>>;

/// Hashes for [`WordMap`] and [`WordSet`].
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(START)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = more(self.0, bytes.iter().copied());
    }

    fn finish(&self) -> u64 {
        // A map looks at the highest bits too, which the last bytes of a word hardly reach.
        self.0 ^ self.0.rotate_left(32)
    }
}

const PRIME: u64 = 0x0100_0000_01b3;

/// The hash of no bytes.
pub(crate) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of all bytes in their order.
pub(crate) fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    more(START, bytes)
}

/// The hash of the bytes that gave `hash`, and of more bytes behind them.
pub(crate) fn more(hash: u64, bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    bytes.into_iter().fold(hash, step)
}
