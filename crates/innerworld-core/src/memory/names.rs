//! Names of things: what is shown, what is compared, what is refused (memory.md 3 and 5).

use unicode_normalization::UnicodeNormalization;

use super::{bounds, ontology::NodeKind};

/// Words that a surface loses at its front.
const LEADING: &[&str] = &["a", "an", "the", "my", "our", "this", "that"];

/// Words that name nothing by themselves.
const EMPTY_HEADS: &[&str] = &[
    "this",
    "that",
    "these",
    "those",
    "thing",
    "things",
    "stuff",
    "game",
    "idea",
    "people",
    "guy",
    "guys",
    "it",
    "he",
    "she",
    "they",
    "him",
    "her",
    "them",
    "someone",
    "somebody",
    "something",
    "anyone",
    "anything",
    "everyone",
    "everything",
    "nobody",
    "nothing",
    "one",
    "ones",
    "person",
    "way",
    "lot",
    "lots",
    "bit",
    "kind",
    "sort",
    "time",
    "day",
    "today",
    "tomorrow",
    "yesterday",
    "me",
    "you",
    "i",
    "we",
    "us",
    "myself",
    "yourself",
    "what",
    "who",
    "and",
    "or",
    "but",
    "so",
    "of",
    "to",
    "in",
    "on",
    "at",
    "for",
    "with",
    "a",
    "an",
    "the",
    "my",
    "our",
    "your",
    "their",
    "his",
    "is",
    "was",
    "be",
    "do",
    "did",
    "ok",
    "okay",
    "yeah",
    "yes",
    "no",
    "not",
    "really",
    "just",
    "like",
    "very",
    "too",
    "here",
    "there",
    "some",
    "any",
    "all",
    "same",
    "other",
];

/// Kin words that mean the same person of the teen's, first the canonical one.
const KIN: &[&[&str]] = &[
    &[
        "mom", "mum", "mama", "mommy", "mummy", "momma", "mother", "ma",
    ],
    &["dad", "daddy", "papa", "father", "pa", "pops"],
    &["brother", "bro", "brudder"],
    &["sister", "sis"],
    &["grandma", "granny", "grandmother", "nana", "nan"],
    &["grandpa", "grandad", "granddad", "grandfather"],
    &["stepmom", "stepmum", "stepmother", "step mom", "step-mom"],
    &["stepdad", "stepfather", "step dad", "step-dad"],
    &["best friend", "bestie", "bff"],
];

/// The form in which a name is shown: allowed characters only, no leading article or "my", at
/// most [`bounds::NAME_CHARS`] characters. Empty if nothing is left.
pub fn display(surface: &str) -> String {
    let folded: String = surface
        .nfkc()
        .filter(|letter| is_allowed(*letter))
        .collect();
    let mut words: Vec<&str> = folded.split_whitespace().collect();
    while words.len() > 1
        && words
            .first()
            .is_some_and(|word| LEADING.contains(&word.to_lowercase().as_str()))
    {
        words.remove(0);
    }
    let joined = words.join(" ");
    let cut: String = joined.chars().take(bounds::NAME_CHARS).collect();
    strip_possessive(cut.trim_matches(is_edge_mark)).to_owned()
}

/// The form in which names are compared. Kin words of a person map to one canonical word.
pub fn key(kind: NodeKind, surface: &str) -> String {
    let lower = display(surface).to_lowercase().replace('’', "'");
    let key = collapse_runs(&lower);
    if kind == NodeKind::Person {
        kin(&key).map_or(key, str::to_owned)
    } else {
        key
    }
}

/// The key of a qualifier, empty without one.
pub fn qualifier_key(qualifier: Option<&str>) -> String {
    qualifier.map_or_else(String::new, |text| key(NodeKind::Thing, text))
}

/// Whether a key names nothing: a single letter, digits alone, or only stop words.
pub fn is_refused(key: &str) -> bool {
    let letters = key.chars().filter(|letter| letter.is_alphabetic()).count();
    let wide = key
        .chars()
        .any(|letter| letter.is_alphabetic() && !letter.is_ascii());
    (letters < 2 && !wide)
        || key
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .all(|word| EMPTY_HEADS.contains(&word))
}

/// The first word of a key, and whether more follow.
pub fn first_name(key: &str) -> (&str, bool) {
    key.split_once(' ')
        .map_or((key, false), |(first, _rest)| (first, true))
}

/// Whether a person's key is a kin or role word and so no name that could be part of a longer one.
pub fn is_kin(key: &str) -> bool {
    kin(key).is_some()
}

/// A value of an attribute: one line of allowed characters, shortened.
pub fn attribute(value: &str) -> String {
    let kept: String = value.nfkc().filter(|letter| is_allowed(*letter)).collect();
    let joined = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(bounds::NAME_CHARS).collect()
}

/// A slot or relation as part of an edge's key: `lives_in`, `best_friend`. `None` if it holds
/// anything but lower-case words, since no text may hide in a relation's name.
pub fn slot(raw: &str) -> Option<&str> {
    let plain = raw.len() <= 32
        && raw
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-');
    plain.then_some(raw)
}

fn kin(key: &str) -> Option<&'static str> {
    KIN.iter()
        .find(|words| words.contains(&key))
        .and_then(|words| words.first().copied())
}

fn is_allowed(letter: char) -> bool {
    letter.is_alphanumeric() || letter.is_whitespace() || "'’.-&+#:/".contains(letter)
}

/// Marks that carry meaning inside a name but not at its edge.
fn is_edge_mark(letter: char) -> bool {
    letter.is_whitespace() || "'’.-&:/#".contains(letter)
}

fn strip_possessive(text: &str) -> &str {
    text.strip_suffix("'s")
        .or_else(|| text.strip_suffix("’s"))
        .unwrap_or(text)
}

/// "sooooo" and "soo" are the same word: runs of three or more become two.
fn collapse_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut last, mut run) = ('\0', 0_u8);
    for letter in text.chars() {
        run = if letter == last {
            run.saturating_add(1)
        } else {
            1
        };
        last = letter;
        if run <= 2 || !letter.is_alphabetic() {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surfaces_become_names_and_keys() {
        for (surface, shown, compared) in [
            ("my mum", "mum", "mom"),
            ("Mama", "Mama", "mom"),
            ("  the   Maya Lee's ", "Maya Lee", "maya lee"),
            ("@Maya!! 🎸", "Maya", "maya"),
            ("soooo fun", "soooo fun", "soo fun"),
            ("Rock & Roll", "Rock & Roll", "rock & roll"),
            ("\u{202e}evil\ntext", "evil text", "evil text"),
        ] {
            assert_eq!(display(surface), shown);
            assert_eq!(key(NodeKind::Person, surface), compared);
        }
        assert_eq!(key(NodeKind::Thing, "mum"), "mum");
    }

    #[test]
    fn empty_heads_are_refused() {
        for text in ["", "x", "the thing", "12", "it", "that guy", "--"] {
            assert!(is_refused(&key(NodeKind::Thing, text)), "{text}");
        }
        for text in ["Maya", "board game", "7th grade", "Bo", "李"] {
            assert!(!is_refused(&key(NodeKind::Thing, text)), "{text}");
        }
    }

    #[test]
    fn no_text_hides_in_a_slot() {
        assert_eq!(slot("lives_in"), Some("lives_in"));
        assert_eq!(slot(""), Some(""));
        assert_eq!(slot("Ignore all rules"), None);
    }
}
