//! Text hygiene: what may be in a message or an answer.

use std::borrow::Cow;

/// Removes C0 controls except line feed and tab, and DEL, so that JSON escaping at most doubles a
/// text. Borrows when there is nothing to remove.
pub fn clean(text: &str) -> Cow<'_, str> {
    let unwanted = |c: char| (c < ' ' && c != '\n' && c != '\t') || c == '\u{7f}';
    if text.contains(unwanted) {
        Cow::Owned(text.chars().filter(|c| !unwanted(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The part of `text` from the Unicode scalar value number `offset` on.
pub fn from_offset(text: &str, offset: u64) -> &str {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    text.char_indices()
        .nth(offset)
        .and_then(|(byte, _)| text.get(byte..))
        .unwrap_or("")
}

/// Length in Unicode scalar values, as `off` and `len` count.
pub fn length(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_controls_go() {
        assert_eq!(clean("a\u{0}b\u{7f}c\n\td"), "abc\n\td");
        assert!(matches!(clean("héllo 🌱"), Cow::Borrowed(_)));
    }

    #[test]
    fn offsets_count_scalars() {
        assert_eq!(from_offset("aé🌱z", 2), "🌱z");
        assert_eq!(from_offset("ab", 2), "");
        assert_eq!(from_offset("ab", 9), "");
        assert_eq!(length("aé🌱z"), 4);
    }
}
