//! SHA-256, as what is looked up by its hash uses it.

use aws_lc_rs::digest::{SHA256, digest};

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    // Both have 32 bytes.
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
