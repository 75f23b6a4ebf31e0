//! Names of streets without a number; those with one are scrubbed as addresses.

use innerworld_core::model::veil::PrivateKind;

use super::{Place, Words, is_small};
use crate::tokenize::Token;

/// Words for streets.
const STREETS: [&str; 12] = [
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "boulevard",
    "blvd",
    "lane",
    "drive",
    "court",
    "terrace",
];
/// Those that mean something else as well.
const DOUBTFUL: [&str; 6] = ["st", "drive", "court", "lane", "road", "terrace"];

/// Words before them that name no street, and streets that are everybody's.
const NO_NAMES: &[&str] = &[
    "one",
    "quiet",
    "busy",
    "long",
    "dark",
    "main",
    "side",
    "wall",
    "sesame",
    "easy",
    "across",
    "down",
    "up",
    "off",
    "by",
    "hard",
    "flash",
    "test",
    "food",
    "memory",
    "thumb",
    "disk",
    "tennis",
    "basketball",
    "volleyball",
    "supreme",
    "night",
    "short",
    "sunday",
    "off",
    "fast",
    "bike",
    "dirt",
    "country",
    "back",
    "front",
    "cross",
    "swim",
    "usb",
    "blood",
    "toy",
    "can",
    "big",
];

/// `at` is the first word of the name.
pub(super) fn at(words: &Words<'_>, at: usize) -> Option<Place> {
    let length = (1..=3).find(|length| STREETS.contains(&words.low(at + length)))?;
    let last = at + length;
    let parts = at..last;
    let fits = parts.clone().all(|at| {
        words.word(at).is_some()
            && words.joined(at)
            && !is_small(words.low(at))
            && !NO_NAMES.contains(&words.low(at))
    });
    if !fits {
        return None;
    }
    let doubtful = DOUBTFUL.contains(&words.low(last));
    let capitals = parts.clone().all(|at| words.is_name_like(at));
    let kind_capital = words.word(last).is_some_and(Token::is_capital);
    if capitals {
        return (kind_capital || !doubtful).then_some((PrivateKind::Street, at, last, true));
    }
    let live = (1..=6).any(|back| {
        matches!(
            words.before(at, back),
            "live" | "lives" | "living" | "lived" | "house" | "home" | "moved" | "stay" | "staying"
        )
    });
    let place = matches!(
        words.before(at, 1),
        "on" | "off" | "of" | "near" | "at" | "to"
    );
    let verb = length == 1 && words.is_common(at);
    let told = place && length <= 2 && (live || !doubtful) && !verb;
    told.then_some((PrivateKind::Street, at, last, true))
}
