//! From one session to the next.

use innerworld_core::{
    conversation::record::{Finish, TurnOrigin},
    identity::consent::MemoryMode,
    memory::{
        Account, Memory, SessionMemory, Target,
        ontology::NodeKind,
        store::{Applied, GraphStore as _},
    },
};

use super::world::{TEEN, World, session, turn_id};

const FIRST: &[&str] = &[
    "hi! my best friend Maya lent me her sticks",
    "I play the drums now, that makes me happy",
    "I want to join the school band",
    "we go to Lincoln, by the way",
];

async fn opened(world: &World) -> SessionMemory {
    let (settings, now) = (&world.settings, world.now());
    let opened = world.memory.open(TEEN, settings.mode, &settings.zone, now);
    opened.await.unwrap()
}

#[tokio::test]
async fn the_second_session_knows_the_first() {
    let world = World::new();
    let done = world.talk(0, FIRST).await;
    assert_eq!(done.applied, Applied::Now);
    // The teen, four things, and their edges: four mentions, four facts.
    assert_eq!((done.added, done.changed, done.closed), (13, 0, 0));
    assert_eq!(done.digest_version, 1);

    let mut memory = opened(&world).await;
    insta::assert_snapshot!("digest", memory.digest().unwrap().reveal());
    let recalled = memory
        .recall("Do you remember what Maya lent me?", &[], 500)
        .unwrap();
    insta::assert_snapshot!("recalled_block", recalled.block.reveal());
    assert!(recalled.turns.contains(&turn_id(0, 0)));
    let fact = recalled.fact.map(|fact| fact.reveal().clone());
    assert_eq!(fact.as_deref(), Some("Maya is your best friend"));
    assert!(recalled.tokens <= 500);
    let fact = memory.fact_about("I saw Maya today").unwrap();
    assert_eq!(fact.reveal(), "Maya is your best friend");
    assert!(memory.fact_about("it rains").is_none());
    // Asked for memory, it tells what is asked about; asked for anything, anything.
    let asked = |message| memory.fact_about(message).is_some();
    assert!(asked("do you remember my best friend?"));
    assert!(asked("do you remember me?"));
    assert!(!asked("do you remember the camping trip?"));
    let known: Vec<String> = (memory.known().iter())
        .map(|clause| clause.reveal().clone())
        .collect();
    let most_telling_first = [
        "you want to join the school band",
        "Maya is your best friend",
        "you go to Lincoln",
    ];
    assert_eq!(known, most_telling_first);

    let second = world
        .talk(1, &["I quit the drums", "Maya is sad about it"])
        .await;
    assert_eq!((second.added, second.closed), (0, 1));
    let digest = opened(&world).await;
    assert!(!digest.digest().unwrap().reveal().contains("drums"));
}

#[tokio::test]
async fn days_and_months_are_those_of_the_teens_own_zone() {
    let mut world = World::new();
    // Ten in the evening of 30 November there; in UTC it is December already.
    "America/Los_Angeles".clone_into(&mut world.settings.zone);
    world.talk(7, FIRST).await;
    let mut memory = opened(&world).await;
    let digest = memory.digest().unwrap().reveal().clone();
    assert!(digest.ends_with("last talk: 30 November\n"), "{digest}");
    let asked = "do you remember what Maya lent me?";
    let found = memory.recall(asked, &[], 500).unwrap();
    let since = "since November 2026: Maya is the teen's best friend";
    assert!(found.block.reveal().contains(since));
    for turn in &session(7, &["the recital is on the ferry boat"]).turns {
        memory.add_turn(turn, None, "Comfort");
    }
    let asked = "do you remember where the recital is?";
    let found = memory.recall(asked, &[], 1_000).unwrap();
    assert!(
        found
            .block
            .reveal()
            .contains("30 November 2026 Monday, Teen: the recital")
    );

    let drums = [Target::Turn(turn_id(7, 1))];
    let account = Account {
        teen_name: None,
        zone: &world.settings.zone,
    };
    let forgotten = world.memory.forget(TEEN, &drums, None, account).await;
    forgotten.unwrap();
    let digest = opened(&world).await.digest().unwrap().reveal().clone();
    assert!(digest.ends_with("last talk: 30 November\n"), "{digest}");
}

