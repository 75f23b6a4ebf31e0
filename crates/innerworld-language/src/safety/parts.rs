//! Where a text can be cut for the rules.
//!
//! A phrase ends with its sentence: what may stand between two of its words is no single full stop, question
//! mark or exclamation mark. So a long message is looked at sentence by sentence, and a rule is only tried on
//! a sentence that holds what it needs.

use std::ops::Range;

use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind, Look};

/// Bytes that end a sentence.
const ENDS: &[u8] = b".?!";

/// The sentences of a text, without the marks between them. Two full stops in a row are no end: many
/// people write them for a comma.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let dot = |at: usize| bytes.get(at) == Some(&b'.');
    let ends = bytes
        .iter()
        .enumerate()
        .filter(move |(at, byte)| match byte {
            b'.' => !dot(at.wrapping_sub(1)) && !dot(at + 1),
            byte => ENDS.contains(byte),
        });
    let ends = ends.map(|(at, _)| at).chain([bytes.len()]);
    let parts = ends.scan(0, |start, end| {
        let part = *start..end;
        *start = end + 1;
        Some(part)
    });
    parts.filter(|part| !part.is_empty())
}

/// Whether no match of a pattern, with nothing but spaces between its words, can reach over the end of a part
/// or depends on what stands there.
pub(super) fn stays_within(pattern: &Hir) -> bool {
    match pattern.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => !literal.0.iter().any(|byte| ENDS.contains(byte)),
        HirKind::Class(Class::Bytes(class)) => !holds_an_end(class),
        HirKind::Class(Class::Unicode(_)) => false,
        // At the edge of a word it is the same whether a mark or nothing stands there.
        HirKind::Look(look) => matches!(look, Look::Start | Look::WordAscii),
        HirKind::Repetition(repetition) => stays_within(&repetition.sub),
        HirKind::Capture(capture) => stays_within(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(stays_within),
    }
}

fn holds_an_end(class: &ClassBytes) -> bool {
    let mut ranges = class.ranges().iter();
    ranges.any(|range| {
        let mut ends = ENDS.iter();
        ends.any(|end| (range.start()..=range.end()).contains(end))
    })
}

#[cfg(test)]
mod tests {
    use regex_syntax::ParserBuilder;

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        parts(text).filter_map(|part| text.get(part)).collect()
    }

    #[test]
    fn a_text_is_cut_at_the_ends_of_sentences() {
        assert_eq!(cut("a b. c? d"), ["a b", " c", " d"]);
        assert_eq!(cut("well.. no... yes. ok"), ["well.. no... yes", " ok"]);
        assert_eq!(cut("..."), ["..."]);
        assert_eq!(cut("!?."), [""; 0]);
        assert_eq!(cut("é. ü"), ["é", " ü"]);
    }

    #[test]
    fn a_pattern_that_can_match_an_end_is_tried_on_the_whole() {
        let within = |pattern: &str| {
            let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
            stays_within(&parser.parse(pattern).unwrap())
        };
        assert!(within(r"\b(?:i am [a-z]+|^no)\b"));
        assert!(within("a[^.!?]{0,60}b"));
        for other in ["a.b", r"a\.b", "no[^a-z]", "x$", "^(?m:^)a", "really!"] {
            assert!(!within(other), "{other}");
        }
    }
}
