//! The text as the rules read it, with the way back to the original.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::Span;

/// Drawn around the digit before it.
const KEYCAP: char = '\u{20e3}';

/// Compatibility forms resolved, invisible characters gone, dashes, dots and spaces alike.
///
/// Each character is folded alone, so that every byte knows the character it came from.
#[derive(Default)]
pub(crate) struct Folded {
    /// What the rules read.
    pub(crate) text: String,
    /// For each byte of `text`, where its character starts and ends in the original.
    origin: Vec<(usize, usize)>,
}

impl Folded {
    pub(crate) fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut origin = Vec::with_capacity(original.len());
        for (start, c) in original.char_indices() {
            if is_invisible(c) || matches!(c, KEYCAP | '\r') {
                continue;
            }
            let end = start + c.len_utf8();
            if c.is_ascii() {
                // Already in normal form.
                text.push(plain(c));
                origin.push((start, end));
                continue;
            }
            for folded in std::iter::once(c).nfkc().map(plain) {
                text.push(folded);
                origin.resize(text.len(), (start, end));
            }
        }
        Self { text, origin }
    }

    /// Adds a part of `other` as it stands.
    pub(super) fn copy(&mut self, other: &Self, part: Range<usize>) {
        let places = other.origin.get(part.clone()).unwrap_or_default();
        if let Some(text) = other.text.get(part) {
            self.text.push_str(text);
            self.origin.extend_from_slice(places);
        }
    }

    /// Adds `text` in place of a part of `other`; all of it leads back to the whole part.
    pub(super) fn replace(&mut self, other: &Self, part: Range<usize>, text: &str) {
        let start = other.origin.get(part.start).map_or(0, |(start, _)| *start);
        let last = other.origin.get(part.end.saturating_sub(1));
        let end = last.map_or(start, |(_, end)| *end);
        self.text.push_str(text);
        self.origin.resize(self.text.len(), (start, end));
    }

    /// The same place in the original text.
    pub(crate) fn original(&self, span: Span) -> Span {
        let start = self.origin.get(span.start).map_or(0, |(start, _)| *start);
        let last = span.end.saturating_sub(1);
        let end = self.origin.get(last).map_or(start, |(_, end)| *end);
        Span { start, end, ..span }
    }
}

/// Characters that show nothing and split words: format characters and variation selectors.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
        | '\u{17b4}' | '\u{17b5}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201b}' => '\'',
        // A number or an address may go on in the next line.
        '\t' | '\n' => ' ',
        '\u{3002}' | '\u{2022}' | '\u{2219}' | '\u{22c5}' | '\u{b7}' | '\u{2024}' => '.',
        _ => c,
    }
}
