//! Memory stays bounded, at the edge of every bound.

use innerworld_core::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    memory::{
        MemoryExport, bounds, extraction,
        fold::fold,
        graph::{Polarity, Precision},
        ontology::{EdgeKind, NodeKind},
        store::{
            EvidenceTurn, Extraction, GraphStore as _, Mention, MentionList, Relation, Speaker,
        },
        suppressed::Suppressed,
    },
    seal::{Namer, TeenKey},
};

use super::phrasebook::Phrasebook;
use super::world::{START, TEEN, World, day, turn_id};

fn namer() -> Namer {
    TeenKey::from_bytes([7; 32]).namer()
}

fn mention(index: u32, kind: NodeKind, name: &str, said_at: Timestamp) -> Mention {
    Mention {
        index,
        kind,
        surface: name.to_owned().into(),
        qualifier: None,
        attrs: [].into(),
        span: (index, index),
        turns: vec![TurnId::from_bits(u128::from(index))],
        said_at,
        confidence: 0.5,
        by: String::new(),
        tentative: false,
    }
}

fn relation(to: u32, at: Timestamp) -> Relation {
    Relation {
        kind: EdgeKind::Involves,
        from: None,
        to,
        slot: String::new(),
        polarity: Polarity::Holds,
        valid_at: at,
        precision: Precision::Day,
        turns: vec![TurnId::from_bits(u128::from(to))],
        span: (to, to),
        confidence: 0.5,
        emotion: [0.0; 7],
        by: String::new(),
    }
}

fn list(session: u64, mentions: Vec<Mention>, relations: Vec<Relation>) -> MentionList {
    MentionList {
        session: SessionId::from_bits(session.into()),
        session_started_at: day(session),
        extractor: "local".to_owned(),
        version: "1".to_owned(),
        recorded_at: day(session),
        mentions,
        relations,
        links: Vec::new(),
    }
}

fn word(number: usize) -> String {
    let letters = "abcdefghijklmnopqrstuvwxyz".as_bytes();
    let digits = [number / 676 % 26, number / 26 % 26, number % 26];
    let spelled = digits.map(|digit| char::from(*letters.get(digit).unwrap()));
    format!("box {}", spelled.iter().collect::<String>())
}

#[test]
fn the_least_supported_nodes_go_and_goals_and_fresh_ones_stay() {
    let mut lists: Vec<MentionList> = (0..51)
        .map(|session| {
            let mentions = (0..100).map(|index| {
                let name = word(usize::try_from(session * 100 + index).unwrap());
                mention(
                    u32::try_from(index).unwrap(),
                    NodeKind::Thing,
                    &name,
                    day(0),
                )
            });
            list(session, mentions.collect(), Vec::new())
        })
        .collect();
    let twice = mention(0, NodeKind::Thing, &word(0), day(1));
    let goal = mention(1, NodeKind::Goal, "sing on a stage", day(0));
    lists.push(list(60, vec![twice, goal], Vec::new()));
    lists.push(list(
        61,
        vec![mention(0, NodeKind::Topic, "rain", day(99))],
        Vec::new(),
    ));
    let mut folded = fold(&lists, &Suppressed::default(), &namer(), &Phrasebook("1"));
    assert_eq!(folded.nodes.len(), 5_103);
    let dropped = folded.prune(day(100), START);
    assert_eq!((folded.nodes.len(), dropped), (bounds::NODES, 103));
    for name in ["me", "box aaa", "sing on a stage", "rain"] {
        assert!(
            folded.nodes.values().any(|node| node.name.reveal() == name),
            "{name}"
        );
    }
}

