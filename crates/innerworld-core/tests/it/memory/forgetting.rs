//! Forgetting one thing, and what must not come back.

use innerworld_core::{
    error::ErrorKind,
    memory::{
        Going, Target,
        graph::Graph,
        store::{EvidenceTurn, GraphStore as _},
    },
    secret::Text,
};

use super::world::{NAMELESS, TEEN, World, day, session, turn_id};

async fn graph(world: &World) -> Graph {
    world.store.load(TEEN, world.whole()).await.unwrap().graph
}

async fn node(world: &World, name: &str) -> Target {
    let graph = graph(world).await;
    let mut nodes = graph.nodes.values();
    Target::Node(nodes.find(|node| node.name.reveal() == name).unwrap().id)
}

fn listed(goes: &[Going]) -> Vec<String> {
    let lines = goes.iter();
    let mut lines: Vec<String> = lines
        .map(|going| format!("{}: {}", going.target.what(), going.name.reveal()))
        .collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_dry_run_lists_what_goes_and_changes_nothing() {
    let world = World::new();
    world
        .talk(0, &["my best friend Maya plays too", "I play the drums"])
        .await;
    let before = world.store.dump(TEEN);
    let maya = node(&world, "Maya").await;
    let plan = world.memory.plan_forgetting(TEEN, &[maya]).await.unwrap();
    assert_eq!(
        listed(&plan.goes),
        [
            "fact: Maya is your best friend",
            "fact: you spoke of Maya",
            "node: Maya",
            "turn: You said: my best friend Maya plays too",
            "turn: my best friend Maya plays too",
        ]
    );
    assert_eq!(world.store.dump(TEEN), before);
    let done = world
        .memory
        .forget(TEEN, &[maya], Some(&plan.plan), NAMELESS)
        .await
        .unwrap();
    assert_eq!(done, plan);
    let left = world.store.dump(TEEN);
    assert!(!left.contains("Maya") && left.contains("drums"));
}

#[tokio::test]
async fn a_plan_does_not_run_on_a_graph_that_moved() {
    let world = World::new();
    world.talk(0, &["Maya"]).await;
    let maya = node(&world, "Maya").await;
    let plan = world.memory.plan_forgetting(TEEN, &[maya]).await.unwrap();
    world.talk(1, &["Maya again"]).await;
    let late = world
        .memory
        .forget(TEEN, &[maya], Some(&plan.plan), NAMELESS)
        .await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Conflict);
    let other = world
        .memory
        .plan_forgetting(TEEN, &[Target::Turn(turn_id(0, 9))])
        .await;
    assert_eq!(other.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_name_goes_from_turns_in_which_nothing_was_found_too() {
    let world = World::new();
    let mut log = session(0, &["best friend Maya", "anyway"]);
    log.turns[1].answer = "Say hi to MAYA from me".to_owned().into();
    world.remember(&log).await;
    let maya = node(&world, "Maya").await;
    world
        .memory
        .forget(TEEN, &[maya], None, NAMELESS)
        .await
        .unwrap();
    let left = world.store.dump(TEEN).to_lowercase();
    assert!(!left.contains("maya") && left.contains("anyway"));
}

#[tokio::test]
async fn what_was_forgotten_does_not_come_back_from_old_evidence() {
    let world = World::new();
    let log = session(0, &["best friend Maya", "I play the drums"]);
    world.remember(&log).await;
    let maya = node(&world, "Maya").await;
    world
        .memory
        .forget(TEEN, &[maya], None, NAMELESS)
        .await
        .unwrap();
    // The same session again, by a newer extractor; and a session that was said before the
    // forgetting and is remembered after it.
    let newer = World::over(world.store.clone(), "2");
    newer.remember(&log).await;
    let late = session(0, &["so, Maya"]);
    let mut other = late.clone();
    other.session.id = innerworld_core::ids::SessionId::from_bits(77);
    for turn in &mut other.turns {
        turn.id = turn_id(0, 50);
        turn.session = other.session.id;
    }
    newer.remember(&other).await;
    let named = |graph: Graph| {
        graph
            .nodes
            .values()
            .any(|node| node.name.reveal() == "Maya")
    };
    assert!(!named(graph(&newer).await));
    // What is said afterwards is new.
    newer.talk(5, &["Maya"]).await;
    assert!(newer.now() > day(5));
    assert!(named(graph(&newer).await));
}

#[tokio::test]
async fn a_fact_goes_and_its_turn_stays() {
    let world = World::new();
    let log = session(0, &["best friend Maya"]);
    world.remember(&log).await;
    let before = graph(&world).await;
    let fact = before
        .edges
        .values()
        .find(|edge| edge.slot == "friend")
        .unwrap();
    let done = world
        .memory
        .forget(TEEN, &[Target::Fact(fact.id)], None, NAMELESS)
        .await
        .unwrap();
    assert_eq!(listed(&done.goes), ["fact: Maya is your best friend"]);
    let stored = world.store.load(TEEN, world.whole()).await.unwrap();
    assert_eq!(stored.evidence.len(), 2);
    assert!(
        stored
            .evidence
            .iter()
            .all(|turn| turn.fact_words.is_empty())
    );
    let newer = World::over(world.store.clone(), "2");
    newer.remember(&log).await;
    assert!(!graph(&newer).await.edges.contains_key(&fact.id));
}

/// Fact words of the turn with this text.
async fn words_of(world: &World, text: &str) -> Vec<String> {
    let stored = world.store.load(TEEN, world.whole()).await.unwrap();
    let mut turns = stored.evidence.into_iter();
    let said = |turn: &EvidenceTurn| turn.text.as_ref().is_some_and(|said| said.reveal() == text);
    let words = turns.find(said).unwrap().fact_words.into_iter();
    words.map(Text::into_inner).collect()
}

#[tokio::test]
async fn whom_a_pronoun_means_is_found_until_the_name_is_forgotten() {
    let world = World::new();
    let lines = [
        "my best friend Maya plays too",
        "she never practises",
        "I play the drums",
    ];
    world.talk(0, &lines).await;
    assert_eq!(words_of(&world, lines[1]).await, ["maya"]);
    assert_eq!(
        words_of(&world, lines[2]).await,
        ["involves drums", "activity hobby"]
    );
    let maya = node(&world, "Maya").await;
    let done = world.memory.forget(TEEN, &[maya], None, NAMELESS).await;
    done.unwrap();
    // Both lines speak of her.
    let stored = world.store.load(TEEN, world.whole()).await.unwrap();
    let mut left = stored.evidence.iter().filter_map(|turn| turn.text.as_ref());
    assert!(!left.any(|text| lines[..2].contains(&text.reveal().as_str())));
    assert!(!world.store.dump(TEEN).to_lowercase().contains("maya"));
}

#[test]
fn targets_are_read_as_they_are_written() {
    for target in [
        Target::Turn(turn_id(3, 2)),
        Target::Node(innerworld_core::memory::graph::NodeId(7)),
        Target::Fact(innerworld_core::memory::graph::EdgeId(u128::MAX)),
    ] {
        assert_eq!(Target::parse(target.what(), &target.id()), Some(target));
    }
    for (what, id) in [
        ("node", "7"),
        ("thing", "x"),
        ("fact", "+0000000000000000000000000000001"),
        ("turn", ""),
    ] {
        assert_eq!(Target::parse(what, id), None);
    }
}
