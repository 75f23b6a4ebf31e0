//! Addresses on the net: URLs that name somebody, IP.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::Regex;

use super::{Class, Signs, Taken};
use crate::pattern::fixed;

static URL: LazyLock<Regex> =
    LazyLock::new(|| fixed(r#"(?i)\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s<>"'\[\]]{2,2000}"#));

/// A user before the host, a secret among the parameters, or a path that names a person.
static TELLING: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)^[a-z0-9+.-]+://[^/\s]*@",
        r"|[?&#;](?:[a-z]+[_-])?(?:token|key|sig|signature|auth|session|sid|code|pass|password|pwd",
        r"|secret|user|username|uid|email|phone|invite)(?:[_-]?id)?=",
        r"|[?&](?:q|ll|loc|location|center|daddr|saddr|dest)=[+-]?[0-9]{1,2}\.[0-9]{3,}",
        r"|/(?:u|user|users|profile|profiles|people|person|member|in|add|invite|@)/[^/?#\s]+",
        r"|/[@~][^/?#\s]+",
        r"|eyJ[a-z0-9_-]{8,}\.",
    ))
});

/// Networks where the first part of the path is a person, with or without a scheme.
static PROFILE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:https?://)?(?:www\.|m\.)?",
        r"(?:instagram\.com|facebook\.com|fb\.com|fb\.me|twitter\.com|x\.com|tiktok\.com|t\.me",
        r"|snapchat\.com|discord\.gg|discord\.com/invite|wa\.me|linkedin\.com/in|twitch\.tv",
        r"|github\.com|vsco\.co|kik\.me|paypal\.me|cash\.app|venmo\.com)",
        r"/[a-z0-9_.@$~/-]{1,200}",
    ))
});

static IPV4: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"(?i)[0-9]{1,3}(?:(?: ?\. ?| dot | ?[\[({] ?(?:\.|dot) ?[\])}] ?)[0-9]{1,3}){3}")
});
static IPV6: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?i)[0-9a-f:]{2,41}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3})?"));

/// "example dot com slash sam".
static SAID: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b[a-z0-9-]{1,63}(?: ?(?:dot|\.) ?[a-z0-9-]{1,63}){0,3} ?(?:dot|\.) ?(?:com|net|org|co|me|io|gg|tv|app)",
        r" (?:forward )?slash [a-z0-9_.@~-]{1,60}(?: slash [a-z0-9_.@~-]{1,60}){0,3}",
    ))
});

/// URLs that name a person or carry a secret; the address of a site alone stays.
pub(super) fn urls(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    let text = taken.text();
    if signs.has("la") && text.to_ascii_lowercase().contains(" slash ") {
        for found in SAID.find_iter(text) {
            add_url(taken, found.start(), found.as_str());
        }
    }
    if signs.slash {
        for found in PROFILE.find_iter(text) {
            add_url(taken, found.start(), found.as_str());
        }
    }
    if !(signs.slash || signs.dot && signs.has("www.")) {
        return;
    }
    for found in URL.find_iter(text) {
        if TELLING.is_match(found.as_str()) {
            add_url(taken, found.start(), found.as_str());
        }
    }
}

fn add_url(taken: &mut Taken<'_>, start: usize, url: &str) {
    let kept = url.trim_end_matches(['.', ',', '!', '?', ';', ':', ')']);
    taken.add(Class::Url, start, start + kept.len());
}

/// IP addresses that parse.
pub(super) fn addresses(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    if signs.colon {
        long_addresses(taken);
    }
    if signs.digit && (signs.dot || signs.has("dot")) {
        short_addresses(taken);
    }
}

fn long_addresses(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in IPV6.find_iter(text) {
        let candidate = trim_single_colon(found.as_str());
        let digits = candidate.chars().filter(char::is_ascii_hexdigit).count();
        let start = found.start() + offset_of(found.as_str(), candidate);
        // "::" alone and C++ names are no addresses.
        if digits >= 3
            && candidate.parse::<Ipv6Addr>().is_ok()
            && stands_alone(text, start, start + candidate.len(), |c| {
                c.is_alphanumeric()
            })
        {
            taken.add(Class::Ip, start, start + candidate.len());
        }
    }
}

fn short_addresses(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in IPV4.find_iter(text) {
        let numbers = found
            .as_str()
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty());
        let plain = numbers.collect::<Vec<_>>().join(".");
        // "3. 4. 5. 6." counts; an address has a number of three digits.
        let spaced = plain != found.as_str() && !plain.split('.').any(|part| part.len() == 3);
        if !spaced
            && plain.parse::<Ipv4Addr>().is_ok()
            && stands_alone(text, found.start(), found.end(), char::is_alphanumeric)
        {
            taken.add(Class::Ip, found.start(), found.end());
        }
    }
}

/// `address: fe80::1` and `fe80::1: it is up` bring one colon too many.
fn trim_single_colon(candidate: &str) -> &str {
    let start = match candidate.strip_prefix(':') {
        Some(rest) if !rest.starts_with(':') => rest,
        _ => candidate,
    };
    match start.strip_suffix(':') {
        Some(rest) if !rest.ends_with(':') => rest,
        _ => start,
    }
}

/// How far a trimmed candidate starts behind the whole; at most one byte is trimmed.
fn offset_of(whole: &str, trimmed: &str) -> usize {
    usize::from(!whole.starts_with(trimmed))
}

fn stands_alone(text: &str, start: usize, end: usize, goes_on: impl Fn(char) -> bool) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let mut after = text.get(end..).unwrap_or_default().chars();
    let joined_after = match after.next() {
        Some('.') => after.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => goes_on(c),
        None => false,
    };
    let joined_before = before.ends_with(&goes_on)
        || before
            .strip_suffix('.')
            .is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
    !joined_after && !joined_before
}
