//! Identifiers, and the port that makes them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Timestamp;

/// A text that is not a valid identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The identifier with these 128 bits.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }

            /// Its 128 bits.
            pub const fn bits(self) -> u128 {
                self.0
            }

            /// The millisecond in which it was made.
            pub fn made_at(self) -> Timestamp {
                // 48 bits: they always fit.
                Timestamp::from_millis(i64::try_from(self.0 >> 80).unwrap_or(i64::MAX))
            }

            /// Its sixteen bytes, big-endian: byte order is time order.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }

            /// The identifier with these sixteen bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(u128::from_be_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&ulid::Ulid(self.0), f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Reads 26 upper-case Crockford characters, as the wire writes them.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_ulid(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

ulid_id!(
    /// A time-boxed talk.
    SessionId
);
ulid_id!(
    /// One message and its answer. Also the id of the evidence turns made from it.
    TurnId
);
ulid_id!(
    /// A client's message: its idempotency key inside the session.
    MessageId
);
ulid_id!(
    /// A safety event, the same after a resend, a crash and a replay.
    EventId
);
ulid_id!(
    /// A request, shown to clients and written to logs.
    RequestId
);
ulid_id!(
    /// A live socket.
    ConnectionId
);
ulid_id!(
    /// A call to a model, in the usage ledger.
    CallId
);
ulid_id!(
    /// A journal entry, made by the client.
    JournalId
);
ulid_id!(
    /// An export job.
    ExportId
);

fn parse_ulid(text: &str) -> Result<u128, InvalidId> {
    // 26 characters carry 130 bits: a first character above 7 would overflow unnoticed.
    let canonical = text.len() == 26
        && text.bytes().next().is_some_and(|first| first <= b'7')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if !canonical {
        return Err(InvalidId);
    }
    ulid::Ulid::from_string(text)
        .map(|id| id.0)
        .map_err(|_letter| InvalidId)
}

/// The signed-in person: the identity provider's subject (`sub`, a UUID).
///
/// It comes out of a verified token, or out of a stored row that a verified token once made;
/// never out of a request's body, query or frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TeenId(u128);

impl TeenId {
    /// The subject of a token whose signature and claims were checked, or of a stored row.
    pub const fn from_subject_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Reads the subject of a verified token: a hyphenated UUID.
    pub fn from_verified_subject(sub: &str) -> Result<Self, InvalidId> {
        let hyphens = [8_usize, 13, 18, 23];
        if sub.len() != 36 {
            return Err(InvalidId);
        }
        let mut bits = 0_u128;
        for (position, byte) in sub.bytes().enumerate() {
            if hyphens.contains(&position) {
                if byte != b'-' {
                    return Err(InvalidId);
                }
                continue;
            }
            let digit = char::from(byte).to_digit(16).ok_or(InvalidId)?;
            bits = (bits << 4) | u128::from(digit);
        }
        Ok(Self(bits))
    }

    /// The 128 bits of the UUID.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The sixteen bytes of the UUID, as stores key by it.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The teen with these sixteen bytes (from a stored row).
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for TeenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        write!(
            f,
            "{}-{}-{}-{}-{}",
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32)
        )
    }
}

impl fmt::Debug for TeenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TeenId({self})")
    }
}

impl Serialize for TeenId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TeenId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_verified_subject(&text).map_err(serde::de::Error::custom)
    }
}

/// Port: new identifiers and random bytes.
pub trait IdSource: Send + Sync {
    /// Fills `buffer` with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// 128 fresh bits of a ULID made at `now`: 48 bits of time, 80 random bits.
    fn ulid(&self, now: Timestamp) -> u128 {
        let mut random = [0_u8; 16];
        self.fill(&mut random);
        let millis = u128::from(u64::try_from(now.as_millis()).unwrap_or(0)) & 0xFFFF_FFFF_FFFF;
        (millis << 80) | (u128::from_be_bytes(random) & ((1_u128 << 80) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_round_trips_and_rejects_other_forms() {
        let text = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(
            TeenId::from_verified_subject(text).unwrap().to_string(),
            text
        );
        for wrong in [
            "",
            "0f8fad5bd9cb469fa16570867728950e",
            "0f8fad5b-d9cb-469f-a165-70867728950g",
        ] {
            assert_eq!(TeenId::from_verified_subject(wrong), Err(InvalidId));
        }
    }

    #[test]
    fn ulids_are_read_in_canonical_form_only() {
        let id = SessionId::from_bits(42);
        assert_eq!(id.to_string().parse::<SessionId>(), Ok(id));
        assert_eq!(
            "01jd8q2v7m3s9t0n5xkz4b6cre".parse::<SessionId>(),
            Err(InvalidId)
        );
        assert_eq!("Z".repeat(26).parse::<SessionId>(), Err(InvalidId));
    }
}
