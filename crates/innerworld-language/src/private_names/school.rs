//! Names of schools. What kind of school it is stays: "\[school-1] high school".

use innerworld_core::model::veil::PrivateKind;

use super::{Place, Words, is_small};
use crate::tokenize::Token;

/// Most words of a name.
const MOST: usize = 4;

/// Words before "school" and its kinds that name none.
const NO_NAMES: &[&str] = &[
    "new",
    "old",
    "public",
    "private",
    "local",
    "high",
    "middle",
    "elementary",
    "primary",
    "secondary",
    "junior",
    "senior",
    "summer",
    "sunday",
    "saturday",
    "after",
    "before",
    "for",
    "since",
    "with",
    "or",
    "but",
    "like",
    "be",
    "start",
    "started",
    "starting",
    "finish",
    "finished",
    "hate",
    "love",
    "grade",
    "home",
    "art",
    "arts",
    "music",
    "law",
    "med",
    "medical",
    "dance",
    "drama",
    "driving",
    "boarding",
    "catholic",
    "christian",
    "charter",
    "magnet",
    "online",
    "entire",
    "another",
    "different",
    "first",
    "last",
    "no",
    "any",
    "some",
    "skip",
    "skipped",
    "back",
    "bus",
    "night",
    "day",
    "trade",
    "vocational",
    "language",
    "prep",
    "preparatory",
    "khan",
    "police",
    "military",
    "football",
    "soccer",
    "all",
    "time",
    "so",
    "too",
    "very",
    "really",
    "how",
    "level",
    "pretty",
    "super",
    "kinda",
    "sky",
    "score",
    "went",
    "go",
    "going",
    "goes",
    "attend",
    "attending",
    "they",
    "he",
    "she",
    "it",
    "you",
    "when",
    "what",
    "where",
    "now",
    "musical",
    "not",
    "get",
    "got",
    "into",
    "city",
    "town",
    "state",
    "best",
    "worst",
    "big",
    "small",
    "nearby",
    "spanish",
    "french",
    "german",
    "english",
    "jewish",
    "hebrew",
    "islamic",
    "korean",
    "chinese",
    "international",
    "technical",
    "tech",
    "science",
    "math",
    "stem",
    "nursing",
    "grammar",
    "real",
];

/// Words behind which a name in lower case may stand.
const CUES: [&str; 9] = [
    "at",
    "to",
    "attend",
    "attending",
    "for",
    "from",
    "called",
    "is",
    "near",
];

/// Words that end a place's name: "oak park middle school".
const PLACE_ENDS: [&str; 14] = [
    "park", "hill", "hills", "valley", "creek", "ridge", "lake", "grove", "view", "heights",
    "river", "springs", "oaks", "meadows",
];

/// `at` is the first word of a school's kind, or of "school called X".
pub(super) fn at(words: &Words<'_>, at: usize) -> Option<Place> {
    named(words, at).or_else(|| {
        let ahead = (1..=MOST).find(|ahead| kind(words, at + ahead).is_some())?;
        before_a_kind(words, at, at + ahead)
    })
}

/// Whether the kind of school beginning here leaves no doubt; `None` if none begins.
fn kind(words: &Words<'_>, at: usize) -> Option<bool> {
    let next = words.low(at + 1);
    match words.low(at) {
        "high" | "middle" if matches!(next, "school" | "schooler" | "schools") => Some(true),
        "junior" | "senior" if next == "high" => Some(true),
        "elementary" | "academy" => Some(true),
        "prep" => Some(next == "school"),
        "charter" | "preparatory" | "primary" | "secondary" | "grammar" | "magnet" | "catholic"
        | "christian" => (next == "school").then_some(true),
        "high" | "middle" | "school" => Some(false),
        _ => None,
    }
}

/// All words from `first` up to `kind` are the name, and nothing before is.
fn before_a_kind(words: &Words<'_>, first: usize, at_kind: usize) -> Option<Place> {
    let sure = kind(words, at_kind)?;
    let last = at_kind.checked_sub(1)?;
    let parts = first..at_kind;
    let fits = parts.clone().all(|at| {
        let dot = words.tokens.get(at).is_some_and(|token| token.raw == ".");
        dot && matches!(words.before(at, 1), "st" | "mt")
            || !words.low(at).is_empty()
                && !is_small(words.low(at))
                && !NO_NAMES.contains(&words.low(at))
    });
    if !fits || words.word(last).is_none() || !words.joined(last) {
        return None;
    }
    let capitals = parts.clone().all(|at| {
        words.word(at).is_none() || words.is_name_like(at) || matches!(words.low(at), "st" | "mt")
    });
    // "school" and "high" alone come behind many a word: "my high", "Saturday School".
    if capitals && words.word(first).is_some() {
        let listed = parts.clone().any(|at| is_listed(words, at));
        return (sure
            || listed
            || words.low(at_kind) == "school"
            || written_as_name(words, at_kind))
        .then(|| (PrivateKind::School, first, last, always(words, first, last)));
    }
    // "saint mary's", "st. marys" count as listed.
    let saint = matches!(words.low(first), "st" | "saint" | "mt");
    let named = at_kind - first <= 3
        && CUES.contains(&words.before(first, 1))
        && words.low(at_kind) != "school"
        && (is_listed(words, last)
            || saint
            || first < last && PLACE_ENDS.contains(&words.low(last)));
    named.then(|| (PrivateKind::School, first, last, always(words, first, last)))
}

/// "my school is called Lincoln", "school: Lincoln".
fn named(words: &Words<'_>, at: usize) -> Option<Place> {
    let before = words.before(at, 1);
    let says = matches!(words.low(at), "called" | "named")
        && (before == "school"
            || matches!(before, "is" | "was") && words.before(at, 2) == "school");
    let first = at + 1;
    let shown = words.is_name_like(first) || is_listed(words, first);
    if !says || !shown {
        return None;
    }
    let mut last = first;
    while last - first < MOST
        && words.joined(last)
        && words.is_name_like(last + 1)
        && kind(words, last + 1).is_none()
    {
        last += 1;
    }
    Some((PrivateKind::School, first, last, always(words, first, last)))
}

/// "Lincoln High": the kind has a capital as well.
fn written_as_name(words: &Words<'_>, at_kind: usize) -> bool {
    words.word(at_kind).is_some_and(Token::is_capital)
}

fn is_listed(words: &Words<'_>, at: usize) -> bool {
    let (low, names) = (words.low(at), words.lists.names);
    !words.is_common(at)
        && (names.is_surname(low) || names.is_first_name(low) || names.is_city(low))
}

/// Not so for what may be a city or somebody's name.
fn always(words: &Words<'_>, first: usize, last: usize) -> bool {
    if first < last {
        return !words
            .lists
            .names
            .is_city(&format!("{} {}", words.low(first), words.low(last)));
    }
    let (low, lists) = (words.low(first), words.lists);
    low.chars().count() >= 5
        && !lists.names.is_city(low)
        && !lists.names.is_first_name(low)
        && !lists.lexicon.sure_names.contains(low)
        && !lists.names.is_frequent_surname(low)
}
