//! Which names mean the same, told from a table of words that is opened with the first question: it weighs
//! megabytes, and most calls of a function that changes memories by hand ask none.

use std::sync::OnceLock;

use innerworld_core::memory::{
    encoder::{Encoder as _, Vector},
    graph::EmotionWeights,
    store::{EntityExtractor, Extraction, Line},
};
use innerworld_language::embed::StaticEncoder;

use crate::reads_nothing::ReadsNothing;

/// What is opened of the program itself is whole, or every test of it fails.
pub(crate) fn shipped<T, E: std::fmt::Display>(opened: Result<T, E>) -> T {
    opened.unwrap_or_else(|error| unreachable!("a part of the program is damaged: {error}"))
}

/// Finds nothing in texts; knows what names are about, as the extractor does that found them.
#[derive(Default)]
pub(crate) struct LateDirections(OnceLock<StaticEncoder>);

impl EntityExtractor for LateDirections {
    fn name(&self) -> &str {
        ReadsNothing.name()
    }

    fn version(&self) -> &str {
        ReadsNothing.version()
    }

    fn extract(&self, lines: &[Line<'_>], zone: &str) -> Extraction {
        ReadsNothing.extract(lines, zone)
    }

    fn direction(&self, name: &str) -> Option<Vector> {
        let encoder = self.0.get_or_init(|| shipped(StaticEncoder::shipped()));
        Some(Vector::of(&encoder.encode(name)))
    }

    fn emotions(&self, text: &str) -> EmotionWeights {
        ReadsNothing.emotions(text)
    }
}
