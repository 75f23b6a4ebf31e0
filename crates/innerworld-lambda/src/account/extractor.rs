//! What reads texts, read itself when it is first asked: most routes never do.

use std::sync::{Arc, OnceLock};

use innerworld_core::memory::{
    encoder::Vector,
    graph::EmotionWeights,
    store::{EntityExtractor, Extraction, Line},
};
use innerworld_language::{LoadError, LocalExtractor, embed::StaticEncoder};

/// The local extractor.
#[derive(Debug, Default)]
pub(super) struct LateExtractor(OnceLock<Option<LocalExtractor>>);

impl LateExtractor {
    /// `None` if one of the files that the program carries is damaged; the crate's own tests read them.
    fn read(&self) -> Option<&LocalExtractor> {
        let load = || {
            load()
                .inspect_err(|_damaged| tracing::error!("the models of language cannot be read"))
                .ok()
        };
        self.0.get_or_init(load).as_ref()
    }
}

fn load() -> Result<LocalExtractor, LoadError> {
    LocalExtractor::new(Arc::new(StaticEncoder::shipped()?))
}

impl EntityExtractor for LateExtractor {
    fn name(&self) -> &'static str {
        "local"
    }

    fn version(&self) -> &str {
        self.read().map_or("", EntityExtractor::version)
    }

    fn extract(&self, lines: &[Line<'_>], zone: &str) -> Extraction {
        let read = self.read();
        read.map_or_else(Extraction::default, |read| read.extract(lines, zone))
    }

    fn emotions(&self, text: &str) -> EmotionWeights {
        let read = self.read();
        read.map_or_else(EmotionWeights::default, |read| read.emotions(text))
    }

    fn direction(&self, name: &str) -> Option<Vector> {
        self.read()?.direction(name)
    }
}
