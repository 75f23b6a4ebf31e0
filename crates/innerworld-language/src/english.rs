//! Whether a text is English: the rules, the tagger and the weights know no other language, and
//! what they would find in one would be wrong.
//!
//! A text counts as another language only when that is sure. Slang, names and short messages look
//! like anything to a detector, and to miss what a teen told is the worse mistake.

use std::collections::BTreeSet;

use whatlang::Lang;

/// Words that are English and, spelled so, of no other language that is often written.
const ENGLISH: [&str; 64] = [
    "the", "my", "and", "is", "you", "with", "was", "it", "its", "it's", "that", "thats", "of",
    "for", "i'm", "im", "i", "don't", "dont", "this", "what", "have", "just", "he", "she", "they",
    "we", "are", "got", "get", "but", "be", "not", "your", "ur", "gonna", "wanna", "like", "about",
    "at", "because", "bc", "so", "really", "then", "there", "when", "how", "why", "who", "his",
    "her", "their", "our", "love", "hate", "think", "know", "want", "can't", "cant", "didn't",
    "to", "lol",
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

/// Whether `text`, by itself, is not surely another language.
pub fn is_english(text: &str) -> bool {
    is_mostly_english(text) || !is_surely_foreign(text)
}

/// One speaker's messages, one after another: each is judged together with the two before it.
#[derive(Clone, Debug, Default)]
pub struct Talk<'a> {
    before: Vec<&'a str>,
}

impl<'a> Talk<'a> {
    /// Whether the next message is not surely another language.
    pub fn is_english(&mut self, text: &'a str) -> bool {
        let foreign = !is_mostly_english(text) && {
            let mut together = self.before.join("\n");
            together.push('\n');
            together.push_str(text);
            // An English message in a talk that was none so far.
            (is_surely_foreign(&together) || is_surely_foreign(text))
                && !whatlang::detect(text)
                    .is_some_and(|info| info.is_reliable() && info.lang() == Lang::Eng)
        };
        if self.before.len() == BEFORE {
            self.before.remove(0);
        }
        self.before.push(text);
        !foreign
    }
}

fn is_surely_foreign(text: &str) -> bool {
    let Some(info) = whatlang::detect(text) else {
        return false;
    };
    info.lang() != Lang::Eng && (info.is_reliable() || has_small_words(text))
}

/// Spanish and Portuguese are hard to tell apart, so that neither is ever told reliably, and either
/// is easily told from English by its small words.
fn has_small_words(text: &str) -> bool {
    let (mut all, mut small, mut different) = (0, 0, BTreeSet::new());
    for word in words(text) {
        all += 1;
        if ENGLISH.contains(&word.as_str()) {
            return false;
        }
        if let Ok(place) = FOREIGN.binary_search(&word.as_str()) {
            small += 1;
            different.insert(place);
        }
    }
    different.len() >= FEWEST_SMALL && small * ONE_IN >= all
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’'))
        .filter(|word| !word.is_empty())
        .map(|word| word.replace('’', "'").to_lowercase())
}

fn is_mostly_english(text: &str) -> bool {
    let (mut all, mut english) = (0, 0);
    for word in words(text) {
        all += 1;
        english += usize::from(ENGLISH.contains(&word.as_str()));
    }
    english > 0 && english * ONE_IN >= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched_by_halves() {
        assert!(FOREIGN.is_sorted());
        assert!(!FOREIGN.iter().any(|word| ENGLISH.contains(word)));
    }
}
