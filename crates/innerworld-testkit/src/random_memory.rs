//! Random histories of a memory, for a store and the plainest one there is: both must tell the same.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    error::ErrorKind,
    ids::{SessionId, TeenId},
    memory::{
        graph::{Edge, Node},
        ontology::NodeKind,
        store::{Applied, EvidenceTurn, GraphStore, Horizon, MemoryWrite},
    },
};
use proptest::prelude::*;

use crate::records::{NOW, Records};

/// Things of each kind that histories are made of.
const POOL: usize = 6;
/// Lines that make a write too large for one commit of DynamoDB.
const BULK: u32 = 100;
const NEVER: Timestamp = Timestamp::from_millis(0);

/// What one step asks for. Bit n of a set stands for the nth thing of the pool.
#[derive(Clone, Debug)]
pub enum Ask {
    /// A write.
    Write {
        /// Of which session.
        session: usize,
        /// Version of the extractor; 0 marks nothing as applied.
        version: u8,
        /// Whether it was computed for another generation than the stored one.
        stale: bool,
        /// Whether it is large.
        bulk: bool,
        /// What it puts and deletes.
        sets: [u8; 8],
    },
    /// Everything of the memory goes.
    EraseMemory,
    /// Retention, so many seconds after the records begin.
    Expire {
        /// Seconds.
        after_s: u64,
    },
}

/// Any of them.
pub fn asks() -> impl Strategy<Value = Ask> {
    let write = (
        0..POOL,
        0..3_u8,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.4),
        any::<[u8; 8]>(),
    )
        .prop_map(|(session, version, stale, bulk, sets)| Ask::Write {
            session,
            version,
            stale,
            bulk,
            sets,
        });
    prop_oneof![
        12 => write,
        1 => Just(Ask::EraseMemory),
        2 => (0..8_u64).prop_map(|after_s| Ask::Expire { after_s }),
    ]
}

/// What histories are made of: a few teens, sessions and things.
#[derive(Debug)]
pub struct Pool {
    records: Records,
    teens: Vec<TeenId>,
    sessions: Vec<SessionId>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    evidence: Vec<EvidenceTurn>,
    bulk: Vec<EvidenceTurn>,
}

fn chosen<T: Clone>(things: &[T], set: u8) -> Vec<T> {
    let places = things.iter().enumerate();
    let in_set = places.filter(|(place, _)| set & (1 << place) != 0);
    in_set.map(|(_, thing)| thing.clone()).collect()
}

impl Pool {
    /// The same in every test.
    pub fn made() -> Self {
        let records = Records::named("random_memory");
        let sessions: Vec<_> = (0_u64..6).map(|n| records.session_id(n)).collect();
        let nodes: Vec<_> = (0..POOL)
            .map(|n| records.node(NodeKind::Person, &format!("Mara {n}")))
            .collect();
        let ends = nodes.iter().zip(nodes.iter().cycle().skip(1));
        let edges = ends
            .map(|(from, to)| records.edge(from.id, to.id))
            .collect();
        let session = *sessions.first().unwrap();
        let evidence = (0_u32..6)
            .map(|n| {
                let mut turn = records.evidence(session, n);
                turn.expires_at = NOW.plus(Duration::from_secs(n.into()));
                turn
            })
            .collect();
        let bulk = (10..10 + BULK).map(|n| records.evidence(session, n));
        Self {
            teens: vec![records.teen(), records.teen()],
            sessions,
            nodes,
            edges,
            evidence,
            bulk: bulk.collect(),
            records,
        }
    }

    /// One of its two teens.
    pub fn teen(&self, place: usize) -> TeenId {
        *self.teens.get(place).unwrap()
    }

