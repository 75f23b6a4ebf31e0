//! The local safety tier over a teen's messages: normalising and phrase rules.

mod forms;
pub mod normalise;
pub mod phrases;

pub use phrases::{BadPhrases, PhraseScreen, PhraseTest};

/// Data files of this crate's screens, by their path below the safety folder, so that they are
/// part of the published hash and may be replaced by an operator.
pub const FILES: [(&str, &str); 4] = [
    ("phrases.en.toml", include_str!("../safety/phrases.en.toml")),
    ("phrases.es.toml", include_str!("../safety/phrases.es.toml")),
    ("output.en.toml", include_str!("../safety/output.en.toml")),
    ("output.es.toml", include_str!("../safety/output.es.toml")),
];
