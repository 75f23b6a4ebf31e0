//! The proof that a client knows the password.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::Person;

/// Bytes of a session key.
pub(super) const KEY_BYTES: usize = 16;

/// The key that both sides arrive at.
pub struct SessionKey(Zeroizing<[u8; KEY_BYTES]>);

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What is signed under a session key.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Who signs in.
    pub person: Person<'a>,
    /// The server's secret block, as bytes.
    pub secret_block: &'a [u8],
    /// The client's time, as it travels.
    pub timestamp: &'a str,
}

impl SessionKey {
    pub(super) const fn new(key: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self(key)
    }

    /// The key's bytes, for comparing with vectors.
    pub fn expose(&self) -> &[u8] {
        &*self.0
    }

    /// Signs `claim`.
    pub fn sign(&self, claim: Claim<'_>) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.hmac());
        for part in claim.parts() {
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    /// Whether `signature` is that of `claim`; takes as long for every wrong one.
    pub fn verify(&self, claim: Claim<'_>, signature: &[u8]) -> bool {
        let signed = claim.parts().concat();
        hmac::verify(&self.hmac(), &signed, signature).is_ok()
    }

    fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &*self.0)
    }
}

impl<'a> Claim<'a> {
    const fn parts(&self) -> [&'a [u8]; 4] {
        [
            self.person.pool.as_bytes(),
            self.person.user.as_bytes(),
            self.secret_block,
            self.timestamp.as_bytes(),
        ]
    }
}
