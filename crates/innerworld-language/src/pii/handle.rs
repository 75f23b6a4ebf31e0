//! Names on social networks: `@name`, and names that a word of a network stands beside.

use std::sync::LazyLock;

use regex::Regex;

use super::{Class, Signs, Taken, secret::NO_SECRETS};
use crate::pattern::fixed;

static WITH_SIGN: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"@[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]{0,38}[\p{L}\p{N}_])?"));

/// `@everyone` calls a room and names nobody.
const ROOMS: [&str; 6] = [
    "@everyone",
    "@here",
    "@all",
    "@channel",
    "@someone",
    "@anyone",
];

macro_rules! networks {
    () => {
        concat!(
            r"(?:insta(?:gram)?|ig|snap(?:chat)?|sc|tik ?tok|tt|discord|disc|twitter|threads|you ?tube",
            r"|yt|twitch|roblox|rblx|fortnite|minecraft|steam|psn|playstation|xbox|gamer ?tag|nintendo",
            r"|epic|telegram|tg|kik|pinterest|reddit|tumblr|be ?real|vsco|spotify|skype|venmo|cash ?app",
            r"|wattpad|facebook|fb|messenger|valorant|riot|twitter|bluesky|mastodon",
            r"|user ?name|handle|screen ?name|display name)"
        )
    };
}

macro_rules! name {
    () => {
        r#"["']?@?(?P<name>[\p{L}\p{N}_][\p{L}\p{N}_.#-]{2,39})"#
    };
}

/// "my insta is sam.b", "snap: sam.b", "discord user sam.b".
static AFTER_NETWORK: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b",
        networks!(),
        r"(?P<noun> (?:user ?name|user|name|handle|id|account|acct?|channel|tag|page|profile))?(?:'?s)?",
        r"[?!,]{0,2}(?P<link>(?: ?[:=-]| (?:is|its|it's|name'?s|user'?s|as)\b:?){1,2})? ?",
        name!(),
    ))
});

/// "add sam.b99 on snap".
static BEFORE_NETWORK: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)(?:^|[\s,:])(?P<verb>(?:add|follow|im|i'm|dm|friend|message|find|its|it's) )?",
        name!(),
        r#"["']? (?:on|in) (?:my )?"#,
        networks!(),
        r"\b",
    ))
});

/// Words with a capital inside that are the names of things.
const BRANDS: [&str; 16] = [
    "tiktok",
    "youtube",
    "iphone",
    "ipad",
    "playstation",
    "whatsapp",
    "snapchat",
    "facebook",
    "bereal",
    "mcdonalds",
    "imessage",
    "facetime",
    "paypal",
    "linkedin",
    "airpods",
    "macbook",
];

/// Takes names with their sign.
pub(super) fn signed(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in WITH_SIGN.find_iter(text) {
        let before = text.get(..found.start()).unwrap_or_default();
        let inside =
            before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '@' | '/' | '_' | ']'));
        let named = found.as_str().chars().any(char::is_alphabetic) && found.as_str().len() > 2;
        let room = ROOMS
            .iter()
            .any(|room| room.eq_ignore_ascii_case(found.as_str()));
        if named && !inside && !room {
            taken.add(Class::Handle, found.start(), found.end());
        }
    }
}

/// Takes names beside the word of a network, if they look like one.
pub(super) fn told(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    if !signs.name {
        return;
    }
    let text = taken.text();
    for (pattern, hint) in [(&*AFTER_NETWORK, "link"), (&*BEFORE_NETWORK, "verb")] {
        for found in pattern.captures_iter(text) {
            let Some(name) = found.name("name") else {
                continue;
            };
            let kept = name.as_str().trim_end_matches(['.', '-', '#']);
            let hinted = found.name(hint).is_some() || found.name("noun").is_some();
            // "instagrammable": the name must not go on from the word.
            let apart = text
                .get(..name.start())
                .is_some_and(|before| !before.ends_with(char::is_alphanumeric));
            if apart && is_name(kept, hinted) {
                taken.add(Class::Handle, name.start(), name.start() + kept.len());
            }
        }
    }
}

/// Whether it is written as only such names are: with a digit, an underline, a dot or a capital
/// inside. A plain word stays: "my insta is private".
fn is_name(word: &str, hinted: bool) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 || is_amount(word) {
        return false;
    }
    let digits = word.chars().any(|c| c.is_ascii_digit());
    word.contains('_') || (digits || has_dot(word)) && letters >= 2 || hinted && has_capital(word)
}

/// "10x", "60fps", "1st".
fn is_amount(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    rest.len() < word.len() && rest.len() <= 3 && rest.chars().all(char::is_alphabetic)
}

/// A dot between words neither of which is said about a network: "private.dont ask".
fn has_dot(word: &str) -> bool {
    let mut parts = word.split('.');
    word.len() >= 5
        && word.contains('.')
        && parts.all(|part| !part.is_empty() && !NO_SECRETS.contains(&part.to_lowercase().as_str()))
        && ![".com", ".net", ".org", ".gg", ".tv", ".io"]
            .iter()
            .any(|ending| word.to_lowercase().ends_with(ending))
}

fn has_capital(word: &str) -> bool {
    let pairs = word.chars().zip(word.chars().skip(1));
    let inside = pairs
        .into_iter()
        .any(|(one, next)| one.is_lowercase() && next.is_uppercase());
    inside && !BRANDS.iter().any(|brand| brand.eq_ignore_ascii_case(word))
}
