//! What is derived from a key of this server, so that it is always the same and nobody else can
//! tell: subject, salt and verifier of people who have no account, and the secret half of each
//! answer to `USER_SRP_AUTH`.

use aws_lc_rs::hmac;
use innerworld_core::{
    identity::srp::{NUMBER_BYTES, SALT_BYTES, SECRET_BYTES},
    ids::TeenId,
};
use zeroize::Zeroizing;

use super::tokens::version_4;

/// Salt and verifier of a password.
pub(super) struct Kept {
    pub(super) salt: Vec<u8>,
    pub(super) verifier: Zeroizing<Vec<u8>>,
}

/// Derives.
pub(super) struct Derived(hmac::Key);

impl Derived {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The subject that stands for a normalised address.
    pub(super) fn subject(&self, address: &str) -> TeenId {
        let tag = self.tag(&[b"subject", address.as_bytes()]);
        let mut bytes = [0_u8; 16];
        fill(&mut bytes, &tag);
        version_4(u128::from_be_bytes(bytes))
    }

    /// Salt and verifier of a subject that has none: no password fits them.
    pub(super) fn kept(&self, subject: TeenId) -> Kept {
        let subject = subject.to_bytes();
        let mut salt = vec![0_u8; SALT_BYTES];
        fill(&mut salt, &self.tag(&[b"salt", &subject]));
        let mut verifier = Zeroizing::new(vec![0_u8; NUMBER_BYTES]);
        for (block, number) in verifier.chunks_mut(32).zip(0_u8..) {
            fill(block, &self.tag(&[b"verifier", &subject, &[number]]));
        }
        Kept { salt, verifier }
    }

    /// The secret exponent `b` for this verifier: one and the same for as long as the password is.
    ///
    /// With the prime and the generator of Cognito's clients every `g^b` is a square, so that
    /// `B - k v` is one for the right password and for every second wrong one: each new `B` would
    /// halve what a stranger who only asks for challenges has to try. The same `B` tells nothing
    /// new. What must be fresh is in the client's secret and in the secret block.
    pub(super) fn secret(&self, subject: TeenId, kept: &Kept) -> Zeroizing<[u8; SECRET_BYTES]> {
        let mut secret = Zeroizing::new([0_u8; SECRET_BYTES]);
        let parts: [&[u8]; 4] = [b"secret", &subject.to_bytes(), &kept.salt, &kept.verifier];
        fill(&mut *secret, &self.tag(&parts));
        secret
    }

    fn tag(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            // With its length: parts cannot be cut in another way.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        context.sign()
    }
}

fn fill(bytes: &mut [u8], tag: &hmac::Tag) {
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
}
