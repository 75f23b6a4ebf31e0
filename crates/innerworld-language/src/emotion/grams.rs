//! What the emotion model sees of a text, as numbers: words, pairs of words, their stems, and the
//! words of feeling of the lexicon by their class, each apart where it is denied.

use rust_stemmers::{Algorithm, Stemmer};

use crate::{
    fnv,
    lexicon::{self, BadLexicon, EmotionWords, Phrases},
    tokenize::{self, TokenKind},
};

/// A negation is told to this many words after it.
const REACH: usize = 3;

/// Reads grams of texts.
pub(crate) struct Grams {
    stemmer: Stemmer,
    /// Words of feeling, with their class.
    words: Phrases<u8>,
    negations: Vec<String>,
}

impl std::fmt::Debug for Grams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Grams")
    }
}

/// What a gram is made of.
#[derive(Clone, Copy)]
enum Kind {
    Word,
    Pair,
    Stem,
    Denied,
    Feeling,
    DeniedFeeling,
}

impl Grams {
    /// Reads the words of feeling.
    pub(crate) fn load() -> Result<Self, BadLexicon> {
        let EmotionWords { words, negations } = lexicon::emotion_words()?;
        // Of a word in two lists the first class counts: a sorrow overlooked is worse than a joy.
        let classes = [
            (words.sadness, 5),
            (words.fear, 2),
            (words.anger, 0),
            (words.disgust, 1),
            (words.joy, 3),
            (words.surprise, 6),
        ];
        let entries = classes
            .into_iter()
            .flat_map(|(list, class)| list.into_iter().map(move |word| (word, class)));
        Ok(Self {
            stemmer: Stemmer::create(Algorithm::English),
            words: Phrases::keyed(entries),
            negations,
        })
    }

    /// The grams of `text` with how often each stands there, by rising number.
    ///
    /// Two grams in four billion share a number by chance; the model then takes one for the other.
    pub(crate) fn counted(&self, text: &str) -> Vec<(u32, u32)> {
        let mut grams = Vec::new();
        self.each(text, &mut |kind, bytes| grams.push(number(kind, bytes)));
        grams.sort_unstable();
        let mut counted: Vec<(u32, u32)> = Vec::with_capacity(grams.len());
        for gram in grams {
            match counted.last_mut() {
                Some((last, count)) if *last == gram => *count += 1,
                _ => counted.push((gram, 1)),
            }
        }
        counted
    }

    fn each(&self, text: &str, give: &mut dyn FnMut(Kind, &[u8])) {
        let tokens = tokenize::tokenize(text);
        let low = |at: usize| tokens.get(at).map_or("", |token| token.low.as_str());
        let mut denied = 0_usize;
        let mut before = String::new();
        for (at, token) in tokens.iter().enumerate() {
            let word = token.low.as_str();
            if at > 0 {
                before.push(' ');
                before.push_str(word);
                give(Kind::Pair, before.as_bytes());
            }
            before.clear();
            before.push_str(word);
            let feeling = self.words.at(at, low);
            match feeling {
                // "not scared" must not read as "scared" with something beside it.
                Some((_length, class)) if denied > 0 => give(Kind::DeniedFeeling, &[*class]),
                Some((_length, class)) => give(Kind::Feeling, &[*class]),
                None => {}
            }
            if denied > 0 {
                give(Kind::Denied, word.as_bytes());
            }
            if denied == 0 || feeling.is_none() {
                give(Kind::Word, word.as_bytes());
                give(Kind::Stem, self.stemmer.stem(word).as_bytes());
            }
            // A mark ends what was denied.
            denied = match token.kind {
                TokenKind::Mark => 0,
                _ if self.negations.iter().any(|negation| negation == word) => REACH,
                _ => denied.saturating_sub(1),
            };
        }
    }
}

/// The hash of the kind and the bytes, folded to 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "both halves are folded into the lower one"
)]
fn number(kind: Kind, bytes: &[u8]) -> u32 {
    let hash = fnv::hash(std::iter::once(kind as u8).chain(bytes.iter().copied()));
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_word_is_another_gram() {
        let grams = Grams::load().unwrap();
        let plain = grams.counted("happy");
        assert_eq!(plain.len(), 3, "word, stem, feeling");
        let denied = grams.counted("not happy");
        let shared = plain.iter().filter(|gram| denied.contains(gram));
        assert_eq!(shared.count(), 0, "nothing of the feeling is left");
    }
}
