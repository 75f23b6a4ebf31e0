//! The name under which a provider and the ledger know a teen.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{clock::Timestamp, ids::TeenId};

/// Makes pseudonyms: a keyed hash of the teen that changes with the calendar year (UTC).
///
/// A provider can tell one teen's calls apart for abuse checks, but not who it is, and not that
/// this year's name and last year's belong together.
pub struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// Pseudonyms under `key`, which must be kept like every other service key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The name of `teen` in the year of `now`: `t_` and 22 characters.
    pub fn name(&self, teen: TeenId, now: Timestamp) -> String {
        let year = now.to_rfc3339();
        let year = year.split('-').next().unwrap_or_default();
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"innerworld pseudonym\0");
        context.update(year.as_bytes());
        context.update(b"\0");
        context.update(&teen.to_bytes());
        let tag = context.sign();
        let short = tag.as_ref().get(..16).unwrap_or_default();
        format!("t_{}", URL_SAFE_NO_PAD.encode(short))
    }
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_by_teen_year_and_key_and_hold_nothing_of_the_id() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let (one, two) = (TeenId::from_subject_bits(1), TeenId::from_subject_bits(2));
        let names = Pseudonyms::new(&[7; 32]);
        let name = names.name(one, at("2026-11-25T10:00:00Z"));
        assert_eq!(name.len(), 24);
        assert_eq!(name, names.name(one, at("2026-01-01T00:00:00Z")));
        assert_ne!(name, names.name(one, at("2027-01-01T00:00:00Z")));
        assert_ne!(name, names.name(two, at("2026-11-25T10:00:00Z")));
        assert_ne!(
            name,
            Pseudonyms::new(&[8; 32]).name(one, at("2026-11-25T10:00:00Z"))
        );
    }
}
