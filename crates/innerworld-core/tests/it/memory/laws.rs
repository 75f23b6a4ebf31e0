//! Laws of the graph over random histories: neither order of arrival nor repetition matters, a newer
//! reading replaces the older one, an export can be read back, and forgetting a turn leaves what
//! would be there had it never been said.
//!
//! `cargo xtask test` tries 500 cases of each; a nightly run asks for more with `--cases 10000`, which
//! sets `PROPTEST_CASES`.

use std::collections::BTreeMap;

use innerworld_core::{
    clock::Timestamp,
    memory::{
        Account, MemoryExport, Target,
        graph::{Edge, NodeId},
        store::{GraphStore as _, Horizon, StoredMemory},
    },
    secret::Text,
};
use proptest::prelude::*;

use super::world::{NAMELESS, TEEN, World, session, turn_id};

/// What a teen of these tests may say.
const LINES: &[&str] = &[
    "my best friend Maya is funny",
    "Maya Lee is here",
    "Maya",
    "my mom says hi",
    "we go to Lincoln",
    "now I go to Roosevelt",
    "I play the drums",
    "I quit the drums",
    "I want to join the school band",
    "the audition went well, happy day",
    "so much school stress",
    "my sourdough is alive",
    "two sourdough loaves",
    "nothing new",
];

/// Sessions, one a day; each is a list of lines.
fn histories() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(0..LINES.len(), 1..4), 1..6)
}

fn lines(of: &[usize]) -> Vec<&'static str> {
    of.iter()
        .filter_map(|line| LINES.get(*line).copied())
        .collect()
}

/// A word that stands in one turn alone.
pub(super) fn canary(day: usize, turn: usize) -> String {
    format!("canary{day}x{turn}x")
}

/// A graph without its ids, as sorted text.
pub(super) fn described(stored: &StoredMemory) -> Vec<String> {
    let graph = &stored.graph;
    let names: BTreeMap<NodeId, String> = graph
        .nodes
        .iter()
        .map(|(id, node)| {
            let mut names: Vec<&str> = node
                .aliases
                .iter()
                .map(|alias| alias.reveal().as_str())
                .collect();
            names.push(node.name.reveal());
            names.sort_unstable();
            (*id, format!("{} {names:?}", node.kind.name()))
        })
        .collect();
    let mut all: Vec<String> = graph
        .nodes
        .iter()
        .map(|(id, node)| {
            format!(
                "{} {:?} {} {} {:?} {:?} {} {:?}",
                names.get(id).unwrap(),
                node.turns,
                node.support,
                node.sessions,
                node.first_seen,
                node.last_seen,
                node.confidence,
                node.mood
            )
        })
        .chain(
            graph
                .edges
                .values()
                .map(|edge| described_edge(&names, edge)),
        )
        .collect();
    all.sort();
    all
}

fn described_edge(names: &BTreeMap<NodeId, String>, edge: &Edge) -> String {
    let log: Vec<_> = edge
        .log
        .iter()
        .map(|said| (said.polarity, said.valid_at, said.recorded_at, &said.turns))
        .collect();
    format!(
        "{} {} {} {} {:?} {:?} {} {log:?}",
        names.get(&edge.from).unwrap(),
        edge.kind.name(),
        edge.slot,
        names.get(&edge.to).unwrap(),
        edge.valid_from,
        edge.valid_until,
        edge.confidence,
    )
}

