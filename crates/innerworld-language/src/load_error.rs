//! Why a model cannot start.

use crate::{asset::InvalidAsset, lexicon::BadLexicon};

/// What the program carries for a model cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A word list.
    #[error(transparent)]
    Lexicon(#[from] BadLexicon),
    /// Trained weights.
    #[error(transparent)]
    Asset(#[from] InvalidAsset),
}
