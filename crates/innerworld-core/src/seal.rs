//! Sealing of personal records: one key per teen, AES-256-GCM, associated data that pins a record
//! to its place. Both runtimes store the same bytes.
//!
//! A sealed record is a version byte, a 96-bit random nonce, the ciphertext and a 16-byte tag.
//! The associated data names store, table, teen and row key, so a record cannot be swapped with
//! another, moved to another teen or replayed under another id.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    error::{ErrorKind, PortError},
    ids::{IdSource, TeenId},
};

const VERSION: u8 = 1;
/// Bytes that sealing adds to a record: version, nonce and tag.
pub const OVERHEAD: usize = 1 + NONCE_LEN + 16;

/// Where a sealed record lives; becomes the associated data.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Table, with its store: `live/turn`, `memory/node`.
    pub table: &'static str,
    /// Whose record it is.
    pub teen: TeenId,
    /// The row's primary key, in one fixed byte form per table.
    pub row: &'a [u8],
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.table.len() + 17 + self.row.len());
        data.extend_from_slice(self.table.as_bytes());
        data.push(0);
        data.extend_from_slice(&self.teen.to_bytes());
        data.extend_from_slice(self.row);
        data
    }
}

/// 256 random bits that all of one teen's sub-keys come from. Destroying it is erasing the teen.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TeenKey([u8; 32]);

impl std::fmt::Debug for TeenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl TeenKey {
    /// A fresh key.
    pub fn generate(ids: &dyn IdSource) -> Self {
        let mut bytes = [0; 32];
        ids.fill(&mut bytes);
        Self(bytes)
    }

    /// The key with these bytes (just unwrapped).
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for wrapping under the master key.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The sub-key that seals rows.
    pub fn sealer(&self) -> Result<Sealer, PortError> {
        Sealer::new(&self.derive(b"innerworld row sealing v1"))
    }

    /// The sub-key that makes record ids: deterministic for this teen, unlinkable without the key.
    pub fn namer(&self) -> Namer {
        Namer(self.derive(b"innerworld record ids v1"))
    }

    fn derive(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        // Expanding 32 bytes from a 32-byte key cannot fail; a zero key would be refused by the
        // round trip test, not silently used.
        let filled = hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
            .extract(&self.0)
            .expand(&[label], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut *out));
        debug_assert!(filled.is_ok(), "HKDF of 32 bytes cannot fail");
        out
    }
}

/// Makes the 128-bit ids of nodes, edges and assertions.
///
/// Holds the bare key: prepared for use it takes over a kilobyte, for every teen who is connected,
/// and preparing it takes less time than one read of a row.
#[derive(Clone)]
pub struct Namer(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Namer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Namer([redacted])")
    }
}

impl Namer {
    /// The first 128 bits of HMAC-SHA-256 over `parts`, each preceded by its length.
    pub fn id(&self, parts: &[&[u8]]) -> u128 {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*self.0));
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let mut bits = 0_u128;
        for byte in tag.as_ref().iter().take(16) {
            bits = (bits << 8) | u128::from(*byte);
        }
        bits
    }
}

/// Seals and opens records under one key.
///
/// Holds the bare key, as [`Namer`] does: a thousand prepared keys take half a megabyte, preparing
/// one takes a fraction of a microsecond.
pub struct Sealer(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}

impl Sealer {
    /// A sealer under these 32 bytes.
    pub fn new(key: &[u8; 32]) -> Result<Self, PortError> {
        let sealer = Self(Zeroizing::new(*key));
        sealer.prepared().map(|_usable| sealer)
    }

    fn prepared(&self) -> Result<LessSafeKey, PortError> {
        UnboundKey::new(&AES_256_GCM, &*self.0)
            .map(LessSafeKey::new)
            .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, "set up a key", cause))
    }

    /// Seals `plain` for `place`.
    pub fn seal(
        &self,
        ids: &dyn IdSource,
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, PortError> {
        self.seal_bytes(ids, &place.associated_data(), plain)
    }

    /// Opens what [`Sealer::seal`] made for the same `place`.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, PortError> {
        self.open_bytes(&place.associated_data(), sealed)
    }

    /// Seals `plain` with associated data that is not a teen's row (key wrapping).
    pub fn seal_bytes(
        &self,
        ids: &dyn IdSource,
        associated: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, PortError> {
        let mut nonce = [0; NONCE_LEN];
        ids.fill(&mut nonce);
        let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        self.prepared()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated),
                &mut body,
            )
            .map_err(|cause| PortError::with_source(ErrorKind::Invalid, "seal a record", cause))?;
        out.append(&mut body);
        Ok(out)
    }

    /// Opens what [`Sealer::seal_bytes`] made.
    pub fn open_bytes(&self, associated: &[u8], sealed: &[u8]) -> Result<Vec<u8>, PortError> {
        let corrupt = || PortError::new(ErrorKind::Corrupt, "open a sealed record");
        let (version, rest) = sealed.split_first().ok_or_else(corrupt)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(corrupt)?;
        if *version != VERSION {
            return Err(corrupt());
        }
        let mut body = body.to_vec();
        let length = self
            .prepared()?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(associated),
                &mut body,
            )
            .map_err(|cause| {
                PortError::with_source(ErrorKind::Corrupt, "open a sealed record", cause)
            })?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

