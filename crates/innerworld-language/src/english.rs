//! Whether a text is English: the rules, the tagger and the weights know no other language, and
//! what they would find in one would be wrong.
//!
//! A text counts as another language only when that is sure. Slang, names and short messages look
//! like anything to a detector, and to miss what a teen told is the worse mistake.

use std::collections::BTreeSet;

use whatlang::{Info, Lang};

/// Words that are English and, spelled so, of no other language that is often written, in order.
const ENGLISH: [&str; 64] = [
    "about", "and", "are", "at", "bc", "be", "because", "but", "can't", "cant", "didn't", "don't",
    "dont", "for", "get", "gonna", "got", "hate", "have", "he", "her", "his", "how", "i", "i'm",
    "im", "is", "it", "it's", "its", "just", "know", "like", "lol", "love", "my", "not", "of",
    "our", "really", "she", "so", "that", "thats", "the", "their", "then", "there", "they",
    "think", "this", "to", "ur", "wanna", "want", "was", "we", "what", "when", "who", "why",
    "with", "you", "your",
];
/// A share of those words above which a text is English whatever the detector says: one in three.
const ONE_IN: usize = 3;
/// Small words of Spanish, Portuguese, German, French and Tagalog that no English chat is full of, in
/// order.
const FOREIGN: [&str; 80] = [
    "aber", "ako", "al", "ang", "avec", "ayer", "bin", "como", "con", "creo", "cuando", "dans",
    "das", "dass", "de", "del", "der", "du", "ein", "eine", "el", "en", "es", "est", "estoy",
    "está", "et", "eu", "für", "habe", "hoy", "ich", "je", "kami", "kasi", "ko", "la", "las",
    "les", "lo", "los", "mañana", "meine", "mes", "meu", "mga", "mi", "minha", "mis", "mit", "muy",
    "más", "na", "ne", "ng", "nicht", "niya", "nous", "não", "para", "pas", "pero", "por",
    "porque", "pour", "que", "quiero", "sa", "se", "su", "también", "tuve", "uma", "un", "una",
    "und", "une", "von", "wir", "y",
];
/// So many different ones make a text foreign, if they are also one word in three.
const FEWEST_SMALL: usize = 3;
/// How many messages before are read together with one.
const BEFORE: usize = 2;

/// A message with no English word at all and this many words could be in any language.
const FEWEST_UNKNOWN: usize = 4;

/// Whether `text`, by itself, is not surely another language.
pub fn is_english(text: &str) -> bool {
    let words = Words::of(text);
    !words.could_be_foreign() || !is_surely_foreign(text, &words)
}

/// Whether `text` is surely in a language that no safety rule is written in: neither English nor
/// Spanish.
pub fn is_of_no_known_language(text: &str) -> bool {
    let words = Words::of(text);
    let enough = words.all >= FEWEST_UNKNOWN && words.could_be_foreign();
    let found = enough.then(|| whatlang::detect(text)).flatten();
    found.is_some_and(|info| info.is_reliable() && !matches!(info.lang(), Lang::Eng | Lang::Spa))
}

/// One speaker's messages, one after another: each is judged together with the two before it.
#[derive(Clone, Debug, Default)]
pub struct Talk<'a> {
    before: Vec<&'a str>,
    was_foreign: bool,
}

impl<'a> Talk<'a> {
    /// Whether the next message is not surely another language.
    pub fn is_english(&mut self, text: &'a str) -> bool {
        let words = Words::of(text);
        let doubtful = words.could_be_foreign() || (self.was_foreign && !words.are_english());
        self.was_foreign = doubtful && self.is_foreign(text, &words);
        if self.before.len() == BEFORE {
            self.before.remove(0);
        }
        self.before.push(text);
        !self.was_foreign
    }

    fn is_foreign(&self, text: &str, words: &Words) -> bool {
        let found = whatlang::detect(text);
        // An English message in a talk that was none so far.
        let english = |info: &Info| info.is_reliable() && info.lang() == Lang::Eng;
        if found.as_ref().is_some_and(english) {
            return false;
        }
        let mut together = self.before.join("\n");
        together.push('\n');
        together.push_str(text);
        is_surely_foreign(&together, &Words::of(&together)) || is_foreign(found.as_ref(), words)
    }
}

fn is_surely_foreign(text: &str, words: &Words) -> bool {
    is_foreign(whatlang::detect(text).as_ref(), words)
}

fn is_foreign(found: Option<&Info>, words: &Words) -> bool {
    found
        .is_some_and(|info| info.lang() != Lang::Eng && (info.is_reliable() || words.are_foreign()))
}

/// What the words of a text say by themselves. The detector takes longer than all else that is read
/// in a message, and is only asked where they leave a doubt.
#[derive(Default)]
struct Words {
    all: usize,
    english: usize,
    /// Small words of other languages.
    foreign: usize,
    /// Different ones of them.
    different: BTreeSet<usize>,
    /// Letters that English does without.
    others: bool,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut words = Self {
            others: text.chars().any(|c| c.is_alphabetic() && !c.is_ascii()),
            ..Self::default()
        };
        for word in split(text) {
            words.all += 1;
            words.english += usize::from(ENGLISH.binary_search(&word.as_str()).is_ok());
            if let Ok(place) = FOREIGN.binary_search(&word.as_str()) {
                words.foreign += 1;
                words.different.insert(place);
            }
        }
        words
    }

    fn are_english(&self) -> bool {
        self.english > 0 && self.english * ONE_IN >= self.all
    }

    fn could_be_foreign(&self) -> bool {
        let unknown = self.english == 0 && self.all >= FEWEST_UNKNOWN;
        !self.are_english() && (self.foreign > 0 || self.others || unknown)
    }

    /// Spanish and Portuguese are hard to tell apart, so that neither is ever told reliably, and
    /// either is easily told from English by its small words.
    fn are_foreign(&self) -> bool {
        self.english == 0
            && self.different.len() >= FEWEST_SMALL
            && self.foreign * ONE_IN >= self.all
    }
}

fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’'))
        .filter(|word| !word.is_empty())
        .map(|word| word.replace('’', "'").to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_searched_by_halves() {
        assert!(FOREIGN.is_sorted() && ENGLISH.is_sorted());
        assert!(!FOREIGN.iter().any(|word| ENGLISH.contains(word)));
    }
}