pub(super) async fn stored(world: &World) -> StoredMemory {
    let far = Timestamp::from_millis(0);
    world
        .store
        .load(TEEN, Horizon::whole_graph(far))
        .await
        .unwrap()
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(64)))]

    #[test]
    fn sessions_remembered_in_any_order_give_the_same_graph(
        history in histories(),
        turned in any::<bool>(),
        cut in 0_usize..5,
    ) {
        run(async {
            let (one, other) = (World::new(), World::new());
            let mut order: Vec<usize> = (0..history.len()).collect();
            for at in &order {
                one.talk(u64::try_from(*at).unwrap(), &lines(&history[*at])).await;
            }
            if turned {
                order.reverse();
            }
            order.rotate_left(cut % history.len());
            for at in &order {
                other.talk(u64::try_from(*at).unwrap(), &lines(&history[*at])).await;
            }
            let (one, other) = (stored(&one).await, stored(&other).await);
            prop_assert_eq!(described(&one), described(&other));
            Ok(())
        })?;
    }

    #[test]
    fn a_session_delivered_again_changes_nothing(
        history in histories(),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        run(async {
            let world = World::new();
            for (at, said) in history.iter().enumerate() {
                world.talk(u64::try_from(at).unwrap(), &lines(said)).await;
            }
            let (before, dump) = (stored(&world).await, world.store.dump(TEEN));
            for pick in &again {
                let at = pick.index(history.len());
                world.talk(u64::try_from(at).unwrap(), &lines(&history[at])).await;
            }
            prop_assert_eq!(stored(&world).await, before);
            prop_assert_eq!(world.store.dump(TEEN), dump);
            Ok(())
        })?;
    }

    #[test]
    fn a_newer_reading_of_sessions_replaces_the_older_one(
        history in histories(),
        read_before in histories(),
    ) {
        run(async {
            // The old reading of a day found other things in it, or nothing.
            let old = World::new();
            let newer = World::over(old.store.clone(), "2");
            let alone = World::over(std::sync::Arc::default(), "2");
            for at in 0..history.len() {
                let other = read_before.get(at).map_or(&[][..], Vec::as_slice);
                old.talk(u64::try_from(at).unwrap(), &lines(other)).await;
            }
            for (at, said) in history.iter().enumerate() {
                let day = u64::try_from(at).unwrap();
                newer.talk(day, &lines(said)).await;
                alone.talk(day, &lines(said)).await;
            }
            prop_assert_eq!(described(&stored(&newer).await), described(&stored(&alone).await));
            Ok(())
        })?;
    }

    #[test]
    fn an_export_goes_into_an_empty_memory_and_comes_out_the_same(
        history in histories(),
        pick in any::<prop::sample::Index>(),
        forget in any::<bool>(),
    ) {
        run(async {
            let (world, other) = (World::new(), World::new());
            for (at, said) in history.iter().enumerate() {
                world.talk(u64::try_from(at).unwrap(), &lines(said)).await;
            }
            if forget {
                let day = u64::try_from(pick.index(history.len())).unwrap();
                let target = Target::Turn(turn_id(day, 0));
                world.memory.forget(TEEN, &[target], None, NAMELESS).await.unwrap();
            }
            let first = world.memory.export(TEEN, world.now()).await.unwrap();
            let text = serde_json::to_string(&first).unwrap();
            let read: MemoryExport = serde_json::from_str(&text).unwrap();
            other.memory.import(TEEN, &read).await.unwrap();
            let mut second = other.memory.export(TEEN, world.now()).await.unwrap();
            // The digest names the generation of its own graph.
            let generation = first.digest.as_ref().map(|digest| digest.generation);
            for (digest, generation) in second.digest.iter_mut().zip(generation) {
                digest.generation = generation;
            }
            prop_assert_eq!(serde_json::to_string(&second).unwrap(), text);
            Ok(())
        })?;
    }

    #[test]
    fn forgetting_a_turn_leaves_what_would_be_there_without_it(
        history in histories(),
        pick in any::<prop::sample::Index>(),
    ) {
        run(async {
            let turns: Vec<(usize, usize)> = history
                .iter()
                .enumerate()
                .flat_map(|(day, said)| (0..said.len()).map(move |turn| (day, turn)))
                .collect();
            let (gone_day, gone_turn) = turns[pick.index(turns.len())];
            let (with, without) = (World::new(), World::new());
            for (day, said) in history.iter().enumerate() {
                let number = u64::try_from(day).unwrap();
                let marked: Vec<String> = (0..)
                    .zip(lines(said))
                    .map(|(turn, line)| format!("{line} {}", canary(day, turn)))
                    .collect();
                let marked: Vec<&str> = marked.iter().map(String::as_str).collect();
                let log = session(number, &marked);
                with.remember(&log).await;
                let mut shorter = log;
                if day == gone_day {
                    shorter.turns.remove(gone_turn);
                }
                without.remember(&shorter).await;
            }
            let target = Target::Turn(turn_id(u64::try_from(gone_day).unwrap(), gone_turn));
            let name = with.settings.teen_name.clone();
            let account = Account { teen_name: name.as_ref(), ..NAMELESS };
            with.memory.forget(TEEN, &[target], None, account).await.unwrap();
            prop_assert!(!with.store.dump(TEEN).contains(&canary(gone_day, gone_turn)));
            let (left, never) = (stored(&with).await, stored(&without).await);
            prop_assert_eq!(described(&left), described(&never));
            prop_assert_eq!(left.evidence, never.evidence);
            let digest = |memory: StoredMemory| memory.digest.map(|digest| digest.text);
            prop_assert_eq!(
                digest(stored(&with).await).map(Text::into_inner),
                digest(stored(&without).await).map(Text::into_inner)
            );
            Ok(())
        })?;
    }
}
