//! Finds contact and identity data in a text and replaces it with numbered placeholders.
//!
//! Structured patterns come first, those with a checksum before those without, then patterns that
//! need a word before them. First names, relations and cities stay: they never leave without
//! consent and are what memory is made of. Nothing here needs a model.

mod address;
mod context;
mod digits;
mod folded;
mod handle;
mod iban;
mod mail;
mod network;
mod phone;
mod scrub;
mod secret;
mod signs;
mod spelled;

pub(crate) use folded::{Folded, is_invisible};
pub use scrub::Scrub;
use signs::Signs;
use spelled::Spelled;

/// What kind of data a span holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Web address that names a person or carries a secret.
    Url,
    /// E-mail address.
    Email,
    /// Bank account number (IBAN).
    Iban,
    /// Payment card number.
    Card,
    /// Social security number.
    Ssn,
    /// IPv4 or IPv6 address.
    Ip,
    /// Pair of coordinates.
    Location,
    /// Full date of birth.
    BirthDate,
    /// Password or code that was told.
    Password,
    /// Number of a driver's, student or other identity card.
    Id,
    /// Phone number.
    Phone,
    /// Street with a house number.
    Address,
    /// Postal code.
    Postcode,
    /// Name on a social network, with `@`.
    Handle,
}

impl Class {
    /// The word inside the placeholder: `email` for `[email]` and `[email-2]`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Email => "email",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Ssn => "ssn",
            Self::Ip => "ip",
            Self::Location => "location",
            Self::BirthDate => "birthdate",
            Self::Password => "password",
            Self::Id => "id",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Postcode => "postcode",
            Self::Handle => "handle",
        }
    }
}

/// A place in the original text, in bytes, on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// What is there.
    pub class: Class,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// All spans of `text`, in order, without overlap. Deterministic, linear in the length of `text`.
pub fn find(text: &str) -> Vec<Span> {
    locate(&Folded::new(text))
        .into_iter()
        .map(|found| found.original)
        .collect()
}

/// A span with the characters that identify it, so that the same number written in two ways gets
/// one placeholder.
struct Found {
    original: Span,
    key: String,
}

fn locate(folded: &Folded) -> Vec<Found> {
    let mut taken = Taken::over(folded);
    let signs = Signs::of(&folded.text);
    network::urls(&mut taken, &signs);
    mail::emails(&mut taken, &signs);
    let runs = digits::runs(&folded.text);
    if signs.digit {
        iban::ibans(&mut taken);
        digits::cards(&mut taken, &runs);
        digits::social_security(&mut taken, &runs);
    }
    network::addresses(&mut taken, &signs);
    if signs.digit {
        context::coordinates(&mut taken);
        context::birth_dates(&mut taken);
    }
    secret::passwords(&mut taken, &signs);
    if signs.digit {
        context::ids(&mut taken);
        context::hardware(&mut taken);
        phone::phones(&mut taken, &runs);
        phone::signed(&mut taken);
        address::streets(&mut taken);
    }
    address::placed_streets(&mut taken);
    if signs.digit {
        context::postcodes(&mut taken);
    }
    if signs.at {
        handle::signed(&mut taken);
    }
    handle::told(&mut taken, &signs);
    let found = taken.into_found();
    match Spelled::read(folded) {
        Some(spelled) => joined(found, in_digits(&spelled)),
        None => found,
    }
}

/// What is found by its digits once all numbers are digits.
fn in_digits(spelled: &Spelled) -> Vec<Found> {
    let mut taken = Taken::over(&spelled.folded);
    let runs = digits::runs(&spelled.folded.text);
    digits::cards(&mut taken, &runs);
    digits::social_security(&mut taken, &runs);
    secret::codes(&mut taken);
    phone::said(&mut taken, &runs, &spelled.said);
    phone::phones(&mut taken, &runs);
    taken.into_found()
}

/// Both lists as one without overlap: the longer of two spans stays.
fn joined(found: Vec<Found>, more: Vec<Found>) -> Vec<Found> {
    let mut all = found;
    for other in more {
        let overlaps = |known: &Found| {
            known.original.start < other.original.end && other.original.start < known.original.end
        };
        let length = |found: &Found| found.original.end - found.original.start;
        let longest = all.iter().filter(|known| overlaps(known)).map(length).max();
        if longest.is_none_or(|longest| longest < length(&other)) {
            all.retain(|known| !overlaps(known));
            all.push(other);
        }
    }
    all.sort_by_key(|found| found.original.start);
    all
}

/// What was found so far, in bytes of the folded text. A later rule never takes what an earlier
/// one has.
struct Taken<'a> {
    folded: &'a Folded,
    used: Vec<bool>,
    spans: Vec<Span>,
}

impl<'a> Taken<'a> {
    fn over(folded: &'a Folded) -> Self {
        Self {
            folded,
            used: vec![false; folded.text.len()],
            spans: Vec::new(),
        }
    }

    /// The folded text; it outlives the list, so that rules can add while they read.
    fn text(&self) -> &'a str {
        &self.folded.text
    }

    fn is_free(&self, start: usize, end: usize) -> bool {
        start < end
            && self
                .used
                .get(start..end)
                .is_some_and(|bytes| !bytes.contains(&true))
    }

    /// Adds a span if nothing of it is taken; says whether it did.
    fn add(&mut self, class: Class, start: usize, end: usize) -> bool {
        if !self.is_free(start, end) {
            return false;
        }
        if let Some(bytes) = self.used.get_mut(start..end) {
            bytes.fill(true);
        }
        self.spans.push(Span { class, start, end });
        true
    }

    fn into_found(mut self) -> Vec<Found> {
        self.spans.sort_by_key(|span| span.start);
        let folded = self.folded;
        self.spans
            .into_iter()
            .map(|span| Found {
                original: folded.original(span),
                key: folded
                    .text
                    .get(span.start..span.end)
                    .unwrap_or_default()
                    .chars()
                    .filter(|c| c.is_alphanumeric())
                    .flat_map(char::to_lowercase)
                    .collect(),
            })
            .collect()
    }
}
