//! Seven emotion weights of a text, from small word lists with negation and emphasis.
//!
//! Coarse on purpose: it sees words, not irony, and says "neutral" when it knows none.

use innerworld_core::memory::graph::EmotionWeights;

use crate::{
    lexicon::{self, BadLexicon, EmotionWords, Phrases},
    tokenize::{TokenKind, tokenize},
};

/// Classes by their place in the weights.
const ANGER: usize = 0;
const FEAR: usize = 2;
const JOY: usize = 3;
const NEUTRAL: usize = 4;
const SADNESS: usize = 5;

/// A negation reaches this many words ahead.
const REACH: usize = 3;
/// What one word of feeling weighs against the neutral rest.
const WORD: f32 = 1.0;
const BOOSTED: f32 = 1.5;
/// What stands after a "but" weighs this much more.
const AFTER_BUT: f32 = 1.5;
/// A text without any word of feeling is this neutral; with one, neutral is what is left of it.
const REST: f32 = 0.6;

#[derive(Debug)]
pub(crate) struct Emotions {
    words: Phrases<usize>,
    negations: Vec<String>,
    boosters: Vec<String>,
}

impl Emotions {
    pub(crate) fn load() -> Result<Self, BadLexicon> {
        let EmotionWords { words, change } = lexicon::emotion_words()?;
        // Of a word in two lists the first class counts: a sorrow overlooked is worse than a joy.
        let classes = [
            (words.sadness, SADNESS),
            (words.fear, FEAR),
            (words.anger, ANGER),
            (words.disgust, 1),
            (words.joy, JOY),
            (words.surprise, 6),
        ];
        let entries = classes
            .into_iter()
            .flat_map(|(list, class)| list.into_iter().map(move |word| (word, class)));
        Ok(Self {
            words: Phrases::keyed(entries),
            negations: change.negations,
            boosters: change.boosters,
        })
    }

    /// Weights that sum to 1.
    pub(crate) fn weigh(&self, text: &str) -> EmotionWeights {
        let tokens = tokenize(text);
        let low = |at: usize| tokens.get(at).map_or("", |token| token.low.as_str());
        let mut weights = [0.0; 7];
        let mut at = 0;
        // What comes after a "but" is what is meant.
        let mut turn = 1.0;
        while at < tokens.len() {
            if low(at) == "but" {
                turn = AFTER_BUT;
            }
            let Some((length, class)) = self.words.at(at, low) else {
                at += 1;
                continue;
            };
            let before = (1..=REACH).map_while(|back| {
                let place = at.checked_sub(back)?;
                let mark = tokens.get(place)?.kind == TokenKind::Mark;
                (!mark).then(|| low(place))
            });
            let boosted = before
                .clone()
                .next()
                .is_some_and(|word| self.boosters.iter().any(|b| b == word));
            let denied = before
                .clone()
                .any(|word| self.negations.iter().any(|n| n == word));
            let weight = if boosted { BOOSTED } else { WORD } * turn;
            add(&mut weights, *class, weight, denied);
            at += length;
        }
        let total: f32 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= total + REST;
        }
        if let Some(neutral) = weights.get_mut(NEUTRAL) {
            *neutral += REST / (total + REST);
        }
        weights
    }
}

/// "not happy" is a little sad; "not sad" says nothing of joy.
fn add(weights: &mut EmotionWeights, class: usize, weight: f32, denied: bool) {
    let (class, weight) = match (denied, class) {
        (false, class) => (class, weight),
        (true, JOY) => (SADNESS, weight * 0.75),
        (true, _) => (NEUTRAL, weight),
    };
    if let Some(sum) = weights.get_mut(class) {
        *sum += weight;
    }
}
