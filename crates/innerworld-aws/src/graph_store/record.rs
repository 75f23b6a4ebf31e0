//! Records of a memory as items: a key in clear that says what it is, and the sealed rest. What waits
//! for a graph database is not sealed as a whole: its rows are, each in its field `sealed`.

use std::collections::BTreeMap;

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{IdSource, SessionId, TurnId},
    memory::{
        graph::{EdgeId, GraphDelta, NodeId},
        store::{EvidenceTurn, MemoryWrite, MentionList},
    },
    seal::{self, Seals},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::waiting;
use crate::{
    dynamo::Item,
    neptune::{patch, rows::TeenNumber, waiting::Piece},
    shared::SEALED,
};

/// Sealed bytes of one record at most.
const LARGEST: usize = 300_000;
/// When the text of a line of evidence ends, milliseconds since 1970; absent from a stub.
const TEXT_ENDS: &str = "text_ends";

/// What an item of a memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A node.
    Node,
    /// An edge. Each is an item of its own: a node may have thousands, and a session changes a few.
    Edge,
    /// A line of evidence, or the stub of one.
    Evidence,
    /// What one extractor found in one session.
    Mentions,
    /// What must not come back.
    Suppression,
    /// A piece of a patch that a graph database has not got yet.
    Waiting,
}

impl Kind {
    /// How its sort keys begin.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Node => "node#",
            Self::Edge => "edge#",
            Self::Evidence => "ev#",
            Self::Mentions => "mentions#",
            Self::Suppression => "suppression#",
            Self::Waiting => waiting::PREFIX,
        }
    }

    /// The name under which its records are sealed.
    const fn label(self) -> &'static str {
        match self {
            Self::Node => "memory/node",
            Self::Edge => "memory/edge",
            Self::Evidence => "memory/evidence",
            Self::Mentions => "memory/mentions",
            Self::Suppression => "memory/suppression",
            Self::Waiting => "memory/patch",
        }
    }

    /// Opens a record that lies at `key`.
    pub(super) fn open<T: DeserializeOwned>(
        self,
        seals: &Seals,
        (key, record): (&str, &Record),
    ) -> Result<T, PortError> {
        seals.open((self.label(), key.as_bytes()), &record.bytes)
    }
}

/// The sort key of a node.
fn node(id: NodeId) -> String {
    format!("{}{:032x}", Kind::Node.prefix(), id.0)
}

/// The sort key of an edge.
fn edge(id: EdgeId) -> String {
    format!("{}{:032x}", Kind::Edge.prefix(), id.0)
}

/// The sort key of a line of evidence. The id begins with its time, so that lines lie in order.
fn evidence(id: TurnId) -> String {
    format!("{}{id}", Kind::Evidence.prefix())
}

/// The sort key of a mention list.
fn mentions(session: SessionId, extractor: &str) -> String {
    format!("{}{session}#{extractor}", Kind::Mentions.prefix())
}

/// One item, but for its key.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The sealed record; of a piece of a patch, its rows.
    #[serde(with = "blob")]
    bytes: Vec<u8>,
    text_ends: Option<i64>,
    is_waiting: bool,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record([redacted])")
    }
}

impl Record {
    /// The record of an item.
    pub(super) fn of(item: &Item) -> Result<Self, PortError> {
        let is_waiting = item.has(waiting::ROWS);
        let bytes = item.bytes(if is_waiting { waiting::ROWS } else { SEALED })?;
        Ok(Self {
            bytes: bytes.to_vec(),
            text_ends: item.maybe_number(TEXT_ENDS)?,
            is_waiting,
        })
    }

    /// The record of a piece of a patch.
    pub(super) fn waiting(piece: &Piece) -> Result<Self, PortError> {
        Ok(Self {
            bytes: seal::encode(piece)?,
            text_ends: None,
            is_waiting: true,
        })
    }

    /// Whether it is a piece of a patch.
    pub(super) const fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// The piece of a patch that it is.
    pub(super) fn piece(&self) -> Result<Piece, PortError> {
        seal::decode(&self.bytes)
    }

    /// The item, without its key.
    pub(super) fn item(self) -> Item {
        let name = if self.is_waiting {
            waiting::ROWS
        } else {
            SEALED
        };
        let item = Item::new().with(name, self.bytes);
        match self.text_ends {
            Some(ends) => item.with(TEXT_ENDS, ends),
            None => item,
        }
    }

    /// About how many bytes the item has, beside its key.
    pub(super) const fn size(&self) -> usize {
        self.bytes.len() + 64
    }

    /// When its text ends; `None` if it has none.
    pub(super) const fn text_ends(&self) -> Option<i64> {
        self.text_ends
    }
}

/// Items to put, and `None` where one is to go, by sort key: laying them down twice leaves the
/// same.
pub(super) type Records = BTreeMap<String, Option<Record>>;

