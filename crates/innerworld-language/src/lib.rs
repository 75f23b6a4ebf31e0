//! Local text models and screens: pure functions over shipped data, no network, no clock.
//!
//! Nothing here logs or stores; errors never carry a text that was read. The same text gives the
//! same result everywhere.

pub mod asset;
pub mod embed;
pub mod emotion;
pub mod english;
pub mod output_screen;
pub mod pii;
pub mod safety;
pub mod safety_files;
pub mod tagger;
pub mod thesaurus;
pub mod tokenize;
#[cfg(feature = "train")]
pub mod train;

mod fnv;
mod hash_index;
mod lexicon;
mod load_error;
mod pattern;
mod private_names;
mod rules;

pub use lexicon::BadLexicon;
pub use load_error::LoadError;
pub use rules::{LocalExtractor, MessageReader, Rule};
