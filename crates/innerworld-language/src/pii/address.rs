//! Street addresses by pattern: a house number, up to four words, a street word.

use std::sync::LazyLock;

use regex::Regex;

use super::{Class, Taken};
use crate::pattern::fixed;

/// Words that name a street whatever stands before them.
macro_rules! streets {
    () => {
        r"(?:street|avenue|boulevard|blvd|road|rd|ave|st|parkway|pkwy|highway|hwy|terrace|crescent)"
    };
}

/// Words that also mean something else ("2 hours drive"): the words before must be capitalised, or
/// a word of place must stand before the number.
macro_rules! capitalised_streets {
    () => {
        r"(?:Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Square|Sq|Circle|Cir|Trail|Trl|Close|Alley|Loop|Row|Route|Pike|Grove|Gardens|Heights|Hill|Ridge|Run|Path)"
    };
}

/// What may follow: the flat, and a British postcode.
macro_rules! flat {
    () => {
        concat!(
            r"\b\.?(?:,? (?i:apt|apartment|suite|ste|unit|no|#)\.? ?#?[0-9]{1,5}[A-Za-z]?\b)?",
            r"(?:,? (?i:[a-z]{1,2}[0-9][0-9a-z]? [0-9][a-z]{2})\b)?",
        )
    };
}

/// What both patterns that follow end with. They are slow on text with an emoji, and nearly no
/// message names a street.
static STREET: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i-u) (?:",
        streets!(),
        "|",
        capitalised_streets!(),
        r")\b"
    ))
});

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"\b[0-9]{1,6}[A-Za-z]?,? (?:(?i:(?:n|s|e|w|north|south|east|west)\.? )?",
        r"(?P<words>(?:[\p{L}0-9.'-]{1,30} ){1,4}?)(?i:",
        streets!(),
        r")|(?:[\p{Lu}0-9][\p{L}0-9.'-]{0,30} ){1,4}?",
        capitalised_streets!(),
        r")",
        flat!(),
    ))
});

/// In lower case, or with the number as a word.
static PLACED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:[0-9]{1,6}[a-z]?,? (?P<words>(?:[\p{L}0-9.'-]{1,30} ){1,3}?)",
        capitalised_streets!(),
        r"|(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -]?)?",
        r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen",
        r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)",
        r" (?P<more>(?:[\p{L}0-9.'-]{1,30} ){1,2}?)",
        streets!(),
        r")",
        flat!(),
    ))
});

/// Needs no street's name.
static BY_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\bp\.? ?o\.? ?box:? ?[0-9]{1,6}\b",
        r"|\b[0-9]{1,6} (?:county|state|rural|farm) (?:road|route|rd|highway|hwy) [0-9]{1,5}\b",
    ))
});

/// Street names first: Spanish, French, German, Italian.
static STREET_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"\b(?:(?i:calle|avenida|avda\.?|carrera|paseo|plaza|rue|via|rua) (?i:(?:de|del|la|las|los|el|des|du|da|do) ){0,2}",
        r"(?:[\p{Lu}][\p{L}.'-]{1,30} ?){1,4}|[\p{Lu}][\p{L}-]{1,30}(?:stra(?:ss|ß)e|str\.|weg|gasse) )",
        r",? ?(?i:n[º°o]?\.? ?)?[0-9]{1,5}[A-Za-z]?\b",
    ))
});

/// What stands before the address of a house, at the end of the words before it.
static PLACE_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)(?:\b(?:at|on|to|from|near|by|is|its|it's|addr|address|number)|^|[:,=])['’ ]{0,2}$",
        r"|\b(?:live|lives|living|stay|staying|address|addr|house|moved)\b[^.!?]{0,24}$",
    ))
});

/// Words that make it a sentence and no address: "5 minutes down the road".
const NEVER_IN_A_NAME: &[&str] = &[
    "minutes", "minute", "mins", "min", "hours", "hour", "miles", "mile", "km", "blocks", "block",
    "years", "year", "days", "day", "weeks", "months", "times", "people", "kids", "cars", "down",
    "the", "of", "on", "a", "an", "in", "from", "to", "at", "and", "or", "more", "other", "than",
    "my", "our", "your", "his", "her", "their", "this", "that", "is", "was", "for", "with", "up",
    "am", "pm", "feet", "ft", "lanes", "way", "across", "along", "off", "by", "near", "per",
];
/// The same before the words that mean something else.
const NEVER_BEFORE_A_WAY: &[&str] = &[
    "week",
    "month",
    "hr",
    "hrs",
    "wheel",
    "test",
    "hard",
    "flash",
    "disk",
    "usb",
    "thumb",
    "food",
    "different",
    "same",
    "whole",
    "half",
    "only",
    "long",
    "best",
    "first",
    "second",
    "third",
    "friends",
    "friend",
    "guys",
    "girls",
    "boys",
    "points",
    "point",
    "laps",
    "person",
    "player",
    "games",
    "game",
    "sets",
    "steps",
    "stars",
    "star",
    "basketball",
    "tennis",
    "volleyball",
    "front",
    "back",
    "last",
    "next",
    "middle",
    "food",
    "gb",
    "tb",
    "better",
    "i",
    "we",
    "they",
    "u",
    "you",
];

/// How far a word of place may stand before the number, in characters.
const BEFORE: usize = 40;

/// Takes addresses.
pub(super) fn streets(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in BY_NUMBER.find_iter(text) {
        taken.add(Class::Address, found.start(), found.end());
    }
    let numbered = STREET.is_match(text).then(|| NUMBERED.captures_iter(text));
    for found in numbered.into_iter().flatten() {
        let words = found.name("words").map_or("", |m| m.as_str());
        if let (Some(whole), false) = (found.get(0), holds(words, NEVER_IN_A_NAME)) {
            taken.add(Class::Address, whole.start(), whole.end());
        }
    }
    for found in STREET_FIRST.find_iter(text) {
        taken.add(Class::Address, found.start(), found.end());
    }
}

/// Takes addresses in lower case, and with a number that is a word.
pub(super) fn placed_streets(taken: &mut Taken<'_>) {
    let text = taken.text();
    if !STREET.is_match(text) {
        return;
    }
    for found in PLACED.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let words = found.name("words").or_else(|| found.name("more"));
        let words = words.map_or("", |m| m.as_str());
        let before = text.get(..whole.start()).unwrap_or_default();
        let tail = before
            .char_indices()
            .rev()
            .nth(BEFORE)
            .map_or(0, |(at, _)| at);
        let placed = PLACE_BEFORE.is_match(before.get(tail..).unwrap_or_default());
        if placed && !holds(words, NEVER_IN_A_NAME) && !holds(words, NEVER_BEFORE_A_WAY) {
            taken.add(Class::Address, whole.start(), whole.end());
        }
    }
}

fn holds(words: &str, refused: &[&str]) -> bool {
    words
        .split(' ')
        .any(|word| refused.contains(&word.to_lowercase().as_str()))
}
