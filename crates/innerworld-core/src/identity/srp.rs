//! Signing in without sending the password: SRP-6a (RFC 5054) as Cognito's clients compute it.
//!
//! The client shows `A`, the server answers with salt and `B`, and both arrive at one key if the
//! password fits the stored verifier; the client proves that it did by a [`Claim`] under that key.
//! Both sides are here, so that the program's own client and its server cannot differ.
//!
//! Cognito's form is its own: numbers are hashed without their leading zeros but with a sign bit
//! (`group`), the key goes through an HKDF called "Caldera Derived Key", and the proof is
//! an HMAC over pool, user, secret block and time. The crate `srp` has none of the three; the
//! arithmetic is that of `crypto-bigint`, whose time does not depend on the numbers.

mod claim;
mod group;
mod stamp;

use aws_lc_rs::{
    digest::{Context, SHA256, digest},
    hkdf,
};
use crypto_bigint::{U256, U512};
use zeroize::{Zeroize as _, Zeroizing};

use self::group::{Element, base, element, padded, to_bytes};
pub use self::{
    claim::{Claim, SessionKey},
    group::{NUMBER_BYTES, PublicValue, number_text, read_number},
    stamp::{read_stamp, stamp},
};
use crate::ids::IdSource;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
/// Bytes of the secret exponent of either side: the 256 bits that RFC 5054 asks for at least.
pub const SECRET_BYTES: usize = 32;

/// Who signs in, in the words that are hashed.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    pool: &'a str,
    user: &'a str,
}

impl<'a> Person<'a> {
    /// The user `user` (`USER_ID_FOR_SRP`, on our server the subject) of the pool `pool_id`, of
    /// which only the part after the underscore counts.
    pub fn new(pool_id: &'a str, user: &'a str) -> Self {
        let pool = pool_id.split_once('_').map_or(pool_id, |(_, name)| name);
        Self { pool, user }
    }

    /// x = H(pad(salt) | H(pool, user, ":", password)).
    fn exponent(&self, password: &str, salt: &[u8]) -> U256 {
        let mut inner = Context::new(&SHA256);
        for part in [self.pool, self.user, ":", password] {
            inner.update(part.as_bytes());
        }
        let mut outer = Context::new(&SHA256);
        outer.update(&padded(salt));
        outer.update(inner.finish().as_ref());
        U256::from_be_slice(outer.finish().as_ref())
    }

    /// g^x mod N, big-endian: what a server keeps of a password, beside the salt.
    pub fn verifier(&self, password: &str, salt: &[u8]) -> Vec<u8> {
        let mut exponent = self.exponent(password, salt);
        let verifier = to_bytes(&base().pow(&exponent)).to_vec();
        exponent.zeroize();
        verifier
    }
}

/// The server's side of one sign-in: the verifier and a secret exponent `b`.
pub struct Server {
    verifier: Element,
    secret: U256,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server([redacted])")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.verifier.zeroize();
        self.secret.zeroize();
    }
}

impl Server {
    /// The side that knows `verifier`; `None` if that is no number of the group.
    pub fn new(verifier: &[u8], secret: &[u8; SECRET_BYTES]) -> Option<Self> {
        Some(Self {
            verifier: element(verifier)?,
            secret: U256::from_be_slice(secret),
        })
    }

    /// B = k v + g^b. One exponentiation.
    pub fn public(&self) -> PublicValue {
        PublicValue::of(&(multiplier() * self.verifier + base().pow(&self.secret)))
    }

    /// The key of a client that showed `client`: S = (A v^u)^b. Three exponentiations, with that of
    /// `B`.
    pub fn key(&self, client: &PublicValue) -> SessionKey {
        let scrambler = scrambler(client, &self.public());
        let shared = client.element() * self.verifier.pow(&scrambler);
        session_key(&scrambler, &shared.pow(&self.secret))
    }
}

/// The client's side of one sign-in: a secret exponent `a`, never used again.
pub struct Client {
    secret: U256,
    public: PublicValue,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client([redacted])")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Client {
    /// A side with a random secret.
    pub fn new(ids: &dyn IdSource) -> Self {
        let mut secret = Zeroizing::new([0_u8; SECRET_BYTES]);
        ids.fill(&mut *secret);
        Self::with_secret(&secret)
    }

    /// The side with this secret (test vectors; a secret that is used twice is none).
    pub fn with_secret(secret: &[u8; SECRET_BYTES]) -> Self {
        let secret = U256::from_be_slice(secret);
        let public = PublicValue::of(&base().pow(&secret));
        Self { secret, public }
    }

    /// A = g^a.
    pub const fn public(&self) -> &PublicValue {
        &self.public
    }

    /// The key, if `password` is the one behind the server's verifier: S = (B - k g^x)^(a + u x).
    ///
    /// That the scrambler `u` is not zero, for which RFC 5054 has a check, is left to SHA-256.
    pub fn key(
        &self,
        person: Person<'_>,
        password: &str,
        salt: &[u8],
        server: &PublicValue,
    ) -> SessionKey {
        let scrambler = scrambler(&self.public, server);
        let mut exponent = person.exponent(password, salt);
        let shared = server.element() - multiplier() * base().pow(&exponent);
        let mut product: U512 = scrambler.concatenating_mul(&exponent);
        let secret = shared.pow(&self.secret) * shared.pow(&product);
        exponent.zeroize();
        product.zeroize();
        session_key(&scrambler, &secret)
    }
}

/// k = H(pad(N) | pad(g)).
fn multiplier() -> Element {
    let mut hash = Context::new(&SHA256);
    hash.update(&padded(&group::modulus()));
    hash.update(&padded(&to_bytes(&base())));
    // A hash has 32 bytes: it is always below the modulus.
    element(hash.finish().as_ref()).unwrap_or(Element::ZERO)
}

/// u = H(pad(A) | pad(B)).
fn scrambler(client: &PublicValue, server: &PublicValue) -> U256 {
    let mut both = padded(&client.to_bytes());
    both.extend_from_slice(&padded(&server.to_bytes()));
    U256::from_be_slice(digest(&SHA256, &both).as_ref())
}

/// HKDF of S, salted with u: 16 bytes called "Caldera Derived Key".
fn session_key(scrambler: &U256, shared: &Element) -> SessionKey {
    struct Length;
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            claim::KEY_BYTES
        }
    }
    let salt = padded(scrambler.to_be_bytes().as_ref());
    let shared = Zeroizing::new(padded(&*Zeroizing::new(to_bytes(shared))));
    let mut key = Zeroizing::new([0_u8; claim::KEY_BYTES]);
    let filled = hkdf::Salt::new(hkdf::HKDF_SHA256, &salt)
        .extract(&shared)
        .expand(&[b"Caldera Derived Key"], Length)
        .and_then(|derived| derived.fill(&mut *key));
    debug_assert!(filled.is_ok(), "HKDF of 16 bytes cannot fail");
    SessionKey::new(key)
}
