//! Random histories of a memory, on SQLite and on the plainest store there is: the same answers.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
    memory::{
        graph::{Edge, Node},
        ontology::NodeKind,
        store::{Applied, EvidenceTurn, GraphStore, Horizon, MemoryWrite},
    },
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::{
    records::{NOW, Records, WHOLE},
    reference::Reference,
};
use proptest::prelude::*;

use crate::place::Place;

/// Things of each kind that histories are made of.
const POOL: usize = 6;
const NEVER: Timestamp = Timestamp::from_millis(0);

/// One step. Bit n of a set stands for the nth thing of the pool.
#[derive(Clone, Debug)]
enum Step {
    Write {
        teen: usize,
        session: usize,
        version: u8,
        stale: bool,
        sets: [u8; 8],
    },
    EraseMemory {
        teen: usize,
    },
    Expire {
        after_s: u64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let write = (
        0..2_usize,
        0..POOL,
        0..3_u8,
        prop::bool::weighted(0.1),
        any::<[u8; 8]>(),
    )
        .prop_map(|(teen, session, version, stale, sets)| Step::Write {
            teen,
            session,
            version,
            stale,
            sets,
        });
    let step = prop_oneof![
        12 => write,
        1 => (0..2_usize).prop_map(|teen| Step::EraseMemory { teen }),
        2 => (0..8_u64).prop_map(|after_s| Step::Expire { after_s }),
    ];
    prop::collection::vec(step, 1..24)
}

struct Pool {
    records: Records,
    teens: Vec<TeenId>,
    sessions: Vec<SessionId>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    evidence: Vec<EvidenceTurn>,
}

fn chosen<T: Clone>(things: &[T], set: u8) -> Vec<T> {
    let in_set = |place: usize| set & (1 << place) != 0;
    let places = things.iter().enumerate();
    places
        .filter(|(place, _)| in_set(*place))
        .map(|(_, thing)| thing.clone())
        .collect()
}

impl Pool {
    fn new() -> Self {
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
        Self {
            teens: vec![records.teen(), records.teen()],
            sessions,
            nodes,
            edges,
            evidence,
            records,
        }
    }

    fn teen(&self, place: usize) -> TeenId {
        *self.teens.get(place).unwrap()
    }

    fn write(&self, (session, version): (usize, u8), sets: [u8; 8], expected: u64) -> MemoryWrite {
        let session = *self.sessions.get(session).unwrap();
        let [
            nodes,
            edges,
            no_nodes,
            no_edges,
            turns,
            no_turns,
            lists,
            rest,
        ] = sets;
        let mut write = self.records.empty_write(expected);
        write.applied = (version > 0).then(|| self.records.applied(session, &version.to_string()));
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
        write
    }
}

type Answer = Result<usize, ErrorKind>;

fn answer(result: Result<usize, PortError>) -> Answer {
    result.map_err(|error| error.kind())
}

async fn run(
    store: &dyn GraphStore,
    pool: &Pool,
    step: &Step,
    write: Option<&MemoryWrite>,
) -> Answer {
    match (step, write) {
        (Step::Write { teen, .. }, Some(write)) => {
            let applied = store.write(pool.teen(*teen), write).await;
            answer(applied.map(|applied| usize::from(applied == Applied::Now)))
        }
        (Step::Write { .. }, None) => Ok(0),
        (Step::EraseMemory { teen }, _) => {
            answer(store.erase_memory(pool.teen(*teen)).await.map(|()| 0))
        }
        (Step::Expire { after_s }, _) => {
            let now = NOW.plus(Duration::from_secs(*after_s));
            answer(store.expire(now, NEVER, 1_000).await)
        }
    }
}

/// Everything that reads say, at an instant at which some texts have ended.
async fn compare(sqlite: &dyn GraphStore, plain: &dyn GraphStore, pool: &Pool) {
    let horizon = Horizon {
        now: NOW.plus(Duration::from_secs(2)),
        graph_before: NOW,
    };
    for teen in &pool.teens {
        let (one, other) = (
            sqlite.load(*teen, horizon).await,
            plain.load(*teen, horizon).await,
        );
        assert_eq!(one.unwrap(), other.unwrap());
        let (one, other) = (
            sqlite.generation(*teen).await,
            plain.generation(*teen).await,
        );
        assert_eq!(one.unwrap(), other.unwrap());
        let one = sqlite.mention_lists(*teen).await.unwrap();
        assert_eq!(one, plain.mention_lists(*teen).await.unwrap());
        let mut one = sqlite.suppressions(*teen).await.unwrap();
        let mut other = plain.suppressions(*teen).await.unwrap();
        one.sort_by_key(|suppression| suppression.id);
        other.sort_by_key(|suppression| suppression.id);
        assert_eq!(one, other);
        for session in &pool.sessions {
            for version in ["1", "2"] {
                let key = pool.records.applied(*session, version);
                let one = sqlite.is_applied(*teen, &key).await.unwrap();
                assert_eq!(one, plain.is_applied(*teen, &key).await.unwrap());
            }
        }
    }
}

async fn live_through(history: &[Step]) {
    let embedded = Embedded::in_memory(Place::new().clock, Arc::new(OsIds)).unwrap();
    let (sqlite, plain, pool) = (embedded.graph(), Reference::new(), Pool::new());
    for step in history {
        let write = match step {
            Step::Write {
                teen,
                session,
                version,
                stale,
                sets,
            } => {
                let stored = plain.load(pool.teen(*teen), WHOLE).await.unwrap();
                let expected = stored.graph.generation + u64::from(*stale);
                Some(pool.write((*session, *version), *sets, expected))
            }
            Step::EraseMemory { .. } | Step::Expire { .. } => None,
        };
        let one = run(&*sqlite, &pool, step, write.as_ref()).await;
        let other = run(&plain, &pool, step, write.as_ref()).await;
        assert_eq!(one, other, "{step:?}");
        compare(&*sqlite, &plain, &pool).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(64)))]

    #[test]
    fn t06_sqlite_and_the_plain_store_tell_the_same(history in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live_through(&history));
    }
}