/// Makes [`Records`].
pub(super) struct Sealing<'a> {
    seals: &'a Seals,
    ids: &'a dyn IdSource,
    /// What was made so far.
    pub(super) records: Records,
}

impl<'a> Sealing<'a> {
    /// Nothing yet.
    pub(super) fn new(seals: &'a Seals, ids: &'a dyn IdSource) -> Self {
        Self {
            seals,
            ids,
            records: Records::new(),
        }
    }

    /// All that a write changes beside the graph. What it both deletes and puts is put.
    pub(super) fn beside_graph(&mut self, write: &MemoryWrite) -> Result<(), PortError> {
        self.delete_evidence(&write.delete_evidence);
        self.delete_mentions(&write.delete_mentions);
        for turn in &write.evidence {
            self.turn(turn)?;
        }
        for list in &write.mentions {
            self.list(list)?;
        }
        for one in &write.suppressions {
            let key = format!("{}{:032x}", Kind::Suppression.prefix(), one.id);
            self.put(Kind::Suppression, key, one)?;
        }
        Ok(())
    }

    /// What a delta changes, as items of nodes and edges.
    pub(super) fn delta(&mut self, delta: &GraphDelta) -> Result<(), PortError> {
        let nodes = delta.delete_nodes.iter().map(|id| (node(*id), None));
        let edges = delta.delete_edges.iter().map(|id| (edge(*id), None));
        self.records.extend(nodes.chain(edges));
        for one in &delta.put_nodes {
            self.put(Kind::Node, node(one.id), one)?;
        }
        for one in &delta.put_edges {
            self.put(Kind::Edge, edge(one.id), one)?;
        }
        Ok(())
    }

    /// What a delta changes, as pieces of a patch that waits since the write of this generation.
    pub(super) fn patch(
        &mut self,
        number: TeenNumber,
        generation: u64,
        delta: &GraphDelta,
    ) -> Result<(), PortError> {
        let seals = self.seals;
        let patch = patch::Records { number, seals }.seal(self.ids, delta)?;
        for (place, part) in patch.cut().into_iter().enumerate() {
            let record = Record::waiting(&Piece::Rows(part))?;
            let key = waiting::sort_key(generation, place);
            self.records.insert(key, Some(record));
        }
        Ok(())
    }

    /// Puts a line of evidence.
    pub(super) fn turn(&mut self, turn: &EvidenceTurn) -> Result<(), PortError> {
        let key = evidence(turn.id);
        let record = Record {
            bytes: self.seal(Kind::Evidence, &key, turn)?,
            text_ends: turn.text.as_ref().map(|_text| turn.expires_at.as_millis()),
            is_waiting: false,
        };
        self.records.insert(key, Some(record));
        Ok(())
    }

    /// Puts a mention list.
    pub(super) fn list(&mut self, list: &MentionList) -> Result<(), PortError> {
        let key = mentions(list.session, &list.extractor);
        self.put(Kind::Mentions, key, list)
    }

    /// Deletes lines of evidence.
    pub(super) fn delete_evidence(&mut self, ids: &[TurnId]) {
        let keys = ids.iter().map(|id| (evidence(*id), None));
        self.records.extend(keys);
    }

    /// Deletes mention lists.
    pub(super) fn delete_mentions(&mut self, lists: &[(SessionId, String)]) {
        let keys = lists.iter();
        let keys = keys.map(|(session, extractor)| (mentions(*session, extractor), None));
        self.records.extend(keys);
    }

    fn put<T: Serialize>(&mut self, kind: Kind, key: String, record: &T) -> Result<(), PortError> {
        let record = Record {
            bytes: self.seal(kind, &key, record)?,
            text_ends: None,
            is_waiting: false,
        };
        self.records.insert(key, Some(record));
        Ok(())
    }

    fn seal<T: Serialize>(&self, kind: Kind, key: &str, record: &T) -> Result<Vec<u8>, PortError> {
        let place = (kind.label(), key.as_bytes());
        let sealed = self.seals.seal(self.ids, place, record)?;
        if sealed.len() > LARGEST {
            return Err(PortError::new(
                ErrorKind::Invalid,
                "seal a record of a memory",
            ));
        }
        Ok(sealed)
    }
}

/// The id of the line of evidence that lies at a sort key.
pub(super) fn turn_of(key: &str) -> Result<TurnId, PortError> {
    let id = key
        .strip_prefix(Kind::Evidence.prefix())
        .unwrap_or_default();
    id.parse()
        .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, "read the id of a line", cause))
}

/// Bytes as bytes: `serde` takes a vector for a list of numbers, which is half as large again.
mod blob {
    use serde::{Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_byte_buf(Bytes)
    }

    struct Bytes;

    impl de::Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }
}
