//! `[memory]`: what is remembered, and for how long.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Mistake;

/// What finds the turns that a message is about, beside their words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EncoderKind {
    /// The vectors of words that the program carries.
    #[default]
    Static,
    /// Nothing: words alone.
    Lexical,
    /// The encoder all-MiniLM-L6-v2, from a folder.
    Minilm,
}

/// What is remembered, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MemoryConfig {
    /// Days that a scrubbed turn is kept as evidence, 1 to 365, counted from the turn.
    pub(crate) evidence_days: u32,
    /// Days that a thing or fact is kept, 1 to 365, counted from when it last came up.
    pub(crate) graph_days: u32,
    /// Tokens that freshly recalled memory may take in a prompt.
    pub(crate) turn_tokens: u32,
    /// What finds earlier turns beside their words: `static`, the vectors of words that the program
    /// carries; `lexical`, nothing; `minilm`, the encoder in `model_dir`, which finds more and takes
    /// milliseconds a message (docs/how-to/better-recall.md). After a change each teen's turns are
    /// read again when a session starts.
    pub(crate) encoder: EncoderKind,
    /// Folder of the encoder all-MiniLM-L6-v2 (`config.json`, `vocab.txt`, `model.safetensors`), for
    /// `encoder = "minilm"`.
    pub(crate) model_dir: Option<PathBuf>,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self {
            evidence_days: 30,
            graph_days: 30,
            turn_tokens: 120,
            encoder: EncoderKind::default(),
            model_dir: None,
        }
    }
}

impl MemoryConfig {
    /// What a type alone cannot say of the encoder.
    pub(super) fn check(&self, found: &mut Vec<Mistake>) {
        if self.encoder != EncoderKind::Minilm {
            return;
        }
        if !cfg!(feature = "minilm") {
            let message = "this program was built without the feature `minilm`: build it with \
                           `cargo build --release --features minilm`";
            found.push(Mistake::of("memory.encoder", message));
        }
        if self.model_dir.is_none() {
            let message = "must name the encoder's folder when `memory.encoder` is `minilm`";
            found.push(Mistake::of("memory.model_dir", message));
        }
    }
}
