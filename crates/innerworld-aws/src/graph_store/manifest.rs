//! The item `recall`: what is true of a memory. Everything else in the partition follows it.

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    hex,
    ids::TeenId,
};

use super::due::Due;
use crate::{
    dynamo::{Condition, Item, Key, Table, Write},
    shared::SEALED,
};

/// Sort key of the item.
const RECALL: &str = "recall";
const REVISION: &str = "revision";
const GENERATION: &str = "generation";
/// The logged change that is being laid down, or [`ERASE`].
const PENDING: &str = "pending";
/// The hashes of its pieces, one after the other.
const PIECES: &str = "pieces";
const TEXT_DUE: &str = "text_due";
const GRAPH_DUE: &str = "graph_due";
/// Stands for a change that deletes everything.
const ERASE: &str = "erase";

/// What is true of a memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    /// Counts every change of this item; 0 if it is not there.
    pub(super) revision: u64,
    /// The port's generation.
    pub(super) generation: u64,
    /// The sealed digest.
    pub(super) digest: Option<Vec<u8>>,
    /// What is true already and still has to be laid down on the items.
    pub(super) pending: Option<Pending>,
    /// When retention looks at this memory next.
    pub(super) due: Due,
}

/// What readers lay over the items, and writers finish first.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    /// A change in the redo log, in pieces.
    Logged {
        /// Whose pieces: another try for the same revision has another name.
        attempt: String,
        /// SHA-256 of each piece.
        hashes: Vec<[u8; 32]>,
    },
    /// Everything is gone.
    Erase,
}

impl Manifest {
    /// What an item says.
    pub(super) fn of(item: &Item) -> Result<Self, PortError> {
        let digest = item.has(SEALED).then(|| item.bytes(SEALED));
        let pending = match item.maybe_text(PENDING)? {
            None => None,
            Some(ERASE) => Some(Pending::Erase),
            Some(attempt) => Some(Pending::Logged {
                attempt: attempt.to_owned(),
                hashes: hashes(item.bytes(PIECES)?)?,
            }),
        };
        let instant = |name| -> Result<_, PortError> {
            let millis: Option<i64> = item.maybe_number(name)?;
            Ok(millis.map(Timestamp::from_millis))
        };
        Ok(Self {
            revision: item.number(REVISION)?,
            generation: item.number(GENERATION)?,
            digest: digest.transpose()?.map(<[u8]>::to_vec),
            pending,
            due: Due {
                text: instant(TEXT_DUE)?,
                graph: instant(GRAPH_DUE)?,
            },
        })
    }

    /// The same one revision later, with nothing pending.
    pub(super) fn next(&self) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            pending: None,
            ..self.clone()
        }
    }

    /// Puts this manifest if `before` is still the stored one.
    pub(super) fn put(&self, teen: TeenId, before: &Self) -> Write {
        Write::Put(key(teen), self.item(), Some(before.is_stored()))
    }

    /// Holds while this manifest is the stored one.
    pub(super) fn check(&self, teen: TeenId) -> Write {
        Write::Check(key(teen), self.is_stored())
    }

    fn is_stored(&self) -> Condition {
        if self.revision == 0 {
            Condition::Absent("user_id")
        } else {
            Condition::Is(REVISION, self.revision.into())
        }
    }

    fn item(&self) -> Item {
        let mut item = Item::new()
            .with(REVISION, self.revision)
            .with(GENERATION, self.generation);
        if let Some(digest) = &self.digest {
            item = item.with(SEALED, digest.clone());
        }
        match &self.pending {
            None => {}
            Some(Pending::Erase) => item = item.with(PENDING, ERASE),
            Some(Pending::Logged { attempt, hashes }) => {
                item = item
                    .with(PENDING, attempt.as_str())
                    .with(PIECES, hashes.concat());
            }
        }
        for (name, instant) in [(TEXT_DUE, self.due.text), (GRAPH_DUE, self.due.graph)] {
            if let Some(instant) = instant {
                item = item.with(name, instant.as_millis());
            }
        }
        item
    }
}

/// Where a teen's manifest lies.
pub(super) fn key(teen: TeenId) -> Key {
    Key::teen(Table::Memory, teen, RECALL)
}

/// Under which label and key the digest is sealed.
pub(super) const DIGEST: (&str, &[u8]) = ("memory/recall", RECALL.as_bytes());

/// A name that no other try has.
pub(super) fn attempt(random: [u8; 16]) -> String {
    hex::encode(&random)
}

fn hashes(bytes: &[u8]) -> Result<Vec<[u8; 32]>, PortError> {
    match bytes.as_chunks() {
        (hashes, []) => Ok(hashes.to_vec()),
        _ => Err(PortError::new(ErrorKind::Corrupt, "read a manifest")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_put() {
        let pending = [
            None,
            Some(Pending::Erase),
            Some(Pending::Logged {
                attempt: attempt([7; 16]),
                hashes: vec![[1; 32], [2; 32]],
            }),
        ];
        for pending in pending {
            let manifest = Manifest {
                revision: 3,
                generation: 2,
                digest: Some(vec![1, 2]),
                pending,
                due: Due {
                    text: None,
                    graph: Some(Timestamp::from_millis(-5)),
                },
            };
            let read = Manifest::of(&manifest.item()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{manifest:?}"));
        }
        let cut = Item::new()
            .with(REVISION, 1_u64)
            .with(GENERATION, 1_u64)
            .with(PENDING, "x")
            .with(PIECES, vec![0_u8; 33]);
        assert_eq!(Manifest::of(&cut).unwrap_err().kind(), ErrorKind::Corrupt);
    }
}
