//! A process that remembers nothing reads no texts.

use innerworld_core::memory::{
    graph::EmotionWeights,
    store::{EntityExtractor, Extraction, Line},
};

/// Finds nothing in any text. For a process that hands on what is to be made of messages, or only lists or
/// deletes what others found: what reads texts would be two thirds of its program.
pub(crate) struct ReadsNothing;

impl EntityExtractor for ReadsNothing {
    fn name(&self) -> &'static str {
        "none"
    }

    fn version(&self) -> &'static str {
        ""
    }

    fn extract(&self, _lines: &[Line<'_>], _zone: &str) -> Extraction {
        Extraction::default()
    }

    fn emotions(&self, _text: &str) -> EmotionWeights {
        EmotionWeights::default()
    }
}
