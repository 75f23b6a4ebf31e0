//! The redo log: a change in pieces, `redo#<revision>#<attempt>#<n>`, where the revision is the one
//! at which the manifest would name it.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
    seal,
};
use sha2::{Digest as _, Sha256};

use super::record::{Record, Records};
use crate::dynamo::{Item, Key, Table};

/// How the sort keys of pieces begin.
pub(super) const PREFIX: &str = "redo#";
/// Bytes of a piece at most, unless one record alone has more: an item may have 400 KB.
const FULL: usize = 300_000;
/// Pieces of a change at most: their hashes must fit into the manifest.
const MOST: usize = 1_000;
/// The attribute that holds the records. They are sealed one by one, so that laying them down needs
/// no key.
const RECORDS: &str = "records";

/// One piece, encoded.
pub(super) struct Piece {
    /// Its SHA-256.
    pub(super) hash: [u8; 32],
    bytes: Vec<u8>,
}

impl Piece {
    /// The item, without its key.
    pub(super) fn into_item(self) -> Item {
        Item::new().with(RECORDS, self.bytes)
    }
}

/// Where a piece lies.
pub(super) fn key(teen: TeenId, (revision, attempt): (u64, &str), number: usize) -> Key {
    let item = format!("{PREFIX}{revision:020}#{attempt}#{number:04}");
    Key::teen(Table::Memory, teen, item)
}

/// The revision that a piece's sort key names; `None` if it names none.
pub(super) fn revision_of(key: &str) -> Option<u64> {
    let rest = key.strip_prefix(PREFIX)?;
    rest.split('#').next()?.parse().ok()
}

/// Cuts records into pieces.
pub(super) fn cut(records: Records) -> Result<Vec<Piece>, PortError> {
    let mut pieces = Vec::new();
    let mut lines: Vec<(String, Option<Record>)> = Vec::new();
    let mut size = 0;
    for (key, record) in records {
        let one = key.len() + record.as_ref().map_or(0, Record::size);
        if size + one > FULL && !lines.is_empty() {
            pieces.push(piece(&std::mem::take(&mut lines))?);
            size = 0;
        }
        size += one;
        lines.push((key, record));
    }
    if !lines.is_empty() {
        pieces.push(piece(&lines)?);
    }
    if pieces.len() > MOST {
        return Err(PortError::new(
            ErrorKind::Invalid,
            "cut a change into pieces",
        ));
    }
    Ok(pieces)
}

fn piece(lines: &[(String, Option<Record>)]) -> Result<Piece, PortError> {
    let bytes = seal::encode(&lines)?;
    let hash = Sha256::digest(&bytes).into();
    Ok(Piece { hash, bytes })
}

/// The records of a piece, which must be the one that the manifest names.
pub(super) fn read(item: &Item, hash: &[u8; 32]) -> Result<Records, PortError> {
    let bytes = item.bytes(RECORDS)?;
    let found: [u8; 32] = Sha256::digest(bytes).into();
    if found != *hash {
        return Err(PortError::new(
            ErrorKind::Corrupt,
            "read a piece of a change",
        ));
    }
    let lines: Vec<(String, Option<Record>)> = seal::decode(bytes)?;
    Ok(lines.into_iter().collect())
}
