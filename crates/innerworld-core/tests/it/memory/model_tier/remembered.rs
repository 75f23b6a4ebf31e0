//! What a model's reading leaves in a teen's memory, and what forgetting takes of it.

use innerworld_core::{
    conversation::store::SessionLog,
    identity::consent::MemoryMode,
    memory::{
        Remembered, Target,
        graph::{Graph, Node},
        model_tier::{
            patch::{ModelPatch, ModelReading},
            validate::check,
        },
        store::{Applied, GraphStore as _},
    },
};
use serde_json::{Value, json};

use crate::memory::world::{NAMELESS, TEEN, World, session, turn_id};

const VERSION: &str = "test model 1";

/// The world's answer to a session: what a model says of its first part is checked and written.
async fn read(world: &World, log: &SessionLog, answer: &Value) -> Remembered {
    let parts = world
        .memory
        .parts_to_read(log, &world.settings, VERSION)
        .await
        .unwrap();
    let patch = check(&parts[0], &answer.to_string()).result.unwrap();
    let reading = ModelReading {
        patch,
        version: VERSION.to_owned(),
    };
    world
        .memory
        .add_model_reading(log, &world.settings, &reading)
        .await
        .unwrap()
}

async fn graph(world: &World) -> Graph {
    world.store.load(TEEN, world.whole()).await.unwrap().graph
}

fn named<'g>(graph: &'g Graph, name: &str) -> Vec<&'g Node> {
    graph
        .nodes
        .values()
        .filter(|node| node.name.reveal() == name)
        .collect()
}

fn person(t: &str, name: &str, existing: Option<&str>, line: &str, quote: &str) -> Value {
    json!({"t":t,"kind":"Person","name":name,"aliases":[],"existing_id":existing,
        "lines":[line],"quote":quote})
}

fn all(nodes: &[Value], edges: &[Value]) -> Value {
    json!({"nodes": nodes, "edges": edges, "emotions": []})
}

#[tokio::test]
async fn it_replaces_the_local_list_once_and_adds_to_its_graph() {
    let world = World::new();
    let log = session(
        0,
        &[
            "my best friend Maya helps me",
            "Theo is my cousin and I play the drums",
        ],
    );
    world.remember(&log).await;
    let before = graph(&world).await;
    let kin = json!({"kind":"relates_to","from":"teen","to":"n2","slot":"kin","polarity":"+",
        "when":null,"lines":["L3"],"quote":"Theo is my cousin"});
    let friend = json!({"kind":"relates_to","from":"teen","to":"n1","slot":"friend",
        "polarity":"+","when":null,"lines":["L1"],"quote":"my best friend Maya"});
    let answer = all(
        &[
            person("n1", "Maya", None, "L1", "my best friend Maya"),
            person("n2", "Theo", None, "L3", "Theo is my cousin"),
        ],
        &[kin, friend],
    );
    assert_eq!(read(&world, &log, &answer).await.applied, Applied::Now);
    let after = graph(&world).await;
    assert!(
        before.nodes.keys().all(|id| after.nodes.contains_key(id)),
        "nothing local went"
    );
    assert_eq!(named(&after, "Theo").len(), 1);
    let confidence = |graph: &Graph, slot: &str| {
        let mut edges = graph.edges.values();
        edges
            .find(|edge| edge.slot == slot)
            .map(|edge| (edge.confidence, edge.count))
    };
    assert_eq!(confidence(&before, "friend"), Some((0.9, 1)));
    let (surer, count) = confidence(&after, "friend").unwrap();
    assert!(
        (surer - 0.96).abs() < 1e-6 && count == 1,
        "one assertion, surer: {surer}"
    );
    assert_eq!(confidence(&after, "kin"), Some((0.6, 1)));
    let lists = world.store.mention_lists(TEEN).await.unwrap();
    let extractors: Vec<&str> = lists.iter().map(|list| list.extractor.as_str()).collect();
    assert_eq!(extractors, ["model"]);

    // Neither tier is written twice.
    assert_eq!(world.remember(&log).await.applied, Applied::Already);
    let again = world
        .memory
        .parts_to_read(&log, &world.settings, VERSION)
        .await
        .unwrap();
    assert!(again.is_empty());
    assert_eq!(graph(&world).await, after);
    let newer = world
        .memory
        .parts_to_read(&log, &world.settings, "test model 2")
        .await
        .unwrap();
    assert_eq!(newer.len(), 1, "another version reads it anew");
}