    /// The write that is asked for, if it is one, for a memory of this generation.
    pub fn write(&self, ask: &Ask, generation: u64) -> Option<MemoryWrite> {
        let Ask::Write {
            session,
            version,
            stale,
            bulk,
            sets,
        } = ask
        else {
            return None;
        };
        let expected = generation + u64::from(*stale);
        let session = *self.sessions.get(*session).unwrap();
        let [
            nodes,
            edges,
            no_nodes,
            no_edges,
            turns,
            no_turns,
            lists,
            rest,
        ] = *sets;
        let mut write = self.records.empty_write(expected);
        write.applied = (*version > 0).then(|| self.records.applied(session, &version.to_string()));
        write.delta.put_nodes = chosen(&self.nodes, nodes);
        write.delta.put_edges = chosen(&self.edges, edges);
        // Few deletions, or nothing would ever grow.
        let gone = chosen(&self.nodes, no_nodes & rest);
        write.delta.delete_nodes = gone.iter().map(|node| node.id).collect();
        let gone = chosen(&self.edges, no_edges & rest);
        write.delta.delete_edges = gone.iter().map(|edge| edge.id).collect();
        write.evidence = chosen(&self.evidence, turns);
        let gone = chosen(&self.evidence, no_turns & rest);
        write.delete_evidence = gone.iter().map(|turn| turn.id).collect();
        if *bulk {
            let half = usize::from(rest % 2) * 50;
            let (put, gone) = self.bulk.split_at(half);
            write.evidence.extend(put.iter().cloned());
            write
                .delete_evidence
                .extend(gone.iter().map(|turn| turn.id));
        }
        write.mentions = chosen(&self.sessions, lists)
            .into_iter()
            .map(|session| self.records.mentions(session, "local", u64::from(rest % 5)))
            .collect();
        write.delete_mentions = chosen(&self.sessions, no_turns & no_nodes)
            .into_iter()
            .map(|session| (session, "local".to_owned()))
            .collect();
        if rest & 1 == 1 {
            write.suppressions = vec![self.records.suppression()];
        }
        write.digest.text = format!("Chapter {expected}.").into();
        Some(write)
    }
}

/// How many records it touched, or why none.
pub type Answer = Result<usize, ErrorKind>;

/// Does what is asked for.
pub async fn run(
    store: &dyn GraphStore,
    teen: TeenId,
    ask: (&Ask, Option<&MemoryWrite>),
) -> Answer {
    let answer = match ask {
        (Ask::Write { .. }, Some(write)) => {
            let applied = store.write(teen, write).await;
            applied.map(|applied| usize::from(applied == Applied::Now))
        }
        (Ask::Write { .. }, None) => Ok(0),
        (Ask::EraseMemory, _) => store.erase_memory(teen).await.map(|()| 0),
        (Ask::Expire { after_s }, _) => {
            let now = NOW.plus(Duration::from_secs(*after_s));
            store.expire(now, NEVER, 1_000).await
        }
    };
    answer.map_err(|error| error.kind())
}

/// Everything that reads say, at an instant at which some texts have ended.
pub async fn compare(store: &dyn GraphStore, plain: &dyn GraphStore, pool: &Pool) {
    let horizon = Horizon {
        now: NOW.plus(Duration::from_secs(2)),
        graph_before: NOW,
    };
    for teen in &pool.teens {
        let one = store.load(*teen, horizon).await.unwrap();
        assert_eq!(one, plain.load(*teen, horizon).await.unwrap());
        let ids = store.evidence_ids(*teen).await.unwrap();
        assert_eq!(ids, plain.evidence_ids(*teen).await.unwrap());
        let generation = store.generation(*teen).await.unwrap();
        assert_eq!(generation, one.graph.generation);
        let lists = store.mention_lists(*teen).await.unwrap();
        assert_eq!(lists, plain.mention_lists(*teen).await.unwrap());
        let mut one = store.suppressions(*teen).await.unwrap();
        let mut other = plain.suppressions(*teen).await.unwrap();
        one.sort_by_key(|suppression| suppression.id);
        other.sort_by_key(|suppression| suppression.id);
        assert_eq!(one, other);
        for session in &pool.sessions {
            for version in ["1", "2"] {
                let key = pool.records.applied(*session, version);
                let one = store.is_applied(*teen, &key).await.unwrap();
                assert_eq!(one, plain.is_applied(*teen, &key).await.unwrap());
            }
        }
    }
}
