//! The FNV-1a hash: tells apart, protects nothing.

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
