//! The whole local tier: phrase rules that trigger, a scorer that asks for a second look, and both
//! over the messages before.

use innerworld_core::safety::screen::{
    Before, Category, LocalScreen, LocalVerdict, Suspicion, Views,
};

use super::{
    InvalidRules, PhraseScreen,
    scorer::{Scorer, probability},
};
use crate::{english, load_error::LoadError};

/// Messages whose odds are summed, this one included.
const WINDOW: usize = 6;

/// Why there is no screen.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// The phrase rules cannot be used.
    #[error("the phrase rules could not be read")]
    Phrases(#[from] InvalidRules),
    /// The scorer cannot be used.
    #[error("the safety scorer could not be read")]
    Scorer(#[from] LoadError),
}

/// Phrases and scorer together.
#[derive(Debug)]
pub struct RiskScreen {
    phrases: PhraseScreen,
    scorer: Scorer,
    version: String,
}

impl RiskScreen {
    /// What the program carries.
    ///
    /// # Errors
    /// [`ScreenError`] if it was built with damaged parts.
    pub fn shipped() -> Result<Self, ScreenError> {
        Ok(Self::new(PhraseScreen::shipped()?, Scorer::shipped()?))
    }

    /// Compiles every pattern now: see [`PhraseScreen::compile`].
    ///
    /// # Errors
    /// [`InvalidRules`] if one cannot be.
    pub fn compile(&self) -> Result<(), InvalidRules> {
        self.phrases.compile()
    }

    /// Both tiers as one.
    pub fn new(phrases: PhraseScreen, scorer: Scorer) -> Self {
        let version = format!("{}+scorer-{}", phrases.version(), scorer.version());
        Self {
            phrases,
            scorer,
            version,
        }
    }

    fn suspects(&self, message: &Views, before: &Before<'_>) -> Option<Suspicion> {
        let least = self.scorer.thresholds();
        let enough = if before.watchful {
            least.watchful
        } else {
            least.escalate
        };
        let from = before.odds.len().saturating_sub(WINDOW - 1);
        let earlier = before.odds.get(from..).unwrap_or_default();
        let sum: f32 = earlier.iter().map(|odds| least.excess(*odds)).sum();
        let own = least.excess(message.odds);
        // What the messages before said was answered then: this one must add to it.
        if own > 0.0 && own + sum >= least.window {
            return Some(Suspicion::Window);
        }
        if message.odds >= enough {
            return Some(Suspicion::Scorer);
        }
        english::is_of_no_known_language(message.text.reveal()).then_some(Suspicion::Language)
    }
}

impl LocalScreen for RiskScreen {
    fn read(&self, text: &str) -> Views {
        let mut views = self.phrases.read(text);
        let others = [&views.letters, &views.joined].into_iter().flatten();
        let readings = std::iter::once(&views.plain).chain(others);
        let odds = readings.map(|reading| self.scorer.odds(reading.reveal()));
        views.odds = odds.fold(f32::NEG_INFINITY, f32::max);
        views
    }

    fn screen(&self, message: &Views, before: &Before<'_>) -> LocalVerdict {
        let verdict = self.phrases.screen(message, before);
        if verdict != LocalVerdict::Pass {
            return verdict;
        }
        let Some(by) = self.suspects(message, before) else {
            return LocalVerdict::Pass;
        };
        LocalVerdict::Escalate {
            category: match by {
                // Nothing was read that could name one.
                Suspicion::Language => Category::Ideation,
                Suspicion::Scorer | Suspicion::Window => {
                    self.scorer.category(message.plain.reveal())
                }
            },
            score: probability(message.odds),
            by,
        }
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn ask_from(&self) -> f32 {
        probability(self.scorer.thresholds().ask)
    }
}
