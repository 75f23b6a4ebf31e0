//! Passwords and codes that are told.

use std::sync::LazyLock;

use regex::Regex;

use super::{Class, Signs, Taken};
use crate::pattern::fixed;

/// The whole word "password", and what follows "is"; three words if a number ends them.
static PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:password|passwort|passcode|passphrase|pass word|pwd|passwd|pswd|contrase[ñn]a)s?",
        r"(?: (?:for|to|of) [\w' -]{1,30}?)?(?: ?[:=] ?| (?:is|was|es|are) (?:now |just |still |also )?(?:: ?)?)",
        r#"["'`]?(?P<secret>[a-z]{2,20} [a-z]{2,20} [0-9]{1,6}\b|[^\s"'`]{1,128})"#,
    ))
});
/// Short words for it: what follows must be written as only passwords are.
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:password|passcode|pass|pw|pwd|pswd|passwd)(?: ?[:=-] ?| (?:is |was |its |it's )?)",
        r#"["'`]?(?P<secret>[^\s"'`]{5,128})"#,
    ))
});
static AS_PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r#"(?i)(?P<secret>[^\s"'`]{5,128})["'`]? (?:as|for|is) (?:the |my |a |our |your )?(?:password|passcode|pw|pwd)\b"#,
    )
});
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:pin|pin (?:code|number)|cvv|cvc|security code|combo|combination|passcode|clave",
        r"|(?:login|access|verification|locker|door|gate|garage|alarm|lock|safe|house) code)",
        r"(?: ?[:=] ?| (?:for [\w' ]{1,20} )?(?:is|was|es) | )(?P<secret>[0-9](?:[0-9 -]{1,10}[0-9]))\b",
    ))
});

/// What people say about a password or an account instead of telling it.
pub(super) const NO_SECRETS: &[&str] = &[
    "wrong",
    "incorrect",
    "not",
    "the",
    "too",
    "so",
    "really",
    "very",
    "my",
    "a",
    "an",
    "weak",
    "stolen",
    "gone",
    "expired",
    "secret",
    "safe",
    "private",
    "public",
    "strong",
    "lost",
    "down",
    "something",
    "hacked",
    "always",
    "never",
    "in",
    "on",
    "that",
    "what",
    "hard",
    "easy",
    "long",
    "short",
    "different",
    "saved",
    "it",
    "required",
    "needed",
    "important",
    "stupid",
    "like",
    "our",
    "your",
    "his",
    "her",
    "their",
    "kind",
    "pretty",
    "literally",
    "dead",
    "boring",
    "taken",
    "old",
    "new",
    "cringe",
    "dumb",
    "back",
    "open",
    "full",
    "muy",
    "una",
    "un",
    "mi",
    "la",
    "el",
];

/// Takes passwords and codes.
pub(super) fn passwords(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    if signs.has("pa") || signs.has("pw") || signs.has("wd") || signs.has("contra") {
        told(taken, &PASSWORD, |secret| {
            !secret.starts_with('[') && !NO_SECRETS.contains(&secret.to_lowercase().as_str())
        });
        told(taken, &SHORT, is_secret);
        told(taken, &AS_PASSWORD, is_secret);
    }
    codes(taken);
}

/// Takes numbers that open something.
pub(super) fn codes(taken: &mut Taken<'_>) {
    let text = taken.text();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    for found in CODE.captures_iter(text) {
        if let Some(secret) = found.name("secret") {
            taken.add(Class::Password, secret.start(), secret.end());
        }
    }
}

fn told(taken: &mut Taken<'_>, pattern: &Regex, is_told: impl Fn(&str) -> bool) {
    let text = taken.text();
    for found in pattern.captures_iter(text) {
        let Some(secret) = found.name("secret") else {
            continue;
        };
        let kept = secret
            .as_str()
            .trim_end_matches(['.', ',', '!', '?', ';', ')']);
        if is_told(kept) {
            taken.add(Class::Password, secret.start(), secret.start() + kept.len());
        }
    }
}

/// A letter, and a digit or a sign that no word has.
fn is_secret(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.chars().any(is);
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let amount = rest.len() < word.len() && rest.len() <= 3;
    has(char::is_alphabetic)
        && !amount
        && !word.starts_with('[')
        && (has(|c| c.is_ascii_digit()) || has(|c| matches!(c, '_' | '&' | '#' | '$' | '%' | '^')))
}
