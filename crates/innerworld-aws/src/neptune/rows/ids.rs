//! Ids inside the graph database: `<teen number>.<record id>`.

use innerworld_core::memory::graph::{EdgeId, NodeId};
use serde::{Deserialize, Serialize};

/// A teen inside the graph: a random number that stands nowhere else but in the teen's profile
/// row, so that the graph alone says nothing about whom it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct TeenNumber(i64);

impl TeenNumber {
    /// The number; `None` for one that is not positive, which no profile has.
    pub const fn new(number: i64) -> Option<Self> {
        if number > 0 { Some(Self(number)) } else { None }
    }

    /// It as a property.
    pub const fn value(self) -> i64 {
        self.0
    }

    /// `~id` of a node: the same for the same record in every replay.
    pub fn node(self, id: NodeId) -> String {
        format!("{}.{:032x}", self.0, id.0)
    }

    /// `~id` of an edge.
    pub fn edge(self, id: EdgeId) -> String {
        format!("{}.{:032x}", self.0, id.0)
    }
}

impl TryFrom<i64> for TeenNumber {
    type Error = &'static str;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("a teen's number is positive")
    }
}

impl From<TeenNumber> for i64 {
    fn from(number: TeenNumber) -> Self {
        number.0
    }
}
