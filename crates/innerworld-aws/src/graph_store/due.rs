//! When retention looks at a memory: two items of the table `teens`, which lie in partitions of
//! their own of its index, since one is compared with the present and the other with the past.

use innerworld_core::{clock::Timestamp, ids::TeenId, memory::store::MemoryWrite};

use crate::dynamo::{Index, Item, Key, Query, Range, Table, Write};

/// Partitions of the index for each of the two.
pub(super) const SHARDS: u128 = 8;
/// Teens that one look at one partition finds at most.
const TEENS: usize = 250;

/// When retention looks at a memory next. The manifest holds it, and the two items say the same:
/// they are written in one commit with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// When the first text ends, or what a crash may have left is to be put in order.
    pub(super) text: Option<Timestamp>,
    /// The oldest instant that retention of the graph compares with its mark.
    pub(super) graph: Option<Timestamp>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retention {
    /// Texts.
    Text,
    /// Nodes, edges, and what hangs on them.
    Graph,
}

impl Due {
    /// The earlier of both, each for itself.
    pub(super) fn meet(self, other: Self) -> Self {
        Self {
            text: earlier(self.text, other.text),
            graph: earlier(self.graph, other.graph),
        }
    }

    /// When what a write puts becomes due.
    pub(super) fn of(write: &MemoryWrite) -> Self {
        let delta = &write.delta;
        let (texts, stubs): (Vec<_>, Vec<_>) =
            write.evidence.iter().partition(|turn| turn.text.is_some());
        let nodes = delta.put_nodes.iter().map(|node| node.last_seen);
        let edges = delta.put_edges.iter().map(|edge| edge.last_seen);
        let lists = write.mentions.iter().map(|list| list.session_started_at);
        let stubs = stubs.into_iter().map(|turn| turn.said_at);
        Self {
            text: texts.into_iter().map(|turn| turn.expires_at).min(),
            graph: nodes.chain(edges).chain(lists).chain(stubs).min(),
        }
    }

    /// What makes the two items say this, if they say `before`.
    pub(super) fn writes(self, teen: TeenId, before: Self) -> Vec<Write> {
        let both = [
            (Retention::Text, before.text, self.text),
            (Retention::Graph, before.graph, self.graph),
        ];
        let changed = both.into_iter().filter(|(_, before, now)| before != now);
        changed
            .map(|(retention, _, now)| {
                let key = Key::teen(Table::Teens, teen, retention.item());
                match now {
                    None => Write::Delete(key, None),
                    Some(at) => {
                        let item = Item::new()
                            .with("sweep_shard", retention.shard(teen.bits() % SHARDS))
                            .with("sweep_at", at.as_millis());
                        Write::Put(key, item, None)
                    }
                }
            })
            .collect()
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

impl Retention {
    const fn item(self) -> &'static str {
        match self {
            Self::Text => "retention#text",
            Self::Graph => "retention#graph",
        }
    }

    fn shard(self, number: u128) -> String {
        match self {
            Self::Text => format!("text-{number}"),
            Self::Graph => format!("graph-{number}"),
        }
    }

    /// Whose memory may be due at `last`, in one partition. The index may lag: the manifest decides.
    pub(super) fn due(self, number: u128, last: Timestamp) -> Query {
        Query::of(Table::Teens, self.shard(number))
            .through(Index::Sweep)
            .range(Range::UpTo(last.as_millis().into()))
            .limit(TEENS)
    }
}
