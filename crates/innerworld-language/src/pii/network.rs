//! Addresses on the net: URLs that name somebody, e-mail, IP, handles.

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

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"[\p{L}\p{N}_.%+'&-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}")
});

/// Endings after which "name at place dot ending" is an address and not a sentence.
macro_rules! endings {
    () => {
        r"(?:com|net|org|edu|gov|mil|info|biz|io|co|me|app|dev|us|uk|ca|au|de|fr|es|it|nl|mx|br|ar|cl|pt|ch|at|se|no|dk|in)"
    };
}

macro_rules! mail_hosts {
    () => {
        r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|icloud|me|mac|aol|proton|protonmail|gmx|mail|zoho|yandex)"
    };
}

/// Written so that machines should not see it: `sam (at) mail (dot) com`, `sam @ mail . com`,
/// `sam at gmail.com`.
static DISGUISED_EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    fixed(&format!(
        concat!(
            r"(?i)\b(?:",
            r"[a-z0-9_.+-]{{1,64}} ?[\(\[\{{<] ?(?:at|@) ?[\)\]\}}>] ?[a-z0-9_-]{{1,63}}(?:(?: ?[\(\[\{{<] ?(?:dot|\.) ?[\)\]\}}>] ?| dot |\.)[a-z0-9_-]{{1,63}}){{1,4}}",
            r"|[a-z0-9_.+-]{{1,64}}(?: dot [a-z0-9_+-]{{1,64}}){{0,3}} (?:at|arroba) [a-z0-9_-]{{1,63}}(?: (?:dot|punto) [a-z0-9_-]{{1,63}}){{0,3}} (?:dot|punto) {e}",
            r"|[a-z0-9_.+-]{{1,64}} at {h}\.(?:co\.)?{e}",
            r"|[a-z0-9_.+-]{{1,64}} ?@ ?[a-z0-9_-]{{1,63}} ?\. ?(?:co\.)?{e}",
            r")\b",
        ),
        e = endings!(),
        h = mail_hosts!(),
    ))
});

static IPV4: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"));
static IPV6: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?i)[0-9a-f:]{2,41}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3})?"));
static HANDLE: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"@[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]{0,38}[\p{L}\p{N}_])?"));

/// URLs that name a person or carry a secret; the address of a site alone stays.
pub(super) fn urls(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    let text = taken.text();
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

/// E-mail addresses, also those written with "at" and "dot".
pub(super) fn emails(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    if signs.at {
        plain_emails(taken);
    }
    let disguised = signs.at
        || signs.bracket
        || signs.has("dot")
        || signs.has("punto")
        || signs.dot && signs.has(" at ");
    if disguised {
        disguised_emails(taken);
    }
}

fn plain_emails(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in EMAIL.find_iter(text) {
        let kept = found.as_str().trim_end_matches('-');
        let skipped = kept.len() - kept.trim_start_matches(['\'', '.', '&', '-']).len();
        taken.add(
            Class::Email,
            found.start() + skipped,
            found.start() + kept.len(),
        );
    }
}

fn disguised_emails(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in DISGUISED_EMAIL.find_iter(text) {
        // "meet me at the dot com cafe"
        if found.as_str().to_lowercase().contains(" at the ") {
            continue;
        }
        taken.add(Class::Email, found.start(), found.end());
    }
}

/// IP addresses that parse.
pub(super) fn addresses(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    if signs.colon {
        long_addresses(taken);
    }
    if signs.digit && signs.dot {
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
        if found.as_str().parse::<Ipv4Addr>().is_ok()
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

/// `@name`, unless something stands before the sign that makes it part of a word.
pub(super) fn handles(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in HANDLE.find_iter(text) {
        let before = text.get(..found.start()).unwrap_or_default();
        let inside =
            before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '@' | '/' | '_' | ']'));
        let named = found.as_str().chars().any(char::is_alphabetic) && found.as_str().len() > 2;
        if named && !inside {
            taken.add(Class::Handle, found.start(), found.end());
        }
    }
}
