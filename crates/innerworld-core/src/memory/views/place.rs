//! The order of a list, and the cursor that names a place in it.

use std::cmp::Reverse;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::Item;
use crate::{
    error::{ErrorKind, PortError},
    memory::{
        Target,
        graph::{EdgeId, NodeId},
    },
};

/// An item's place in its list: newest first, then one fixed order. The cursor holds nothing else,
/// so it tells no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    at: Reverse<i64>,
    rank: u8,
    id: u128,
}

impl Place {
    pub(super) fn of(item: &Item) -> Self {
        let (rank, id) = match item.target {
            Target::Turn(turn) => (0, turn.bits()),
            Target::Node(NodeId(bits)) => (1, bits),
            Target::Fact(EdgeId(bits)) if item.kind == "ended" => (2, bits),
            Target::Fact(EdgeId(bits)) => (3, bits),
        };
        Self {
            at: Reverse(item.last_seen.as_millis()),
            rank,
            id,
        }
    }

    pub(super) fn to_cursor(self) -> String {
        let mut bytes = Vec::with_capacity(25);
        bytes.extend_from_slice(&self.at.0.to_be_bytes());
        bytes.push(self.rank);
        bytes.extend_from_slice(&self.id.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(super) fn parse(cursor: &str) -> Result<Self, PortError> {
        let invalid = || PortError::new(ErrorKind::Invalid, "read the cursor");
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| <[u8; 25]>::try_from(bytes).ok())
            .ok_or_else(invalid)?;
        let (at, rest) = bytes.split_first_chunk::<8>().ok_or_else(invalid)?;
        let (rank, id) = rest.split_first().ok_or_else(invalid)?;
        let id = <[u8; 16]>::try_from(id).map_err(|_length| invalid())?;
        Ok(Self {
            at: Reverse(i64::from_be_bytes(*at)),
            rank: *rank,
            id: u128::from_be_bytes(id),
        })
    }
}
