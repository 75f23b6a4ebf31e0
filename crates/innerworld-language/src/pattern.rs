//! Patterns that are part of the program.

use regex::{Regex, RegexBuilder};

/// Most bytes of one compiled pattern; above the library's default because bounded repetition of
/// Unicode classes is large.
const SIZE_LIMIT: usize = 40 << 20;

/// Compiles a pattern of this crate. A mistake in one is a bug of ours that the first use shows,
/// and going on without it would let private text through.
#[expect(
    clippy::expect_used,
    reason = "the pattern is a constant; the tests compile each one"
)]
pub(crate) fn fixed(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .size_limit(SIZE_LIMIT)
        .build()
        .expect("a pattern of the program compiles")
}
