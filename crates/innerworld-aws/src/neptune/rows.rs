//! Records of the graph as the database sees them: kinds, times, weight, topology, and one sealed
//! text with everything else.

mod ids;
mod step;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::SessionId,
    memory::{
        graph::{Edge, EdgeId, Node, NodeId},
        ontology::{EdgeKind, NodeKind},
    },
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

pub use self::{ids::TeenNumber, step::Step};
use super::engine::Row;

/// The end of an interval that is open, in seconds: the last second of the year 9999, since a
/// property cannot be null.
pub const OPEN: i64 = 253_402_300_799;

/// The sealed rest of a record, in base64. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// The form in which sealed bytes are stored.
    pub fn new(bytes: &[u8]) -> Self {
        Self(STANDARD.encode(bytes))
    }

    /// Characters of its stored form.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was sealed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sealed bytes; `Corrupt` where the text is no base64.
    pub fn bytes(&self) -> Result<Vec<u8>, PortError> {
        STANDARD.decode(&self.0).map_err(|cause| {
            PortError::with_source(ErrorKind::Corrupt, "read a sealed record", cause)
        })
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[sealed]")
    }
}

/// A node as stored. Times are whole seconds since 1970, rounded down: the sealed record has them
/// exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeRow {
    /// Its id.
    #[serde(rename = "nid")]
    pub id: NodeId,
    /// Its kind.
    pub kind: NodeKind,
    /// First turn that mentions it.
    pub first_seen: i64,
    /// Last turn that mentions it; retention counts from here.
    pub last_seen: i64,
    /// Distinct turns that mention it: what is spoken of more is read first.
    pub weight: u32,
    /// The whole record.
    pub sealed: Sealed,
}

impl NodeRow {
    /// What may be read of `node`, beside its sealed record.
    pub fn new(node: &Node, sealed: Sealed) -> Self {
        Self {
            id: node.id,
            kind: node.kind,
            first_seen: node.first_seen.as_seconds(),
            last_seen: node.last_seen.as_seconds(),
            weight: node.support,
            sealed,
        }
    }

    /// Its element in the parameter `rows`.
    pub(super) fn parameter(&self, teen: TeenNumber) -> Result<Value, PortError> {
        let mut row = to_row(self)?;
        row.insert("id".to_owned(), teen.node(self.id).into());
        Ok(Value::Object(row))
    }

    /// Reads it from a page.
    pub fn read(row: Row) -> Result<Self, PortError> {
        from_row(row)
    }
}

/// An edge as stored; times as of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgeRow {
    /// Its id.
    #[serde(rename = "eid")]
    pub id: EdgeId,
    /// Its kind.
    pub kind: EdgeKind,
    /// Where it starts.
    pub source: NodeId,
    /// Where it ends.
    pub target: NodeId,
    /// Start of the last interval.
    pub valid_from: i64,
    /// Its end; `None` while it holds.
    #[serde(serialize_with = "write_end", deserialize_with = "read_end")]
    pub valid_until: Option<i64>,
    /// When the newest assertion was written down.
    pub recorded_at: i64,
    /// When it was last spoken of; retention counts from here.
    pub last_seen: i64,
    /// The session of the newest assertion.
    pub session: SessionId,
    /// 0 to 1.
    pub confidence: f32,
    /// The whole record.
    pub sealed: Sealed,
}

impl EdgeRow {
    /// What may be read of `edge`, beside its sealed record. An edge that nothing asserts belongs
    /// to no session; `Invalid`, as the domain has none.
    pub fn new(edge: &Edge, sealed: Sealed) -> Result<Self, PortError> {
        let newest = edge.log.iter().max_by_key(|one| (one.recorded_at, one.id));
        let newest =
            newest.ok_or_else(|| PortError::new(ErrorKind::Invalid, "store an empty edge"))?;
        let confidence = Some(edge.confidence).filter(|value| value.is_finite());
        Ok(Self {
            id: edge.id,
            kind: edge.kind,
            source: edge.from,
            target: edge.to,
            valid_from: edge.valid_from.as_seconds(),
            valid_until: edge.valid_until.map(end),
            recorded_at: edge.recorded_at.as_seconds(),
            last_seen: edge.last_seen.as_seconds(),
            session: newest.session,
            confidence: confidence.unwrap_or_default(),
            sealed,
        })
    }

    /// Its element in the parameter `rows`: the ends as the database knows them.
    pub(super) fn parameter(&self, teen: TeenNumber) -> Result<Value, PortError> {
        let mut row = to_row(self)?;
        row.insert("id".to_owned(), teen.edge(self.id).into());
        row.insert("source".to_owned(), teen.node(self.source).into());
        row.insert("target".to_owned(), teen.node(self.target).into());
        Ok(Value::Object(row))
    }

    /// Reads it from a page.
    pub fn read(row: Row) -> Result<Self, PortError> {
        from_row(row)
    }
}

/// Another end for an edge, with the record that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Which edge.
    pub id: EdgeId,
    /// When it stopped holding.
    pub valid_until: Timestamp,
    /// When that was written down.
    pub recorded_at: Timestamp,
    /// The whole record after it.
    pub sealed: Sealed,
}

impl Closing {
    /// Its element in the parameter `rows`.
    pub(super) fn parameter(&self, teen: TeenNumber) -> Value {
        serde_json::json!({
            "id": teen.edge(self.id),
            "valid_until": end(self.valid_until),
            "recorded_at": self.recorded_at.as_seconds(),
            "sealed": self.sealed.0,
        })
    }
}

/// An end in seconds that is never taken for an open one.
fn end(at: Timestamp) -> i64 {
    at.as_seconds().min(OPEN - 1)
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn write_end<S: Serializer>(until: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(until.unwrap_or(OPEN))
}

fn read_end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    i64::deserialize(deserializer).map(|until| Some(until).filter(|until| *until < OPEN))
}

fn to_row<T: Serialize>(record: &T) -> Result<Row, PortError> {
    const OPERATION: &str = "write a graph row";
    match serde_json::to_value(record) {
        Ok(Value::Object(row)) => Ok(row),
        Ok(_other) => Err(PortError::new(ErrorKind::Invalid, OPERATION)),
        Err(cause) => Err(PortError::with_source(ErrorKind::Invalid, OPERATION, cause)),
    }
}

/// What serde says about a bad row may quote it, so the cause says only where it failed.
fn from_row<T: DeserializeOwned>(row: Row) -> Result<T, PortError> {
    serde_json::from_value(Value::Object(row))
        .map_err(|_quotes| PortError::new(ErrorKind::Corrupt, "read a graph row"))
}
