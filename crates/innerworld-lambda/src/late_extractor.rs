//! What reads texts, opened when the first text is to be read: it weighs tens of megabytes, and most calls
//! of some functions read none.

use std::sync::{Arc, OnceLock};

use innerworld_core::{
    memory::{
        encoder::Vector,
        graph::EmotionWeights,
        ontology::NodeKind,
        store::{EntityExtractor, Extraction, Line},
    },
    secret::Text,
};
use innerworld_language::{LocalExtractor, embed::StaticEncoder};

/// What is opened of the program itself is whole, or every test of it fails.
pub(crate) fn shipped<T, E: std::fmt::Display>(opened: Result<T, E>) -> T {
    opened.unwrap_or_else(|error| unreachable!("a part of the program is damaged: {error}"))
}

/// The extractor, opened with the first text.
#[derive(Default)]
pub(crate) struct LateExtractor(OnceLock<LocalExtractor>);

impl LateExtractor {
    fn opened(&self) -> &LocalExtractor {
        self.0.get_or_init(|| {
            let encoder = Arc::new(shipped(StaticEncoder::shipped()));
            shipped(LocalExtractor::new(encoder))
        })
    }
}

impl EntityExtractor for LateExtractor {
    fn name(&self) -> &str {
        self.opened().name()
    }

    fn version(&self) -> &str {
        self.opened().version()
    }

    fn extract(&self, lines: &[Line<'_>], zone: &str) -> Extraction {
        self.opened().extract(lines, zone)
    }

    fn glance(&self, line: &Line<'_>) -> Vec<(NodeKind, Text)> {
        self.opened().glance(line)
    }

    fn direction(&self, name: &str) -> Option<Vector> {
        self.opened().direction(name)
    }

    fn emotions(&self, text: &str) -> EmotionWeights {
        self.opened().emotions(text)
    }
}
