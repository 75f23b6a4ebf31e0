//! Bytes as lower-case hexadecimal text.

use std::fmt::Write as _;

use crate::hash;

/// Two digits for each byte.
pub fn encode(bytes: &[u8]) -> String {
    let text = String::with_capacity(bytes.len() * 2);
    bytes.iter().fold(text, |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> String {
    encode(&hash::sha256(bytes))
}