#[test]
fn a_long_log_folds_into_a_summary_and_keeps_its_times() {
    for (said, kept) in [(64_u32, 64), (65, 64), (200, 64)] {
        let lists: Vec<MentionList> = (0..said)
            .map(|number| {
                let at = day(u64::from(number));
                let mut told = relation(number, at);
                told.turns = vec![TurnId::from_bits(u128::from(number))];
                let drums = mention(number, NodeKind::Activity, "drums", at);
                list(u64::from(number), vec![drums], vec![told])
            })
            .collect();
        let folded = fold(&lists, &Suppressed::default(), &namer(), &Phrasebook("1"));
        let edge = folded.edges.values().next().unwrap();
        assert_eq!((edge.log.len(), edge.count), (kept, said));
        assert_eq!((edge.valid_from, edge.valid_until), (START, None));
        assert_eq!(edge.log.first().unwrap().valid_at, START);
        assert!(edge.log.iter().all(|told| !told.turns.is_empty()));
        let node = folded
            .nodes
            .values()
            .find(|node| node.kind == NodeKind::Activity)
            .unwrap();
        assert_eq!(node.support, said);
        assert!(node.turns.len() <= bounds::TURN_IDS);
    }
}

#[test]
fn one_session_brings_only_so_much_and_nothing_of_the_persona() {
    let turns: Vec<EvidenceTurn> = (0..400_u32)
        .map(|number| EvidenceTurn {
            id: TurnId::from_bits(u128::from(number)),
            session: SessionId::from_bits(1),
            sequence: number,
            speaker: if number == 7 {
                Speaker::Persona
            } else {
                Speaker::Teen
            },
            name: String::new().into(),
            said_at: START,
            text: Some("words".to_owned().into()),
            day: String::new(),
            fact_words: Vec::new(),
            caption: None,
            recalled: number == 8,
            asset_version: String::new(),
            encoded: None,
            emotion: [0.0; 7],
            expires_at: day(30),
        })
        .collect();
    let found = Extraction {
        mentions: (0..400_u32)
            .map(|index| {
                let name = word(usize::try_from(index).unwrap() % 50);
                mention(index, NodeKind::Activity, &name, START)
            })
            .collect(),
        relations: (0..400).map(|index| relation(index, START)).collect(),
    };
    let mut filled = list(1, Vec::new(), Vec::new());
    extraction::fill(&mut filled, found, &turns);
    assert!(filled.mentions.len() <= bounds::PATCH_MENTIONS);
    let names: std::collections::BTreeSet<&str> = filled
        .mentions
        .iter()
        .map(|mention| mention.surface.reveal().as_str())
        .collect();
    assert_eq!(names.len(), bounds::PATCH_NODES);
    let spoken = |relation: &&Relation| relation.kind == EdgeKind::Mentions;
    assert_eq!(
        filled.relations.iter().filter(spoken).count(),
        filled.mentions.len()
    );
    let told = filled
        .relations
        .iter()
        .filter(|relation| !spoken(relation))
        .count();
    assert_eq!(told, bounds::PATCH_EDGES);
    for turn in [7, 8] {
        let from_it = |turns: &[TurnId]| turns.contains(&TurnId::from_bits(turn));
        assert!(
            filled
                .mentions
                .iter()
                .all(|mention| !from_it(&mention.turns))
        );
        assert!(
            filled
                .relations
                .iter()
                .all(|relation| !from_it(&relation.turns))
        );
    }
}

#[tokio::test]
async fn the_oldest_turns_make_room() {
    let world = World::new();
    world.talk(0, &["my mom"]).await;
    let old = world
        .store
        .load(TEEN, world.whole())
        .await
        .unwrap()
        .evidence;
    let full = World::new();
    let turns = (0..bounds::TURNS).map(|number| {
        let mut turn = old.first().unwrap().clone();
        turn.id = TurnId::from_bits(u128::try_from(number).unwrap());
        turn.said_at = Timestamp::from_millis(i64::try_from(number).unwrap());
        turn
    });
    let export = MemoryExport {
        turns: turns.collect(),
        ..MemoryExport::default()
    };
    full.memory.import(TEEN, &export).await.unwrap();
    full.talk(1, &["my mom"]).await;
    let kept = full.store.load(TEEN, full.whole()).await.unwrap().evidence;
    assert_eq!(kept.len(), bounds::TURNS);
    assert_eq!(kept.first().unwrap().id, TurnId::from_bits(2));
    assert!(kept.iter().any(|turn| turn.id == turn_id(1, 0)));
}

