//! The local tier before the model: does a message say that somebody may be in danger?
//!
//! Phrase rules trigger; a linear model asks for a second look. Rules are data (`safety/phrases.*.toml`), checked against their own examples when they load.
//! Nothing here decides what is done about a hit, and nothing keeps or reports a text.

mod automaton;
mod core_words;
mod derived;
pub(crate) mod features;
mod gates;
mod invalid;
mod judge;
mod matcher;
mod means;
mod measure;
mod needs;
mod normalise;
mod parts;
mod phrases;
mod rule;
pub(crate) mod scorer;
mod screen;
mod suspicion;
mod view;

pub use invalid::InvalidRules;
pub use judge::{Judge, Judgement};
pub use means::fill_means;
pub use measure::{Measure, Measured, Sessions, Share, Truth, Verdicts};
pub use scorer::{Scorer, Thresholds, probability};
pub use screen::PhraseScreen;
pub use suspicion::{RiskScreen, ScreenError};

/// The readings of one word of an answer: those of a message.
pub(crate) fn read_word(word: &str) -> innerworld_core::safety::screen::Views {
    // One word has no edges to be found again.
    normalise::read(word, &normalise::vocabulary::Vocabulary::default())
}

/// A message in plain letters and full words, as the scorer reads it.
#[cfg(feature = "train")]
pub(crate) fn plain(text: &str) -> String {
    normalise::plain(text)
}