#[tokio::test]
async fn a_newer_local_tier_starts_the_session_over() {
    let world = World::new();
    let log = session(0, &["Theo is my cousin"]);
    world.remember(&log).await;
    let theo = person("n1", "Theo", None, "L1", "Theo is my cousin");
    read(&world, &log, &all(&[theo], &[])).await;
    let newer = World::over(world.store.clone(), "2");
    assert_eq!(newer.remember(&log).await.applied, Applied::Now);
    let lists = newer.store.mention_lists(TEEN).await.unwrap();
    let extractors: Vec<&str> = lists.iter().map(|list| list.extractor.as_str()).collect();
    assert_eq!(extractors, ["local"]);
    assert_eq!(
        newer
            .memory
            .parts_to_read(&log, &newer.settings, VERSION)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_known_thing_by_another_name_is_the_same_until_its_turns_are_forgotten() {
    let world = World::new();
    world.talk(0, &["my best friend Maya helps me"]).await;
    let log = session(1, &["Captain won again"]);
    world.remember(&log).await;
    let captain = person("n1", "Captain", Some("E1"), "L1", "Captain won again");
    read(&world, &log, &all(&[captain], &[])).await;
    let merged = graph(&world).await;
    let maya = named(&merged, "Maya");
    assert_eq!(maya.len(), 1);
    let aliases: Vec<&str> = maya[0]
        .aliases
        .iter()
        .map(|name| name.reveal().as_str())
        .collect();
    assert_eq!(aliases, ["Captain"]);
    let first = Target::Turn(turn_id(0, 0));
    world
        .memory
        .forget(TEEN, &[first], None, NAMELESS)
        .await
        .unwrap();
    let left = graph(&world).await;
    assert_eq!(
        named(&left, "Captain").len(),
        1,
        "what the other session said stays"
    );
    assert!(
        !world.store.dump(TEEN).contains("Maya"),
        "no word of the forgotten turn is left"
    );
}

#[tokio::test]
async fn a_turn_forgotten_while_the_model_read_leaves_nothing() {
    let world = World::new();
    let log = session(0, &["Theo is my cousin", "my best friend Maya helps me"]);
    world.remember(&log).await;
    let parts = world
        .memory
        .parts_to_read(&log, &world.settings, VERSION)
        .await
        .unwrap();
    let theo = person("n1", "Theo", None, "L1", "Theo is my cousin");
    let patch = check(&parts[0], &all(&[theo], &[]).to_string())
        .result
        .unwrap();
    let turn = Target::Turn(turn_id(0, 0));
    world
        .memory
        .forget(TEEN, &[turn], None, NAMELESS)
        .await
        .unwrap();
    let reading = ModelReading {
        patch,
        version: VERSION.to_owned(),
    };
    world
        .memory
        .add_model_reading(&log, &world.settings, &reading)
        .await
        .unwrap();
    assert!(!world.store.dump(TEEN).contains("Theo"));
    assert_eq!(named(&graph(&world).await, "Maya").len(), 1);
}

#[tokio::test]
async fn with_memory_off_nothing_is_asked_and_nothing_written() {
    let mut world = World::new();
    world.settings.mode = MemoryMode::Off;
    let log = session(0, &["Theo is my cousin"]);
    let parts = world
        .memory
        .parts_to_read(&log, &world.settings, VERSION)
        .await
        .unwrap();
    assert!(parts.is_empty());
    let reading = ModelReading {
        patch: ModelPatch::default(),
        version: VERSION.to_owned(),
    };
    let done = world
        .memory
        .add_model_reading(&log, &world.settings, &reading)
        .await
        .unwrap();
    assert_eq!(done.applied, Applied::Already);
}
