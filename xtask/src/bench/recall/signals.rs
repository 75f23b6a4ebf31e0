//! Signals beside words and meaning that a run may rank by.

use clap::ValueEnum;
use innerworld_core::memory::recipe::{KnownWeights, Recipe};

/// A signal of the graph or the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signal {
    /// Turns of things that the question names
    Names,
    /// Turns of what is one edge away from these
    Hop,
    /// Turns of days that the question asks for
    Dates,
    /// Late turns
    Recency,
    /// None of these
    None,
}

impl Signal {
    fn weigh(self, known: &mut KnownWeights) {
        match self {
            Self::Names => known.named = 0.5,
            Self::Hop => known.beside_named = 0.25,
            Self::Dates => known.dated = 0.5,
            Self::Recency => known.recent = 0.1,
            Self::None => {}
        }
    }
}

/// The recipe with these signals in place of its own.
pub(super) fn with(mut recipe: Recipe, signals: &[Signal]) -> Recipe {
    recipe.known = KnownWeights::OFF;
    for signal in signals {
        signal.weigh(&mut recipe.known);
    }
    recipe
}
