//! E-mail addresses, also those written so that machines should not see them.

use std::sync::LazyLock;

use regex::Regex;

use super::{Class, Signs, Taken};
use crate::pattern::fixed;

static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"[\p{L}\p{N}_.%+'&-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}")
});

/// Endings after which "name at place dot ending" is an address and not a sentence.
macro_rules! endings {
    () => {
        r"(?:com|net|org|edu|gov|mil|info|biz|io|co|me|app|dev|us|uk|ca|au|de|fr|es|it|nl|mx|br|ar|cl|pt|ch|at|se|no|dk|in|example|test|invalid)"
    };
}

macro_rules! mail_hosts {
    () => {
        r"(?:g ?mail|google ?mail|ya ?hoo|y ?mail|hot ?mail|out ?look|live|msn|i ?cloud|me|mac|aol|proton ?(?:mail)?|gmx|mail|zoho|yandex)"
    };
}

/// A name before the sign; its own signs may be said: "sam dot lee", "sam underscore b".
macro_rules! local {
    () => {
        r"[a-z0-9_.+-]{1,64}(?: (?:dot|punto|underscore|under score|dash|hyphen|minus|plus) [a-z0-9_.+-]{1,64}){0,4}"
    };
}

/// A sign in brackets or stars.
macro_rules! bracketed {
    ($sign:literal) => {
        concat!(r" ?[\(\[\{<*] ?(?:", $sign, r") ?[\)\]\}>*] ?")
    };
}

/// The dot inside a host's name: as it is, in brackets, or said.
macro_rules! dot {
    () => {
        concat!(r"(?:", bracketed!(r"dot|punto|\."), r"| (?:dot|punto) |\.)")
    };
}

/// `sam (at) mail (dot) com`, `sam @ mail . com`, `sam at gmail.com`, `sam_b at g mail dot com`,
/// `sam.b at example.com`.
static DISGUISED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = [
        r"(?i)\b(?:",
        // (at), with any host.
        concat!("LOCAL", bracketed!(r"at|arroba|@")),
        r"(?:HOSTS (?:com|net)|[a-z0-9_-]{1,63}(?:DOT[a-z0-9_-]{1,63}){0,3}(?:DOT[a-z0-9_-]{1,63}| ?\. ?ENDING))",
        // "at" and "dot" as words.
        r"|LOCAL(?: [0-9]{1,6})? (?:at|arroba) (?:HOSTS|[a-z][a-z0-9_-]{0,62})(?: (?:dot|punto) [a-z0-9_-]{1,63}){0,3} (?:dot|punto) ENDING",
        // "at" as a word, and a real dot: only a known host, or a name that is no word.
        r"|LOCAL(?: [0-9]{1,6})? at HOSTS ?\. ?(?:co\.)?ENDING",
        r"|[a-z][a-z0-9+-]{0,62}[._0-9][a-z0-9_.+-]{0,63} at [a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,3}\.ENDING",
        // The sign with spaces around it.
        r"|LOCAL ?@ ?(?:HOSTS|[a-z0-9_-]{1,63})(?:DOT[a-z0-9_-]{1,63}){0,3}(?:DOT| ?\. ?)ENDING",
        r")\b",
    ]
    .concat();
    fixed(
        &pattern
            .replace("LOCAL", local!())
            .replace("HOSTS", mail_hosts!())
            .replace("DOT", dot!())
            .replace("ENDING", endings!()),
    )
});

/// Takes all addresses.
pub(super) fn emails(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    if signs.at {
        plain(taken);
    }
    let disguised = signs.at
        || signs.bracket
        || signs.has("dot")
        || signs.has("punto")
        || signs.dot && signs.has(" at ");
    if disguised {
        hidden(taken);
    }
}

fn plain(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in PLAIN.find_iter(text) {
        let kept = found.as_str().trim_end_matches('-');
        let skipped = kept.len() - kept.trim_start_matches(['\'', '.', '&', '-']).len();
        taken.add(
            Class::Email,
            found.start() + skipped,
            found.start() + kept.len(),
        );
    }
}

fn hidden(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in DISGUISED.find_iter(text) {
        // "meet me at the dot com cafe"
        if found.as_str().to_lowercase().contains(" at the ") {
            continue;
        }
        taken.add(Class::Email, found.start(), found.end());
    }
}