#[tokio::test]
async fn the_digest_stays_the_same_while_a_session_runs() {
    let world = World::new();
    world.talk(0, FIRST).await;
    let running = opened(&world).await;
    let before = running.digest().cloned();
    world.talk(1, &["my mom is here"]).await;
    assert_eq!(running.digest().cloned(), before);
    assert_ne!(opened(&world).await.digest().cloned(), before);
}

#[tokio::test]
async fn a_turn_of_this_session_is_recalled_once_it_left_the_prompt() {
    let world = World::new();
    world.talk(0, FIRST).await;
    let mut memory = opened(&world).await;
    let log = session(1, &["the recital is on the ferry boat"]);
    for turn in &log.turns {
        memory.add_turn(turn, None, "Comfort");
    }
    let asked = "do you remember where the recital is?";
    let found = memory.recall(asked, &[], 1_000).unwrap();
    assert!(found.block.reveal().contains("ferry boat"));
    let found = memory.recall(asked, &[turn_id(1, 0)], 1_000).unwrap();
    assert!(!found.block.reveal().contains("ferry boat"));
}

#[tokio::test]
async fn with_memory_off_nothing_is_written_or_known() {
    let mut world = World::new();
    world.settings.mode = MemoryMode::Off;
    assert_eq!(world.talk(0, FIRST).await.applied, Applied::Already);
    assert!(!world.store.dump(TEEN).contains("Maya"));
    world.settings.mode = MemoryMode::Full;
    world.talk(1, FIRST).await;
    world.settings.mode = MemoryMode::Off;
    let mut memory = opened(&world).await;
    assert!(memory.digest().is_none());
    assert!(memory.recall("Maya", &[], 500).is_none());
}

#[tokio::test]
async fn facts_only_keeps_the_graph_and_no_turn() {
    let mut world = World::new();
    world.settings.mode = MemoryMode::FactsOnly;
    world.talk(0, FIRST).await;
    let stored = world.store.load(TEEN, world.whole()).await.unwrap();
    assert!(stored.evidence.is_empty());
    let mut memory = opened(&world).await;
    assert!(memory.digest().unwrap().reveal().contains("Maya"));
    let recalled = memory.recall("what about Maya?", &[], 500);
    // She is in the digest already; asked outright, the facts come.
    assert!(recalled.is_none());
    let recalled = memory.recall("do you remember Maya?", &[], 500).unwrap();
    assert!(recalled.block.reveal().contains("best friend"));
    assert!(!recalled.block.reveal().contains("sticks"));
}

#[tokio::test]
async fn what_must_not_be_remembered_never_enters() {
    let world = World::new();
    let mut log = session(
        0,
        &[
            "my best friend Maya",
            "crisis-canary Maya",
            "safety-canary",
            "template-canary",
            "  ",
            "fine",
        ],
    );
    log.turns[1].excluded = true;
    log.turns[2].finish = Some(Finish::Safety);
    log.turns[3].origin = TurnOrigin::Template;
    log.turns[5].answer = "call 555-0123".to_owned().into();
    world.remember(&log).await;
    let stored = world.store.dump(TEEN);
    assert!(!stored.contains("canary") && !stored.contains("555-0123"));
    assert!(stored.contains("[phone-1]"));
    let loaded = world.store.load(TEEN, world.whole()).await.unwrap();
    // Two messages with their answers, and the answer to an empty message.
    assert_eq!(loaded.evidence.len(), 5);
}

