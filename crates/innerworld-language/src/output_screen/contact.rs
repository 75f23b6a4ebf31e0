//! Ways to reach somebody outside: numbers, addresses. Only those of the resource list may be said.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use unicode_normalization::UnicodeNormalization as _;

use super::pieces::Piece;
use crate::pii::is_invisible;

/// A number is a phone number from so many digits on.
const PHONE_DIGITS: usize = 7;
/// A short code has so many digits, and a word of calling near before it.
const SHORT_CODE: std::ops::RangeInclusive<usize> = 3..=6;
/// "Near" in characters.
const NEAR: usize = 24;
/// Words that make a short number a number to reach somebody.
const CALLING: &[&str] = &[
    "call", "calling", "text", "texting", "dial", "message", "sms", "phone", "ring", "whatsapp",
    "llama", "llamar", "llámame", "marca", "escribe",
];
/// What stands before a number that names a place and not a line.
const PLACES: &[&str] = &[
    "page",
    "pages",
    "chapter",
    "room",
    "bus",
    "grade",
    "level",
    "line",
    "route",
    "página",
    "sala",
    "capítulo",
    "nivel",
];
/// What follows a number that counts something.
const UNITS: &[&str] = &[
    "am", "pm", "a.m", "p.m", "o'clock", "minutes", "minute", "min", "hours", "hour", "seconds",
    "days", "day", "weeks", "months", "years", "times", "people", "friends", "words", "pages",
    "messages", "steps", "points", "percent", "dollars", "euros", "bucks", "kids", "students",
    "meters", "miles", "km", "minutos", "horas", "veces", "personas",
];
/// Endings of host names that personas invent.
const HOSTS: &[&str] = &[
    ".com", ".org", ".net", ".io", ".gg", ".me", ".co", ".app", ".edu", ".gov", ".info", ".link",
    ".tv", ".uk", ".de", ".es", ".us", ".ca", ".ly", ".chat", ".online", ".site", ".dev",
];

/// What may be said.
#[derive(Clone, Debug)]
pub(super) struct Contacts {
    numbers: Arc<BTreeSet<String>>,
    addresses: Arc<BTreeSet<String>>,
}

impl Contacts {
    pub(super) fn new(contacts: Vec<String>) -> Self {
        let mut numbers = BTreeSet::new();
        let mut addresses = BTreeSet::new();
        for contact in contacts {
            let is_number = contact
                .chars()
                .all(|c| c.is_ascii_digit() || " +-().".contains(c));
            if is_number {
                numbers.insert(digits(&contact));
            } else {
                addresses.insert(host_of(&contact));
            }
        }
        Self {
            numbers: Arc::new(numbers),
            addresses: Arc::new(addresses),
        }
    }
}

/// What a word brought.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// So many of the last words, this one included, are a contact that must not be said.
    pub(super) cut: Option<usize>,
}

/// Contacts over one answer.
#[derive(Debug)]
pub(super) struct Reach {
    contacts: Contacts,
    /// Words of the number under way.
    run: Vec<String>,
    /// A word of calling: words since then, and characters since then.
    calling: Option<(usize, usize)>,
    /// A short number: words since then, itself included, and characters after it.
    short: Option<(usize, usize)>,
    /// The word before the number under way names a place.
    place: bool,
}

impl Reach {
    pub(super) fn new(contacts: Contacts) -> Self {
        Self {
            contacts,
            run: Vec::new(),
            calling: None,
            short: None,
            place: false,
        }
    }

    pub(super) fn reset(&mut self) {
        self.run.clear();
        self.calling = None;
        self.short = None;
    }

    /// Words that may still become part of a contact.
    pub(super) fn open_words(&self) -> usize {
        let calling = self.calling.map_or(0, |(words, _)| words);
        let short = self.short.map_or(0, |(words, _)| words);
        calling.max(short).max(self.run.len())
    }

    pub(super) fn take(&mut self, piece: &Piece) -> Found {
        let visible = visible(&piece.word);
        let word = plain(&visible);
        if self.is_foreign_address(&visible) {
            let cut = self.open_words() + 1;
            return Found { cut: Some(cut) };
        }
        if is_numeric(&visible) {
            return self.number(piece, &visible);
        }
        let ended = self.end_of_number(&word);
        if ended.is_some() {
            // The word after the number goes with its sentence.
            return Found {
                cut: ended.map(|words| words + 1),
            };
        }
        Found {
            cut: self.other_word(piece, &word),
        }
    }

    /// The stream ended: a number that was waiting is decided.
    pub(super) fn end(&mut self) -> Option<usize> {
        self.end_of_number("")
    }

    fn number(&mut self, piece: &Piece, visible: &str) -> Found {
        self.run.push(visible.to_owned());
        if let Some((words, chars)) = self.short.as_mut() {
            *words += 1;
            *chars += piece.chars();
        }
        if let Some((words, chars)) = self.calling.as_mut() {
            *words += 1;
            *chars += piece.space.chars().count() + piece.word.chars().count();
        }
        // The end of a sentence ends a number too.
        if piece.ends_sentence() {
            let cut = self.end_of_number("");
            self.short = None;
            return Found { cut };
        }
        Found::default()
    }

