//! Names in a text: people, places, groups, companies, products and works, by a linear-chain
//! conditional random field (Lafferty, `McCallum` and Pereira, 2001).
//!
//! It reads words as features (their letters, neighbours, clusters and name lists), weighs every
//! label of every word, and takes the sequence of labels that fits best as a whole.

mod clusters;
mod features;
mod labels;
mod lattice;
mod model;
mod name_lists;
mod word;

use std::sync::Arc;

pub use labels::{EntityKind, Label};

use crate::{embed::StaticEncoder, load_error::LoadError};
pub(crate) use {
    clusters::{CLUSTERS_FORMAT, CLUSTERS_NAME, Clusters, Paths},
    features::Features,
    model::{TAGGER_FORMAT, TAGGER_NAME, Weights},
    name_lists::{NAMES_FORMAT, NAMES_NAME, NameLists},
};
#[cfg(feature = "train")]
pub(crate) use {
    clusters::{PLANE_DIMENSIONS, Path, Plane, StaticTree},
    features::Id,
    labels::{ALL as ALL_LABELS, LABELS},
    lattice::{Allowed, Lattice, Sums, Transitions},
    model::{ID_BITS, MAX_SHARE, SCALE_STEPS, scale_of},
};

/// The assets inside the program.
pub(crate) const SHIPPED_CLUSTERS: &[u8] = include_bytes!("../assets/clusters.iwa");
pub(crate) const SHIPPED_NAMES: &[u8] = include_bytes!("../assets/names.iwa");
pub(crate) const SHIPPED_TAGGER: &[u8] = include_bytes!("../assets/tagger.iwa");

/// Words of one text that are read; the rest is none of a name.
const MOST_WORDS: usize = 4_096;

/// What the tagger says of a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entity {
    /// First word.
    pub start: usize,
    /// Word after the last.
    pub end: usize,
    /// What it names.
    pub kind: EntityKind,
    /// The probability of its labels, from 0 to 1: of the least likely of them.
    pub confidence: f32,
}

/// Finds names.
#[derive(Debug)]
pub struct Tagger {
    features: Features,
    weights: Weights,
    version: String,
}

impl Tagger {
    /// The tagger inside the program.
    ///
    /// # Errors
    /// [`LoadError`] if the program was built with damaged parts.
    pub fn shipped(encoder: Arc<StaticEncoder>) -> Result<Self, LoadError> {
        Self::read(encoder, [SHIPPED_CLUSTERS, SHIPPED_NAMES, SHIPPED_TAGGER])
    }

    /// Reads its three assets: clusters, name lists, weights.
    ///
    /// # Errors
    /// [`LoadError`] if one is damaged, or was not made for the others.
    pub fn read(
        encoder: Arc<StaticEncoder>,
        [clusters, names, weights]: [&[u8]; 3],
    ) -> Result<Self, LoadError> {
        Self::with_names(
            (encoder, Arc::new(NameLists::read(names)?)),
            [clusters, weights],
        )
    }

    /// The tagger inside the program, with what was read before it.
    pub(crate) fn shipped_with_names(
        encoder: Arc<StaticEncoder>,
        names: Arc<NameLists>,
    ) -> Result<Self, LoadError> {
        Self::with_names((encoder, names), [SHIPPED_CLUSTERS, SHIPPED_TAGGER])
    }

    fn with_names(
        (encoder, names): (Arc<StaticEncoder>, Arc<NameLists>),
        [clusters, weights]: [&[u8]; 2],
    ) -> Result<Self, LoadError> {
        let features = Features::new(Clusters::read(clusters, encoder)?, names);
        let (weights, version) = Weights::read(weights, &features.version())?;
        Ok(Self {
            features,
            weights,
            version,
        })
    }

    /// The label of every word of a sentence.
    pub fn labels(&self, words: &[&str]) -> Vec<Label> {
        let read = words.get(..MOST_WORDS).unwrap_or(words);
        let mut labels = self
            .weights
            .lattice(&self.features.of(read, &mut Paths::default()))
            .best();
        labels.resize(words.len(), Label::Outside);
        labels
    }

    /// The names in a sentence, in their order.
    pub fn entities(&self, words: &[&str]) -> Vec<Entity> {
        self.entities_in_talk(words, &mut Paths::default())
    }

    /// The same in a talk, whose words' paths are kept.
    pub(crate) fn entities_in_talk(&self, words: &[&str], paths: &mut Paths) -> Vec<Entity> {
        let read = words.get(..MOST_WORDS).unwrap_or(words);
        let lattice = self.weights.lattice(&self.features.of(read, paths));
        let labels = lattice.best();
        if labels.iter().all(|label| *label == Label::Outside) {
            return Vec::new();
        }
        let likely = lattice.probabilities();
        let mut entities: Vec<Entity> = Vec::new();
        for (at, (label, likely)) in labels.iter().zip(likely).enumerate() {
            let probability = likely.get(label.number()).copied().unwrap_or_default();
            match label {
                Label::Outside => {}
                Label::Begin(kind) => entities.push(Entity {
                    start: at,
                    end: at + 1,
                    kind: *kind,
                    confidence: probability,
                }),
                Label::Inside(_) => {
                    if let Some(entity) = entities.last_mut() {
                        entity.end = at + 1;
                        entity.confidence = entity.confidence.min(probability);
                    }
                }
            }
        }
        entities
    }

    /// The content version of its weights.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }
}

/// A word as clusters and name lists have it.
#[cfg(feature = "train")]
pub(crate) fn listed(word: &str) -> String {
    word::Word::new(word).listed().to_owned()
}
