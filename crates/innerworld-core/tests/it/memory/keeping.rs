//! Export and import, modes, erasing, and what is held in RAM.

use std::sync::Arc;

use innerworld_core::{
    error::ErrorKind,
    identity::consent::MemoryMode,
    memory::{Memory, MemoryExport, MemoryPorts, ViewQuery, store::GraphStore as _},
};
use innerworld_testkit::{FakeClock, SeededIds};

use super::{
    phrasebook::{OneNumber, Phrasebook},
    store::{MapStore, OneKey},
    world::{MONTH, NAMELESS, START, TEEN, World, ZONE, turn_id},
};

async fn export(world: &World) -> MemoryExport {
    world.memory.export(TEEN, world.now()).await.unwrap()
}

#[tokio::test]
async fn an_export_read_into_an_empty_memory_gives_the_same_export() {
    let world = World::new();
    world
        .talk(0, &["best friend Maya", "we go to Lincoln"])
        .await;
    world
        .memory
        .forget(
            TEEN,
            &[innerworld_core::memory::Target::Turn(turn_id(0, 1))],
            None,
            NAMELESS,
        )
        .await
        .unwrap();
    let first = export(&world).await;
    assert!(!first.nodes.is_empty() && !first.suppressions.is_empty());
    let text = serde_json::to_string(&first).unwrap();
    let other = World::new();
    let read: MemoryExport = serde_json::from_str(&text).unwrap();
    other.memory.import(TEEN, &read).await.unwrap();
    let mut second = export(&other).await;
    // The digest names the generation of its own graph.
    second.digest.as_mut().unwrap().generation = first.digest.as_ref().unwrap().generation;
    assert_eq!(serde_json::to_string(&second).unwrap(), text);
    let again = other.memory.import(TEEN, &read).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn facts_only_drops_every_text_at_once_and_keeps_the_facts() {
    let world = World::new();
    world.talk(0, &["best friend Maya lent me sticks"]).await;
    world
        .memory
        .switch_to(TEEN, MemoryMode::FactsOnly, world.now())
        .await
        .unwrap();
    assert!(!world.store.dump(TEEN).contains("sticks"));
    let stored = world.store.load(TEEN, world.whole()).await.unwrap();
    assert_eq!(stored.evidence.len(), 2);
    assert!(
        stored
            .graph
            .nodes
            .values()
            .any(|node| node.name.reveal() == "Maya")
    );
    let generation = stored.graph.generation;
    world
        .memory
        .switch_to(TEEN, MemoryMode::FactsOnly, world.now())
        .await
        .unwrap();
    let again = world.store.load(TEEN, world.whole()).await.unwrap();
    assert_eq!(again.graph.generation, generation);
    world
        .memory
        .switch_to(TEEN, MemoryMode::Off, world.now())
        .await
        .unwrap();
    assert_eq!(export(&world).await, MemoryExport::default());
}

#[tokio::test]
async fn t06_what_is_held_in_ram_is_bounded_and_never_another_teens() {
    let store: Arc<MapStore> = Arc::default();
    let world = World::over(store.clone(), "1");
    world
        .talk(0, &["best friend Maya", "we go to Lincoln"])
        .await;
    let ports = MemoryPorts {
        graph: store,
        namer: Arc::new(OneKey),
        extractor: Arc::new(Phrasebook("1")),
        encoder: None,
        thesaurus: None,
        scrubber: Arc::new(OneNumber),
        clock: Arc::new(FakeClock::new(START)),
        ids: Arc::new(SeededIds::new(2)),
    };
    let none = Memory::new(ports, MONTH, 10);
    let opened = none
        .open(TEEN, MemoryMode::Full, ZONE, START)
        .await
        .unwrap();
    assert!(opened.digest().is_some());
    assert_eq!(none.cached_bytes(), 0);

    let open = |teen| world.memory.open(teen, MemoryMode::Full, ZONE, START);
    assert!(open(TEEN).await.unwrap().digest().is_some());
    let held = world.memory.cached_bytes();
    assert!(held > 0);
    open(TEEN).await.unwrap();
    assert_eq!(world.memory.cached_bytes(), held);
    let other = innerworld_core::ids::TeenId::from_subject_bits(2);
    assert!(open(other).await.unwrap().digest().is_none());
    world.memory.erase(TEEN).await.unwrap();
    assert!(open(TEEN).await.unwrap().digest().is_none());
}

#[tokio::test]
async fn a_text_that_expires_leaves_the_index_that_was_held() {
    let world = World::new();
    world.talk(0, &["the ferry boat was late"]).await;
    let asked = "do you remember the ferry boat?";
    let mut opened = world
        .memory
        .open(TEEN, MemoryMode::Full, ZONE, START)
        .await
        .unwrap();
    assert!(opened.recall(asked, &[], 500).is_some());
    let later = START.plus(std::time::Duration::from_secs(86_400 * 30));
    let mut opened = world
        .memory
        .open(TEEN, MemoryMode::Full, ZONE, later)
        .await
        .unwrap();
    assert!(opened.recall(asked, &[], 500).is_none());
}

/// With the sweep standing still: what was not spoken of for a month is neither told, listed,
/// recalled nor held in RAM.
#[tokio::test]
async fn a_thing_that_nobody_spoke_of_for_a_month_is_gone_at_once() {
    let world = World::new();
    world.talk(0, &["best friend Maya"]).await;
    let last = START.plus(MONTH);
    let knows = async |now| {
        world.clock.set(now);
        let opened = world.memory.open(TEEN, MemoryMode::Full, ZONE, now).await;
        let opened = opened.unwrap();
        let told = opened
            .digest()
            .is_some_and(|text| text.reveal().contains("Maya"));
        let listed = world
            .memory
            .view(TEEN, &ViewQuery::default())
            .await
            .unwrap();
        let listed = listed.items.iter().any(|item| item.name.reveal() == "Maya");
        let fact = opened.fact_about("how is Maya?").is_some();
        assert_eq!((told, listed), (fact, fact), "at {now}");
        fact
    };
    assert!(knows(last).await);
    assert!(!knows(last.plus(std::time::Duration::from_secs(86_400))).await);
}