#[tokio::test]
async fn remembering_twice_changes_nothing_and_a_newer_extractor_replaces() {
    let world = World::new();
    world.talk(0, FIRST).await;
    let before = world.store.dump(TEEN);
    assert_eq!(world.talk(0, FIRST).await.applied, Applied::Already);
    assert_eq!(world.store.dump(TEEN), before);

    let newer = World::over(world.store.clone(), "2");
    let again = newer.talk(0, FIRST).await;
    assert_eq!((again.applied, again.added), (Applied::Now, 0));
    let after = world.store.dump(TEEN);
    assert!(after.contains(r#""version":"2""#) && !after.contains(r#""version":"1""#));
    assert_eq!(newer.store.mention_lists(TEEN).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_graph_that_moves_is_read_again() {
    let world = World::new();
    world.store.refuse_next(2);
    assert_eq!(world.talk(0, FIRST).await.applied, Applied::Now);
    world.store.refuse_next(100);
    let log = session(1, &["Maya"]);
    let error = world
        .memory
        .remember(&log, &world.settings)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "could not remember the session");
}

#[tokio::test]
async fn moods_are_kept_with_consent_only() {
    for (mood, kept) in [(true, true), (false, false)] {
        let mut world = World::new();
        world.settings.mood = mood;
        world.talk(0, FIRST).await;
        let graph = world.store.load(TEEN, world.whole()).await.unwrap().graph;
        let drums = graph
            .nodes
            .values()
            .find(|node| node.name.reveal() == "drums")
            .unwrap();
        assert_eq!(drums.mood[3] > 0.5, kept);
        let felt = graph
            .edges
            .values()
            .any(|edge| edge.emotion.iter().any(|weight| *weight > 0.0));
        assert_eq!(felt, kept);
    }
}

#[tokio::test]
async fn what_was_not_spoken_of_for_long_goes() {
    let world = World::new();
    world
        .talk(0, &["my best friend Maya", "I play the drums"])
        .await;
    world.talk(20, &["I play the drums"]).await;
    world.talk(40, &["my mom"]).await;
    let names: Vec<String> = world
        .store
        .load(TEEN, world.whole())
        .await
        .unwrap()
        .graph
        .nodes
        .values()
        .map(|node| node.name.reveal().clone())
        .collect();
    assert!(names.contains(&"drums".to_owned()) && !names.contains(&"Maya".to_owned()));
    let lists = world.store.mention_lists(TEEN).await.unwrap();
    let kept = serde_json::to_string(&lists).unwrap();
    assert!(kept.contains("drums") && !kept.contains("Maya"));
}

#[test]
fn one_message_gives_its_mood_and_names() {
    let world = World::new();
    let insight = world.memory.insight("Maya makes me happy");
    assert!(insight.emotion[3] > 0.5);
    assert_eq!(insight.entities[0].1.reveal(), "Maya");
}

#[test]
fn memory_is_shared_between_threads_and_says_nothing_in_debug() {
    fn shared<T: Send + Sync + std::fmt::Debug>(value: &T) -> String {
        format!("{value:?}")
    }
    let world = World::new();
    assert!(shared::<Memory>(&world.memory).contains("MemoryPorts"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let memory = runtime.block_on(async {
        world.talk(0, FIRST).await;
        opened(&world).await
    });
    assert!(!shared(&memory).contains("Maya"));
    assert!(size_of_val(&memory) <= 128);
}

/// Names of topics.
async fn topics(world: &World) -> Vec<String> {
    let graph = world.store.load(TEEN, world.whole()).await.unwrap().graph;
    let topics = graph
        .nodes
        .into_values()
        .filter(|node| node.kind == NodeKind::Topic);
    topics.map(|node| node.name.reveal().clone()).collect()
}

#[tokio::test]
async fn a_phrase_is_a_topic_once_a_second_session_says_it() {
    let world = World::new();
    world
        .talk(0, &["two sourdough loaves", "my sourdough is alive"])
        .await;
    assert!(topics(&world).await.is_empty());
    world.talk(0, &["my sourdough is alive"]).await;
    world.talk(3, &["so, my sourdough"]).await;
    assert_eq!(topics(&world).await, ["sourdough"]);
    // The longer one takes the place of the shorter where both are said.
    world.talk(5, &["more sourdough loaves"]).await;
    let mut both = topics(&world).await;
    both.sort();
    assert_eq!(both, ["sourdough", "sourdough loaves"]);
}
