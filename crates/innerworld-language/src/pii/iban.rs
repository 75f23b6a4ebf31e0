//! Bank account numbers: country, two check digits, the country's length, remainder 1 modulo 97.

use std::sync::LazyLock;

use regex::Regex;

use super::{Class, Taken};
use crate::pattern::fixed;

/// Where one may start. The rest is read by hand, since its length depends on the country.
static START: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?i)\b[a-z]{2}[ -]?[0-9][ -]?[0-9]"));

/// Lengths by country, from the registry of the standard (ISO 13616).
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

/// Takes every account number.
pub(super) fn ibans(taken: &mut Taken<'_>) {
    let text = taken.text();
    for start in START.find_iter(text).map(|found| found.start()) {
        if let Some(length) = text.get(start..).and_then(length_in_bytes) {
            taken.add(Class::Iban, start, start + length);
        }
    }
}

/// Bytes of the account number at the start of `text`, if there is a right one.
fn length_in_bytes(text: &str) -> Option<usize> {
    let country: String = text
        .chars()
        .take(2)
        .collect::<String>()
        .to_ascii_uppercase();
    let (_, wanted) = LENGTHS.iter().find(|(code, _)| *code == country)?;
    let mut compact = Vec::with_capacity(*wanted);
    let mut gap = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b' ' | b'-' if gap == 0 => gap = 1,
            _ if byte.is_ascii_alphanumeric() => {
                gap = 0;
                compact.push(byte.to_ascii_uppercase());
            }
            _ => return None,
        }
        if compact.len() == *wanted {
            let ends = text.get(at + 1..)?;
            let whole = !ends.starts_with(char::is_alphanumeric);
            return (whole && remainder(&compact) == 1).then_some(at + 1);
        }
    }
    None
}

/// The number modulo 97, with the first four characters moved to the end and letters as 10 to 35.
fn remainder(compact: &[u8]) -> u32 {
    let (head, tail) = compact.split_at(compact.len().min(4));
    tail.iter().chain(head).fold(0, |rest, byte| {
        if byte.is_ascii_digit() {
            (rest * 10 + u32::from(byte - b'0')) % 97
        } else {
            (rest * 100 + u32::from(byte - b'A') + 10) % 97
        }
    })
}