/// What sealing and opening one teen's records needs. The teen's key itself is gone from memory once
/// the two sub-keys are made; they are zeroised when the last user drops them.
#[derive(Debug)]
pub struct Seals {
    teen: TeenId,
    sealer: Sealer,
    namer: Namer,
}

impl Seals {
    /// The seals that come from a teen's key.
    pub fn new(teen: TeenId, key: &TeenKey) -> Result<Self, PortError> {
        Ok(Self {
            teen,
            sealer: key.sealer()?,
            namer: key.namer(),
        })
    }

    /// Whose.
    pub const fn teen(&self) -> TeenId {
        self.teen
    }

    /// Seals a record for its row: `table` is `live/turn`, `row` the primary key in fixed form.
    pub fn seal<T: Serialize>(
        &self,
        ids: &dyn IdSource,
        (table, row): (&'static str, &[u8]),
        record: &T,
    ) -> Result<Vec<u8>, PortError> {
        let teen = self.teen;
        let plain = Zeroizing::new(encode(record)?);
        self.sealer.seal(ids, Place { table, teen, row }, &plain)
    }

    /// Opens what [`Seals::seal`] made for the same row.
    pub fn open<T: DeserializeOwned>(
        &self,
        (table, row): (&'static str, &[u8]),
        sealed: &[u8],
    ) -> Result<T, PortError> {
        let teen = self.teen;
        let plain = self.sealer.open(Place { table, teen, row }, sealed)?;
        decode(&Zeroizing::new(plain))
    }

    /// Makes the teen's record ids.
    pub const fn namer(&self) -> &Namer {
        &self.namer
    }
}

/// Writes a record in the one format of all sealed records: `MessagePack` with field names, so
/// that a later version may add fields.
pub fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, PortError> {
    rmp_serde::to_vec_named(record)
        .map_err(|cause| PortError::with_source(ErrorKind::Invalid, "encode a record", cause))
}

/// Reads what [`encode`] wrote; unknown fields are ignored.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PortError> {
    rmp_serde::from_slice(bytes)
        .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, "decode a record", cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counter(std::sync::atomic::AtomicU8);

    impl IdSource for Counter {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn t06_a_record_opens_only_in_its_place() {
        let ids = Counter(1.into());
        let sealer = TeenKey::generate(&ids).sealer().unwrap();
        let teen = TeenId::from_subject_bits(7);
        let place = Place {
            table: "live/turn",
            teen,
            row: b"1",
        };
        let sealed = sealer.seal(&ids, place, b"words").unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(sealer.open(place, &sealed).unwrap(), b"words");
        let elsewhere = [
            Place { row: b"2", ..place },
            Place {
                table: "live/event",
                ..place
            },
            Place {
                teen: TeenId::from_subject_bits(8),
                ..place
            },
        ];
        for other in elsewhere {
            assert_eq!(
                sealer.open(other, &sealed).unwrap_err().kind(),
                ErrorKind::Corrupt
            );
        }
        for cut in 0..sealed.len() {
            assert!(sealer.open(place, &sealed[..cut]).is_err());
        }
        let other_key = TeenKey::generate(&ids).sealer().unwrap();
        assert!(other_key.open(place, &sealed).is_err());
    }

    #[test]
    fn ids_depend_on_key_and_on_part_borders() {
        let ids = Counter(1.into());
        let namer = TeenKey::generate(&ids).namer();
        assert_eq!(namer.id(&[b"ab", b"c"]), namer.id(&[b"ab", b"c"]));
        assert_ne!(namer.id(&[b"ab", b"c"]), namer.id(&[b"a", b"bc"]));
        assert_ne!(
            namer.id(&[b"ab"]),
            TeenKey::generate(&ids).namer().id(&[b"ab"])
        );
    }
}
