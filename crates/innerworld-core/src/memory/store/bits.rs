//! 128 bits of a record: hexadecimal where people read, since JSON has no such numbers; in stored
//! records as they are.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub(super) fn serialize<S: Serializer>(bits: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(&format_args!("{bits:032x}"))
    } else {
        serializer.serialize_u128(*bits)
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    if !deserializer.is_human_readable() {
        return u128::deserialize(deserializer);
    }
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    u128::from_str_radix(&text, 16).map_err(D::Error::custom)
}

/// The same, where there may be none.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Bits(#[serde(with = "super")] u128);

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(in super::super) fn serialize<S: Serializer>(
        bits: &Option<u128>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bits.map(Bits).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u128>, D::Error> {
        Ok(Option::<Bits>::deserialize(deserializer)?.map(|Bits(bits)| bits))
    }
}
