//! A view of a message as patterns see it.

use std::{borrow::Cow, collections::HashSet, ops::Range};

use innerworld_core::secret::Text;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::parts::parts;

/// Without accents, since patterns are written without, as many people write.
pub(super) struct View<'t>(Cow<'t, str>);

impl<'t> View<'t> {
    pub(super) fn of(text: &'t Text) -> Self {
        let text = text.reveal().as_str();
        if text.is_ascii() {
            return Self(Cow::Borrowed(text));
        }
        let mut without = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii() {
                without.push(c);
                continue;
            }
            decompose_canonical(c, |part| {
                if !is_combining_mark(part) {
                    without.push(part);
                }
            });
        }
        Self(Cow::Owned(without))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Where its sentences stand.
    pub(super) fn parts(&self) -> Vec<Range<usize>> {
        parts(&self.0).collect()
    }

    /// Those that are no sentences of `other`.
    pub(super) fn parts_not_in(&self, other: &Self) -> Vec<Range<usize>> {
        let known: HashSet<&str> = parts(&other.0)
            .filter_map(|part| other.0.get(part))
            .collect();
        let is_new = |part: &Range<usize>| {
            let part = self.0.get(part.clone());
            part.is_some_and(|part| !known.contains(part))
        };
        parts(&self.0).filter(is_new).collect()
    }
}
