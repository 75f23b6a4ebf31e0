//! Spellings one edit away from a few long words that carry most of the meaning.

use std::sync::LazyLock;

use crate::fnv::WordMap;

/// Long words, so that a neighbour is hardly ever a word of its own.
const CORE: &[&str] = &[
    "suicide",
    "suicidal",
    "myself",
    "overdose",
    "overdosed",
    "unalive",
    "killing",
    "suicidio",
    "suicidarme",
    // What stands beside them.
    "yourself",
    "thinking",
    "hurting",
    "attempt",
    "tonight",
    "tomorrow",
    "goodbye",
    "anymore",
    "existing",
    "really",
    "about",
];

/// Bytes of the shortest slip: what is shorter is a word of its own too often.
const SHORTEST_SLIP: usize = 5;

/// Neighbours that are words of their own.
const WORDS_OF_THEIR_OWN: &[&str] = &[
    "billing",
    "filling",
    "milling",
    "pilling",
    "tilling",
    "willing",
    "skilling",
    "kiling",
    "killings",
    "suicides",
    "overdoses",
    "overdoser",
    "overdosed",
    "overdose",
    "kilning",
    "rilling",
    "gilling",
    "culling",
    "kelling",
    "kissing",
    "kicking",
    "kidding",
    "thyself",
    "himself",
    "suicidally",
    "suicidios",
    "unalived",
    "unalives",
    "killin",
    "kiln",
    "milking",
    "overdone",
    "yourselfs",
    "thanking",
    "thinning",
    "chinking",
    "hunting",
    "hurling",
    "hurtling",
    "attempts",
    "tomorrows",
    "tonights",
    "goodbyes",
    "exiting",
    "rally",
    "realty",
    "abort",
    "abouts",
    "suicida",
    "suicidas",
    "suicido",
    "suicidar",
    "suicidarse",
    "suicidarte",
];

static NEIGHBOURS: LazyLock<WordMap<String, &'static str>> = LazyLock::new(|| {
    let mut neighbours = WordMap::default();
    for word in CORE {
        for spelling in one_edit_away(word) {
            let own = CORE.contains(&spelling.as_str())
                || WORDS_OF_THEIR_OWN.contains(&spelling.as_str());
            if !own {
                neighbours.insert(spelling, *word);
            }
        }
    }
    neighbours
});

/// The core word that `word` is a slip of, if any.
pub(super) fn corrected(word: &str) -> Option<&'static str> {
    // Most words are shorter than the shortest slip: not worth a look.
    (word.len() >= SHORTEST_SLIP)
        .then(|| NEIGHBOURS.get(word).copied())
        .flatten()
}

fn one_edit_away(word: &str) -> Vec<String> {
    let mut spellings = Vec::new();
    for at in 0..=word.len() {
        let (Some(head), Some(tail)) = (word.get(..at), word.get(at..)) else {
            continue;
        };
        let mut rest = tail.chars();
        let first = rest.next();
        let rest = rest.as_str();
        for letter in 'a'..='z' {
            spellings.push(format!("{head}{letter}{tail}"));
            if first.is_some() {
                spellings.push(format!("{head}{letter}{rest}"));
            }
        }
        if let Some(first) = first {
            spellings.push(format!("{head}{rest}"));
            let mut after = rest.chars();
            if let Some(second) = after.next() {
                spellings.push(format!("{head}{second}{first}{}", after.as_str()));
            }
        }
    }
    spellings
}
