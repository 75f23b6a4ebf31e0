//! Laws that hold whatever a model says: nothing is believed that was not said, nothing is read into
//! a panic, and forgetting a turn leaves what would be there had it never been said.

use innerworld_core::{
    conversation::store::SessionLog,
    memory::{
        Account, Target,
        model_tier::{
            excerpt::Excerpt,
            patch::{ModelPatch, ModelReading, Source},
            validate::check,
        },
        store::Speaker,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::memory::{
    laws::{canary, described, run, stored},
    world::{NAMELESS, TEEN, World, session, turn_id},
};

const LINES: &[&str] = &[
    "my best friend Maya is funny",
    "Maya",
    "my cousin Theo plays chess",
    "Theo is my coach now",
    "Captain won again",
    "the plan is being a vet",
    "I play the drums",
    "nothing new",
];

/// What an ideal model finds in a line: name, kind, and the slot of the edge from the teen.
const FOUND: &[(&str, &str, &str, Option<&str>)] = &[
    ("best friend Maya", "Maya", "Person", Some("friend")),
    ("Maya", "Maya", "Person", None),
    ("cousin Theo", "Theo", "Person", Some("kin")),
    ("my coach", "Theo", "Person", Some("coach")),
    ("Captain", "Captain", "Person", None),
    ("being a vet", "being a vet", "Goal", Some("wants")),
];

/// The answer of an ideal model, which knows that Maya is called Captain.
fn answer(part: &Excerpt) -> String {
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    let teen = part
        .lines
        .iter()
        .filter(|line| line.speaker == Speaker::Teen);
    for line in teen {
        let text = line.text.reveal();
        for (_, name, kind, slot) in FOUND.iter().filter(|(phrase, ..)| text.contains(phrase)) {
            let label = format!("n{}", nodes.len());
            let maya = part.known.iter().find(|known| {
                let mut names = std::iter::once(&known.name).chain(&known.aliases);
                *name == "Captain" && names.any(|name| name.reveal() == "Maya")
            });
            nodes.push(json!({"t": label, "kind": kind, "name": name, "aliases": [],
                "existing_id": maya.map(|known| &known.label), "lines": [line.label], "quote": text}));
            edges.extend(slot.map(|slot| {
                json!({"kind": "relates_to", "from": "teen", "to": label, "slot": slot,
                    "polarity": "+", "when": null, "lines": [line.label], "quote": text})
            }));
        }
    }
    json!({"nodes": nodes, "edges": edges, "emotions": []}).to_string()
}

async fn live(world: &World, log: &SessionLog) {
    world.remember(log).await;
    let parts = world
        .memory
        .parts_to_read(log, &world.settings, "1")
        .await
        .unwrap();
    let mut patch = ModelPatch::default();
    for part in &parts {
        patch.absorb(check(part, &answer(part)).result.unwrap());
    }
    let reading = ModelReading {
        patch,
        version: "1".to_owned(),
    };
    world
        .memory
        .add_model_reading(log, &world.settings, &reading)
        .await
        .unwrap();
}

fn text_at(part: &Excerpt, source: &Source) -> String {
    let line = part
        .lines
        .iter()
        .find(|line| line.turn == source.turn)
        .unwrap();
    assert_eq!(line.speaker, Speaker::Teen);
    let (from, until) = source.span;
    let range = usize::try_from(from).unwrap()..usize::try_from(until).unwrap();
    line.text.reveal().get(range).unwrap().to_lowercase()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(64)))]

    #[test]
    fn forgetting_a_turn_takes_what_the_model_read_from_it(
        history in prop::collection::vec(prop::collection::vec(0..LINES.len(), 1..4), 1..5),
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
                let marked: Vec<String> = said
                    .iter()
                    .enumerate()
                    .map(|(turn, line)| format!("{} {}", LINES[*line], canary(day, turn)))
                    .collect();
                let marked: Vec<&str> = marked.iter().map(String::as_str).collect();
                let log = session(u64::try_from(day).unwrap(), &marked);
                live(&with, &log).await;
                let mut shorter = log;
                if day == gone_day {
                    shorter.turns.remove(gone_turn);
                }
                live(&without, &shorter).await;
            }
            let target = Target::Turn(turn_id(u64::try_from(gone_day).unwrap(), gone_turn));
            let name = with.settings.teen_name.clone();
            let account = Account { teen_name: name.as_ref(), ..NAMELESS };
            with.memory.forget(TEEN, &[target], None, account).await.unwrap();
            prop_assert!(!with.store.dump(TEEN).contains(&canary(gone_day, gone_turn)));
            let (left, never) = (stored(&with).await, stored(&without).await);
            prop_assert_eq!(described(&left), described(&never));
            prop_assert_eq!(left.evidence, never.evidence);
            Ok(())
        })?;
    }

    #[test]
    fn t07_no_answer_breaks_the_reader(answer in "\\PC{0,200}", wild in "[\\[\\]{}\",:nodes0-9 \\\\]{0,300}") {
        let part = super::excerpt(LINES);
        check(&part, &answer);
        check(&part, &wild);
        check(&part, &format!("{{\"nodes\":[{wild}"));
    }

    #[test]
    fn t07_nothing_is_believed_that_was_not_said(
        items in prop::collection::vec((
            prop::sample::select(vec!["Maya", "Theo", "Zelda", "being a vet", "my coach", "chess"]),
            prop::sample::select(vec!["Person", "Goal", "Thing", "Topic"]),
            prop::sample::select(vec!["L1", "L2", "L3", "L4", "L6", "L99"]),
            prop::sample::select(vec!["Maya", "my cousin Theo", "plan is being", "I am made up", ""]),
        ), 0..8),
    ) {
        let part = super::excerpt(LINES);
        let nodes: Vec<Value> = items
            .iter()
            .map(|(name, kind, line, quote)| json!({"t": "n1", "kind": kind, "name": name,
                "aliases": ["Theo", "Maya"], "existing_id": null, "lines": [line], "quote": quote}))
            .collect();
        let answer = json!({"nodes": nodes, "edges": [], "emotions": []});
        let patch = check(&part, &answer.to_string()).result.unwrap_or_default();
        for said in patch.nodes.iter().flat_map(|node| &node.said) {
            let name = said.name.reveal().to_lowercase();
            let there = text_at(&part, &said.source);
            prop_assert!(name.contains(&there), "{} is not {}", name, there);
        }
    }
}
