//! Whether a text is English: the rules, the tagger and the weights know no other language, and
//! what they would find in one would be wrong.
//!
//! A text counts as another language only when that is sure. Slang, names and short messages look
//! like anything to a detector, and to miss what a teen told is the worse mistake.

use std::{collections::BTreeSet, sync::LazyLock};

use whatlang::{Info, Lang};

use crate::fnv::WordMap;

/// Words that are English and, spelled so, of no other language that is often written.
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
/// Small words of Spanish, Portuguese, German, French and Tagalog that no English chat is full of.
const FOREIGN: [&str; 80] = [
    "aber", "ako", "al", "ang", "avec", "ayer", "bin", "como", "con", "creo", "cuando", "dans",
    "das", "dass", "de", "del", "der", "du", "ein", "eine", "el", "en", "es", "est", "estoy",
    "está", "et", "eu", "für", "habe", "hoy", "ich", "je", "kami", "kasi", "ko", "la", "las",
    "les", "lo", "los", "mañana", "meine", "mes", "meu", "mga", "mi", "minha", "mis", "mit", "muy",
    "más", "na", "ne", "ng", "nicht", "niya", "nous", "não", "para", "pas", "pero", "por",
    "porque", "pour", "que", "quiero", "sa", "se", "su", "también", "tuve", "uma", "un", "una",
    "und", "une", "von", "wir", "y",
];
/// Those of them that are Spanish and of no other language that is written like it.
const SPANISH: [&str; 15] = [
    "ayer", "creo", "cuando", "del", "el", "estoy", "hoy", "las", "los", "mañana", "muy", "más",
    "pero", "quiero", "y",
];
/// Those that are Spanish and of another one too.
const LIKE_SPANISH: [&str; 20] = [
    "al", "como", "con", "de", "en", "es", "está", "la", "lo", "mi", "mis", "para", "por",
    "porque", "que", "se", "su", "también", "un", "una",
];
/// A share of those words above which a text is Spanish whatever the detector says: one in six.
const ONE_IN_SPANISH: usize = 6;
/// What a small word says.
enum Listed {
    English,
    /// Its place among the others.
    Foreign(usize),
}

static LISTED: LazyLock<WordMap<&str, Listed>> = LazyLock::new(|| {
    let english = ENGLISH.iter().map(|word| (*word, Listed::English));
    let foreign = FOREIGN.iter().enumerate();
    let foreign = foreign.map(|(place, word)| (*word, Listed::Foreign(place)));
    english.chain(foreign).collect()
});

/// Bytes of a word of either list, at most, however it is written.
const LONGEST_LISTED: usize = 16;
/// So many different ones make a text foreign, if they are also one word in three.
const FEWEST_SMALL: usize = 3;
/// How many messages before are read together with one.
const BEFORE: usize = 2;

/// Bytes from which the language of a long message is told.
const LOOKED_AT: usize = 512;
/// So many words of known languages, and so many times as many as of others, are no other language.
const ENOUGH_KNOWN: usize = 8;
const MANY_TIMES: usize = 4;
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
    let enough =
        words.all >= FEWEST_UNKNOWN && words.could_be_foreign() && !words.are_of_a_known_language();
    let until = text.floor_char_boundary(LOOKED_AT.min(text.len()));
    let beginning = text.get(..until).unwrap_or(text);
    let found = enough.then(|| whatlang::detect(beginning)).flatten();
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
    /// Those that are Spanish.
    spanish: usize,
    /// Those that may be.
    like_spanish: usize,
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
        let mut lower = String::new();
        for word in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’')) {
            if word.is_empty() {
                continue;
            }
            words.all += 1;
            // What is longer is in neither list.
            if word.len() > LONGEST_LISTED {
                continue;
            }
            lower.clear();
            if word.is_ascii() {
                lower.push_str(word);
                lower.make_ascii_lowercase();
            } else {
                lower.extend(word.chars().flat_map(char::to_lowercase).map(straight));
            }
            match LISTED.get(lower.as_str()) {
                Some(Listed::English) => words.english += 1,
                Some(Listed::Foreign(place)) => {
                    words.foreign += 1;
                    words.spanish += usize::from(SPANISH.contains(&lower.as_str()));
                    words.like_spanish += usize::from(LIKE_SPANISH.contains(&lower.as_str()));
                    words.different.insert(*place);
                }
                None => {}
            }
        }
        words
    }

    fn are_english(&self) -> bool {
        self.english > 0 && self.english * ONE_IN >= self.all
    }

    /// Enough small words of the languages that rules are written in, and few of others: the detector, which
    /// takes long, need not be asked. In a long text there is always some word that is foreign as well.
    fn are_of_a_known_language(&self) -> bool {
        let is_spanish = self.spanish > 1 && self.spanish * MANY_TIMES >= self.like_spanish;
        let spanish = self.spanish + self.like_spanish;
        let known = self.english + if is_spanish { spanish } else { 0 };
        let others = self.foreign - if is_spanish { spanish } else { 0 };
        (known >= ENOUGH_KNOWN && known >= others * MANY_TIMES)
            || (is_spanish && self.spanish * ONE_IN_SPANISH >= self.all)
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

/// One apostrophe of both kinds.
const fn straight(c: char) -> char {
    if c == '’' { '\'' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_in_both_lists() {
        assert!(!FOREIGN.iter().any(|word| ENGLISH.contains(word)));
        let mut spanish = SPANISH.iter().chain(&LIKE_SPANISH);
        assert!(spanish.all(|word| FOREIGN.contains(word)));
        assert!(!SPANISH.iter().any(|word| LIKE_SPANISH.contains(word)));
        let mut listed = FOREIGN.iter().chain(&ENGLISH);
        assert!(listed.all(|word| word.len() * 2 <= LONGEST_LISTED));
    }
}
