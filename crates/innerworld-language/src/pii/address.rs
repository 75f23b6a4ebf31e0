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

/// Words that also mean something else ("2 hours drive"): the words before must be capitalised.
macro_rules! capitalised_streets {
    () => {
        r"(?:Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Square|Sq|Circle|Cir|Trail|Trl|Close|Alley|Loop|Row|Route|Pike|Grove|Gardens|Heights|Hill|Ridge|Run|Path)"
    };
}

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"\b[0-9]{1,6}[A-Za-z]?,? (?:(?i:(?:n|s|e|w|north|south|east|west)\.? )?",
        r"(?P<words>(?:[\p{L}0-9.'-]{1,30} ){1,4}?)(?i:",
        streets!(),
        r")|(?:[\p{Lu}0-9][\p{L}0-9.'-]{0,30} ){1,4}?",
        capitalised_streets!(),
        r")\b\.?(?:,? (?i:apt|apartment|suite|ste|unit|no|#)\.? ?#?[0-9]{1,5}[A-Za-z]?\b)?",
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

/// Words that make it a sentence and no address: "5 minutes down the road".
const NEVER_IN_A_NAME: &[&str] = &[
    "minutes", "minute", "mins", "min", "hours", "hour", "miles", "mile", "km", "blocks", "block",
    "years", "year", "days", "day", "weeks", "months", "times", "people", "kids", "cars", "down",
    "the", "of", "on", "a", "an", "in", "from", "to", "at", "and", "or", "more", "other", "than",
    "my", "our", "your", "his", "her", "their", "this", "that", "is", "was", "for", "with", "up",
    "am", "pm", "feet", "ft", "lanes", "way", "across", "along", "off", "by", "near", "per",
];

/// Takes addresses.
pub(super) fn streets(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in NUMBERED.captures_iter(text) {
        let words = found.name("words").map_or("", |m| m.as_str());
        let sentence = words
            .split(' ')
            .any(|word| NEVER_IN_A_NAME.contains(&word.to_lowercase().as_str()));
        if let (Some(whole), false) = (found.get(0), sentence) {
            taken.add(Class::Address, whole.start(), whole.end());
        }
    }
    for found in STREET_FIRST.find_iter(text) {
        taken.add(Class::Address, found.start(), found.end());
    }
}
