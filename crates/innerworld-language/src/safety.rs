//! The local tier before the model: does a message say that somebody may be in danger?
//!
//! Rules are data (`safety/phrases.*.toml`), checked against their own examples when they load.
//! Nothing here decides what is done about a hit, and nothing keeps or reports a text.

mod core_words;
mod invalid;
mod needs;
mod normalise;
mod phrases;
mod rule;
mod screen;

pub use invalid::InvalidRules;
pub use screen::PhraseScreen;
