//! Trainers of the assets. The same data and settings give the same bytes: one thread, sums in a
//! fixed order, no clock and no hash map whose order could show.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts of training data fit every number here, and cutting is what quantising means"
)]

mod clusters;
mod conll;
mod crf;
mod distribution;
mod embeddings;
mod emotion;
mod kinds;
mod logistic;
mod name_lists;
mod principal;
mod safety;
mod shuffle;
mod steps;
mod tagger;
mod texts;
mod thesaurus;
mod two_means;

pub use clusters::train_clusters;
pub use conll::{Tagged, read_tagged};
pub use crf::CrfSettings;
pub use embeddings::{EncoderPieces, train_embeddings};
pub use emotion::{EmotionSettings, Trained, train_emotion};
pub use name_lists::{NamedList, pack_names};
pub use safety::{
    CorpusLine, Label, Negative, OrdinarySet, SafetyData, SafetySettings, Shares, TrainedSafety,
    read_corpus, train_safety,
};
pub use shuffle::Shuffle;
pub use tagger::{
    EntityTally, TaggerData, TaggerFeatures, TaggerSettings, TrainedTagger, score_tagger,
};
pub use texts::{Labelled, read_labelled};
pub use thesaurus::{ThesaurusError, make_thesaurus};

use crate::lexicon::BadLexicon;

/// Why nothing was trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A line of the data is not what it should be.
    #[error("line {line} of the data: {reason}")]
    Data {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// There is nothing to learn from.
    #[error("the data hold no example of class {class}")]
    NoExample {
        /// The class's number.
        class: usize,
    },
    /// What was made cannot be read again.
    #[error("the weights that were made have another length than they should")]
    Unreadable,
    /// The phrase rules cannot be read.
    #[error(transparent)]
    Phrases(#[from] crate::safety::InvalidRules),
    /// A word list cannot be read.
    #[error(transparent)]
    Lexicon(#[from] BadLexicon),
    /// The header cannot be written.
    #[error("the header of the asset cannot be written")]
    Header(#[from] serde_json::Error),
}
