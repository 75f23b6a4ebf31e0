//! What the teen writes for themself: kept only if they choose to, never read by a model.

use super::store::JournalEntry;
use crate::{clock::Timestamp, ids::JournalId, secret::Text};

/// Most bytes of an entry.
pub const MAX_ENTRY_BYTES: usize = 16_000;
/// Days that an entry is kept by default.
pub const DEFAULT_DAYS: u32 = 30;
/// Most days that it may be kept.
pub const MAX_DAYS: u32 = 365;

/// Why an entry cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Nothing but white space.
    #[error("the entry is empty")]
    Empty,
    /// More than [`MAX_ENTRY_BYTES`].
    #[error("the entry is longer than 16000 bytes")]
    TooLong,
}

/// An entry that expires `days` from now (at most [`MAX_DAYS`]).
pub fn entry(
    id: JournalId,
    text: &str,
    now: Timestamp,
    days: u32,
) -> Result<JournalEntry, JournalError> {
    if text.trim().is_empty() {
        return Err(JournalError::Empty);
    }
    if text.len() > MAX_ENTRY_BYTES {
        return Err(JournalError::TooLong);
    }
    let kept = std::time::Duration::from_secs(u64::from(days.min(MAX_DAYS)) * 24 * 3_600);
    Ok(JournalEntry {
        id,
        text: Text::new(text.to_owned()),
        written_at: now,
        expires_at: now.plus(kept),
    })
}
