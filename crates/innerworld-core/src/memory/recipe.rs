//! How much each thing counts that a turn is ranked by.
//!
//! The weights were chosen on the development conversations; a change of less than a point of
//! recall there is noise. Reciprocal rank fusion of the same signals loses about seven points.

/// Weights of what a turn is ranked by. Scores are z-scores, so that weights compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// A turn's own words, among the words.
    pub own: f32,
    /// Its words together with its neighbours', among the words.
    pub window: f32,
    /// Without an encoder: its session's words; both others count as they are.
    pub session: f32,
    /// With an encoder.
    pub fused: Fused,
    /// Added to the turns of the person whom the query is about.
    pub subject: f32,
    /// Taken off short questions: they ask for what an answer tells.
    pub asking: f32,
    /// Given to an answer for every deviation by which the question before it fits: what was asked
    /// is seldom said again ("when do you start?" "next saturday").
    pub answer: f32,
    /// Whether words that mean about the same count, as far as there is a thesaurus.
    pub near_words: bool,
    /// Whether a turn is found by the days that it speaks of ("yesterday").
    pub spoken_days: bool,
    /// What graph and calendar add.
    pub known: KnownWeights,
}

/// What is added to turns for what is known beside them; 0 is off, and costs nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownWeights {
    /// To the turns of a thing that the query names.
    pub named: f32,
    /// To the turns of what is one edge away from such a thing.
    pub beside_named: f32,
    /// To turns said on, or told of, a day that the query asks for. Never a filter.
    pub dated: f32,
    /// For every deviation by which a turn is later than others.
    pub recent: f32,
}

impl KnownWeights {
    /// None of it.
    pub const OFF: Self = Self {
        named: 0.0,
        beside_named: 0.0,
        dated: 0.0,
        recent: 0.0,
    };

    /// Whether nothing is wanted.
    pub fn are_off(&self) -> bool {
        !self.needs_turns() && self.dated <= 0.0 && self.recent <= 0.0
    }

    /// Whether a graph must say which turns its nodes rest on.
    pub fn needs_turns(&self) -> bool {
        self.named > 0.0 || self.beside_named > 0.0
    }
}

/// Weights with an encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fused {
    /// A turn's words, alone and with its neighbours'.
    pub words: f32,
    /// Its nearness, alone and again with its neighbours.
    pub near: f32,
    /// Its session's words.
    pub session: f32,
    /// Its session's nearness.
    pub session_near: f32,
}

impl Recipe {
    /// The recipe that an independent program was measured with: each figure of it must come out
    /// again before a change of the recipe means anything.
    pub const REFERENCE: Self = Self {
        own: 0.3,
        window: 0.7,
        session: 0.6,
        fused: Fused {
            words: 0.4,
            near: 0.3,
            session: 0.25,
            session_near: 0.15,
        },
        subject: 0.8,
        asking: 0.2,
        answer: 0.0,
        near_words: false,
        spoken_days: false,
        known: KnownWeights::OFF,
    };

    /// What the product ranks by.
    pub const CURRENT: Self = Self {
        fused: Fused {
            session: 0.4,
            ..Self::REFERENCE.fused
        },
        answer: 0.3,
        near_words: true,
        spoken_days: true,
        known: KnownWeights {
            dated: 0.5,
            ..KnownWeights::OFF
        },
        ..Self::REFERENCE
    };
}

impl Default for Recipe {
    fn default() -> Self {
        Self::CURRENT
    }
}