#[tokio::test]
async fn a_stored_turn_and_a_name_are_cut_to_their_bounds() {
    let world = World::new();
    let long = format!("my mom {}", "ü".repeat(3_000));
    world.talk(0, &[&long]).await;
    let kept = world
        .store
        .load(TEEN, world.whole())
        .await
        .unwrap()
        .evidence;
    let text = kept.first().unwrap().text.clone().unwrap();
    assert_eq!(text.reveal().chars().count(), bounds::TURN_CHARS);
    let name = "é".repeat(200);
    let lists = [list(
        0,
        vec![mention(0, NodeKind::Thing, &name, START)],
        Vec::new(),
    )];
    let folded = fold(&lists, &Suppressed::default(), &namer(), &Phrasebook("1"));
    let node = folded
        .nodes
        .values()
        .find(|node| node.kind == NodeKind::Thing)
        .unwrap();
    assert!(node.name.reveal().chars().count() <= bounds::NAME_CHARS);
}

/// All pairs of some activities, as one follows the other.
fn pairs(activities: u32, at: Timestamp) -> (Vec<Mention>, Vec<Relation>) {
    let mentions = (0..activities).map(|number| {
        let name = word(usize::try_from(number).unwrap());
        mention(number, NodeKind::Activity, &name, at)
    });
    let pairs = (0..activities).flat_map(|from| (0..activities).map(move |to| (from, to)));
    let relations = pairs.filter(|(from, to)| from != to).map(|(from, to)| {
        let mut one = relation(to, at);
        (one.kind, one.from) = (EdgeKind::Temporal, Some(from));
        "before".clone_into(&mut one.slot);
        one
    });
    (mentions.collect(), relations.collect())
}

#[test]
fn the_least_supported_edges_go() {
    let (mentions, relations) = pairs(142, day(0));
    let over = relations.len() - bounds::EDGES;
    assert_eq!(over, 22);
    let mut lists = vec![list(0, mentions, relations)];
    // Some are said again; the weakest of the rest go.
    let (mentions, again) = pairs(10, day(1));
    lists.push(list(1, mentions, again));
    let mut folded = fold(&lists, &Suppressed::default(), &namer(), &Phrasebook("1"));
    let all = folded.edges.len();
    assert_eq!(all, bounds::EDGES + over);
    assert_eq!(folded.prune(day(2), START), over);
    assert_eq!(folded.edges.len(), bounds::EDGES);
    let said_again = folded.edges.values().filter(|edge| edge.count == 2);
    assert_eq!(said_again.count(), 90);
    assert_eq!(folded.prune(day(2), START), 0);
}

#[test]
fn a_thing_of_many_names_keeps_sixteen_beside_its_own() {
    use innerworld_core::memory::store::{Means, NameLink};

    let mentions = (0..30).map(|number| {
        let name = word(usize::try_from(number).unwrap());
        mention(number, NodeKind::Thing, &name, day(0))
    });
    let mut said = list(0, mentions.collect(), Vec::new());
    said.links = (1..30)
        .map(|mention| NameLink {
            mention,
            means: Means::Mention(0),
        })
        .collect();
    let folded = fold(&[said], &Suppressed::default(), &namer(), &Phrasebook("1"));
    let things = folded
        .nodes
        .values()
        .filter(|node| node.kind == NodeKind::Thing);
    let [thing] = things.collect::<Vec<_>>()[..] else {
        panic!("they are one thing");
    };
    assert_eq!((thing.aliases.len(), thing.support), (bounds::ALIASES, 30));
    assert!(!thing.aliases.contains(&thing.name));
}
