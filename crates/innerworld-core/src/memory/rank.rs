//! How well turns fit a query: BM25 over an inverted index, z-scores, and their weighted sum.

mod field;

pub use self::field::Field;
use super::{recipe::Recipe, wanted::Wanted};

/// Turns scores into z-scores in place: (x - mean) / population standard deviation, all zero if
/// they do not differ.
pub fn standardise(scores: &mut [f32]) {
    let (mean, deviation) = spread(scores);
    for score in scores {
        *score = if deviation > 0.0 {
            (*score - mean) / deviation
        } else {
            0.0
        };
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of words and turns stay far below 2^24"
)]
const fn real(count: usize) -> f32 {
    count as f32
}

/// Mean and population standard deviation.
pub fn spread(scores: &[f32]) -> (f32, f32) {
    let count = real(scores.len().max(1));
    let mean = scores.iter().sum::<f32>() / count;
    let variance = scores
        .iter()
        .map(|score| (score - mean) * (score - mean))
        .sum::<f32>()
        / count;
    (mean, variance.sqrt())
}

/// What ranking knows of a turn beside its words.
#[derive(Clone, Copy, Debug)]
pub struct Signals {
    /// Number of its session.
    pub session: u32,
    /// Said by the person whom the query is about.
    pub subject: bool,
    /// A short question.
    pub asking: bool,
    /// The place of the question that it answers: the turn before it, if that is one.
    pub answers: Option<u32>,
}

/// The three indexed forms of all turns.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// A turn's own words, with its speaker and day.
    pub own: Field,
    /// The same twice, with its neighbours' words.
    pub window: Field,
    /// All words of a session.
    pub session: Field,
}

/// Cosines to a query, as they are.
#[derive(Clone, Debug, Default)]
pub struct Dense {
    /// Of each turn's text alone.
    pub own: Vec<f32>,
    /// Of each turn with its neighbours.
    pub window: Vec<f32>,
    /// Of each session.
    pub session: Vec<f32>,
}

/// Scores by words, as z-scores.
struct Lexical {
    own: Vec<f32>,
    window: Vec<f32>,
    session: Vec<f32>,
}

impl Lexical {
    /// A turn's words with its neighbours'.
    fn words(&self, recipe: &Recipe) -> impl Iterator<Item = f32> {
        let both = self.own.iter().zip(&self.window);
        both.map(|(own, window)| recipe.own * own + recipe.window * window)
    }

    /// By how much the question fits that a turn answers.
    fn answers(&self, signals: &Signals) -> f32 {
        let question = signals
            .answers
            .and_then(|place| self.own.get(place as usize));
        question.map_or(0.0, |fits| fits.max(0.0))
    }
}

/// What the score of a turn is made of: it is their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// Its words, together with its neighbours'.
    pub words: f32,
    /// What it is about, alone and with its neighbours; 0 without an encoder.
    pub near: f32,
    /// The words of its session.
    pub session_words: f32,
    /// What its session is about; 0 without an encoder.
    pub session_near: f32,
    /// The words of the question that it answers.
    pub answers: f32,
    /// Who says it, and whether it only asks.
    pub speaker: f32,
    /// What graph and calendar know; 0 where the recipe does not ask them.
    pub known: f32,
}

impl Parts {
    /// The score.
    pub fn total(self) -> f32 {
        let said = self.words + self.near + self.session_words + self.session_near;
        said + self.answers + self.speaker + self.known
    }
}

impl Signals {
    fn score(self, recipe: &Recipe) -> f32 {
        let subject = if self.subject { recipe.subject } else { 0.0 };
        subject - if self.asking { recipe.asking } else { 0.0 }
    }

    fn of_session(self, scores: &[f32]) -> f32 {
        scores.get(self.session as usize).copied().unwrap_or(0.0)
    }
}

impl Fields {
    /// Packs what was added so far.
    pub(super) fn settle(&mut self) {
        for field in [&mut self.own, &mut self.window, &mut self.session] {
            field.settle();
        }
    }

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.own.bytes() + self.window.bytes() + self.session.bytes()
    }

    fn lexical(&self, query: &[Wanted]) -> Lexical {
        let scored = |field: &Field| standardised(field.bm25(query));
        Lexical {
            own: scored(&self.own),
            window: scored(&self.window),
            session: scored(&self.session),
        }
    }

    /// The model-free score of every turn, in the order of `signals`.
    pub fn lexfuse(
        &self,
        recipe: &Recipe,
        query: &[Wanted],
        signals: impl ExactSizeIterator<Item = Signals>,
    ) -> Vec<Parts> {
        let lexical = self.lexical(query);
        let scored = lexical
            .words(recipe)
            .zip(signals)
            .map(|(words, signals)| Parts {
                words,
                session_words: recipe.session * signals.of_session(&lexical.session),
                answers: recipe.answer * lexical.answers(&signals),
                speaker: signals.score(recipe),
                ..Parts::default()
            });
        scored.collect()
    }

    /// The score of every turn by words and by nearness, in the order of `signals`.
    pub fn fuse(
        &self,
        recipe: &Recipe,
        query: &[Wanted],
        dense: Dense,
        signals: impl ExactSizeIterator<Item = Signals>,
    ) -> Vec<Parts> {
        let lexical = self.lexical(query);
        let (own, window, session) = (
            standardised(dense.own),
            standardised(dense.window),
            standardised(dense.session),
        );
        let near = own.iter().zip(&window).map(|(own, window)| own + window);
        let scored = lexical.words(recipe).zip(near).zip(signals);
        let fused = &recipe.fused;
        let scored = scored.map(|((words, near), signals)| Parts {
            words: fused.words * words,
            near: fused.near * near,
            session_words: fused.session * signals.of_session(&lexical.session),
            session_near: fused.session_near * signals.of_session(&session),
            answers: recipe.answer * lexical.answers(&signals),
            speaker: signals.score(recipe),
            known: 0.0,
        });
        scored.collect()
    }
}

fn standardised(mut scores: Vec<f32>) -> Vec<f32> {
    standardise(&mut scores);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_standardise_to_zero() {
        for (mut scores, expected) in [([3.0, 3.0], [0.0, 0.0]), ([1.0, 3.0], [-1.0, 1.0])] {
            standardise(&mut scores);
            assert_eq!(scores.map(f32::to_bits), expected.map(f32::to_bits));
        }
    }
}