    /// Decides the number under way, now that the word after it is known. Returns how many words
    /// go.
    fn end_of_number(&mut self, following: &str) -> Option<usize> {
        if self.run.is_empty() {
            return None;
        }
        let run = std::mem::take(&mut self.run);
        let near = self
            .calling
            .filter(|(_, chars)| *chars <= NEAR + run_chars(&run));
        let number = digits(&run.concat());
        if self.contacts.numbers.contains(&number) || is_harmless(&run, &number) {
            self.calling = None;
            return None;
        }
        let long = number.len() >= PHONE_DIGITS;
        let short = SHORT_CODE.contains(&number.len())
            && run.len() == 1
            && !self.place
            && !UNITS.contains(&following);
        if short && near.is_none() {
            // A word of calling may still follow.
            self.short = Some((1, 0));
        }
        if !(long || short && near.is_some()) {
            return None;
        }
        self.short = None;
        let words = near.map_or(run.len(), |(words, _)| words);
        self.calling = None;
        Some(words)
    }

    /// Returns how many words go, this one included, when it makes a short number before it a line.
    fn other_word(&mut self, piece: &Piece, word: &str) -> Option<usize> {
        self.place = PLACES.contains(&word);
        let reached = self.short.filter(|_short| CALLING.contains(&word));
        if let Some((words, _)) = reached.filter(|(_, chars)| *chars <= NEAR) {
            self.reset();
            return Some(words + 1);
        }
        if let Some((words, chars)) = self.short.as_mut() {
            *words += 1;
            *chars += piece.chars();
        }
        if piece.ends_sentence() || self.short.is_some_and(|(_, chars)| chars > NEAR) {
            self.short = None;
        }
        if let Some((words, chars)) = self.calling.as_mut() {
            *words += 1;
            *chars += piece.space.chars().count() + piece.word.chars().count();
        }
        if self.calling.is_some_and(|(_, chars)| chars > NEAR) || piece.ends_sentence() {
            self.calling = None;
        }
        if CALLING.contains(&word) && !piece.ends_sentence() {
            self.calling = Some((1, 0));
        }
        None
    }

    fn is_foreign_address(&self, word: &str) -> bool {
        let low = word.to_lowercase();
        let inner = low.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '@');
        let is_mail = inner
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        let host = host_of(inner);
        let is_web = inner.contains("://")
            || inner.starts_with("www.")
            || HOSTS.iter().any(|ending| {
                host.strip_suffix(ending).is_some_and(|name| {
                    name.len() > 1
                        && name
                            .chars()
                            .all(|c| c.is_alphanumeric() || "-._".contains(c))
                })
            });
        (is_mail || is_web) && !self.contacts.addresses.contains(&host)
    }
}

/// A word as it looks: compatibility forms resolved, nothing invisible.
fn visible(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let seen = word.chars().filter(|c| !is_invisible(*c));
    Cow::Owned(seen.nfkc().collect())
}

fn run_chars(run: &[String]) -> usize {
    run.iter().map(|word| word.chars().count() + 1).sum()
}

fn plain(word: &str) -> String {
    word.to_lowercase()
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_owned()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Host of an address: without scheme, `www.`, path and port; of a mail address the whole.
fn host_of(address: &str) -> String {
    let low = address.to_lowercase();
    let rest = low.split_once("://").map_or(low.as_str(), |(_, rest)| rest);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.trim_end_matches(|c: char| !c.is_alphanumeric())
        .to_owned()
}

/// Whether a word is made of digits and what people put between digits.
fn is_numeric(word: &str) -> bool {
    let inner = word.trim_end_matches(['.', ',', '!', '?', ';', ':', '"', '\'', '”', '’']);
    let opened = inner.trim_start_matches(['"', '\'', '“', '‘']);
    opened.chars().any(|c| c.is_ascii_digit())
        && opened
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.()/–—".contains(c))
}

/// Dates, years, prices, sums and scores have many digits and reach nobody.
fn is_harmless(run: &[String], number: &str) -> bool {
    let years = run.iter().all(|word| {
        let year = digits(word);
        year.len() == 4 && (year.starts_with("19") || year.starts_with("20"))
    });
    let is_date = |word: &String| {
        let inner = word.trim_matches(|c: char| !c.is_ascii_digit());
        let parts: Vec<&str> = inner.split(['-', '/', '.']).collect();
        let fits = |part: &&str, most: usize| !part.is_empty() && part.len() <= most;
        match parts.as_slice() {
            [year, month, day] if year.len() == 4 => fits(month, 2) && fits(day, 2),
            [day, month, year] => {
                fits(day, 2) && fits(month, 2) && (year.len() == 4 || year.len() == 2)
            }
            _ => false,
        }
    };
    // Counting up or down ("10 20 30 40") is no phone number.
    let values: Option<Vec<u32>> = run.iter().map(|word| digits(word).parse().ok()).collect();
    let counts = run.len() > 1
        && run
            .iter()
            .all(|word| digits(word).len() <= 2 && !word.starts_with(['+', '(']))
        && values.is_some_and(|values| values.is_sorted() || values.iter().rev().is_sorted());
    years || counts || number.len() < *SHORT_CODE.start() || run.iter().all(is_date)
}
