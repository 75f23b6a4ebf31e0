//! Both tiers together.

use innerworld_core::memory::{
    graph::{NodeId, Polarity, Precision},
    model_tier::{
        merge::{Merged, blend_moods, merge},
        patch::{ModelPatch, PatchMood},
        validate::check,
    },
    ontology::{EdgeKind, NodeKind},
    store::{Extraction, Means, Mention, Relation},
};
use serde_json::json;

use super::{SESSION, excerpt, turn};

fn local() -> Extraction {
    let mention = |index, kind, surface: &str, number| Mention {
        index,
        kind,
        surface: surface.to_owned().into(),
        qualifier: None,
        attrs: [].into(),
        span: (0, 4),
        turns: vec![turn(number)],
        said_at: SESSION,
        confidence: 0.5,
        by: String::new(),
        tentative: false,
    };
    let relation = |to, slot: &str| Relation {
        kind: EdgeKind::RelatesTo,
        from: None,
        to,
        slot: slot.to_owned(),
        polarity: Polarity::Holds,
        valid_at: SESSION,
        precision: Precision::Unknown,
        turns: vec![turn(1)],
        span: (0, 4),
        confidence: 0.5,
        emotion: [0.0; 7],
        by: String::new(),
    };
    Extraction {
        mentions: vec![
            mention(0, NodeKind::Person, "maya", 1),
            mention(1, NodeKind::Place, "Lincoln", 1),
        ],
        relations: vec![relation(0, "friend"), relation(1, "attends")],
    }
}

fn patch() -> ModelPatch {
    let answer = json!({
        "nodes": [
            {"t":"n1","kind":"Person","name":"Maya","aliases":["captain"],"existing_id":"E1",
             "lines":["L1","L2"],"quote":"maya is my best friend"},
            {"t":"n2","kind":"Person","name":"Theo","aliases":[],"existing_id":null,
             "lines":["L2"],"quote":"my coach theo"}],
        "edges": [
            {"kind":"relates_to","from":"teen","to":"n1","slot":"friend","polarity":"+",
             "when":"2025","lines":["L1"],"quote":"maya is my best friend"},
            {"kind":"relates_to","from":"teen","to":"n2","slot":"coach","polarity":"+",
             "when":null,"lines":["L2"],"quote":"my coach theo"}],
        "emotions": []});
    let talk = &["maya is my best friend", "captain and my coach theo won"];
    check(&excerpt(talk), &answer.to_string()).result.unwrap()
}

fn near(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-6
}

fn confidence(merged: &Merged, slot: &str) -> f32 {
    let mut relations = merged.found.relations.iter();
    relations
        .find(|relation| relation.slot == slot)
        .unwrap()
        .confidence
}

#[test]
fn local_items_stay_agreeing_ones_grow_surer_and_the_models_own_come_in() {
    let merged = merge(local(), &patch());
    let surfaces: Vec<(&str, f32)> = merged
        .found
        .mentions
        .iter()
        .map(|mention| (mention.surface.reveal().as_str(), mention.confidence))
        .collect();
    assert_eq!(
        surfaces,
        [
            ("maya", 0.8),
            ("Lincoln", 0.5),
            ("captain", 0.6),
            ("Theo", 0.6)
        ]
    );
    assert!(near(confidence(&merged, "friend"), 0.8));
    assert!(near(confidence(&merged, "attends"), 0.5));
    assert!(near(confidence(&merged, "coach"), 0.6));
    assert_eq!(
        merged.found.relations.len(),
        3,
        "an agreeing one is no second one"
    );
    assert_eq!(
        merged.found.relations[0].precision,
        Precision::Year,
        "the model knew the date"
    );
    assert_eq!(merged.found.mentions[3].attrs["role"].reveal(), "coach");
}

#[test]
fn other_names_and_known_things_are_links_without_words() {
    let merged = merge(local(), &patch());
    let links: Vec<(u32, Means)> = merged
        .links
        .iter()
        .map(|link| (link.mention, link.means))
        .collect();
    assert_eq!(
        links,
        [(0, Means::Node(NodeId(0xA))), (2, Means::Mention(0))]
    );
}

#[test]
fn without_a_local_finding_everything_is_the_models() {
    let merged = merge(Extraction::default(), &patch());
    assert_eq!(merged.found.mentions.len(), 3);
    let indexes: Vec<u32> = merged
        .found
        .mentions
        .iter()
        .map(|mention| mention.index)
        .collect();
    assert_eq!(indexes, [0, 1, 2]);
    assert!(
        merged
            .found
            .relations
            .iter()
            .all(|relation| (relation.confidence - 0.6).abs() < 1e-6)
    );
    let unchanged = merge(local(), &ModelPatch::default());
    assert_eq!(unchanged.found, local());
}

#[test]
fn moods_of_both_tiers_are_blended_on_the_teens_turns() {
    use innerworld_core::{
        ids::SessionId,
        memory::store::{EvidenceTurn, Speaker},
    };
    let said = |number, speaker| EvidenceTurn {
        id: turn(number),
        session: SessionId::from_bits(1),
        sequence: number,
        speaker,
        name: "Sam".to_owned().into(),
        said_at: SESSION,
        text: None,
        day: String::new(),
        fact_words: Vec::new(),
        caption: None,
        recalled: false,
        asset_version: String::new(),
        encoded: None,
        emotion: [0.0, 0.0, 0.0, 0.2, 0.8, 0.0, 0.0],
        expires_at: SESSION,
    };
    let mut turns = vec![
        said(1, Speaker::Teen),
        said(2, Speaker::Persona),
        said(3, Speaker::Teen),
    ];
    let mood = PatchMood {
        turns: vec![turn(1), turn(2)],
        label: 3,
        weight: 0.8,
    };
    blend_moods(&mut turns, &[mood]);
    assert!((turns[0].emotion[3] - 0.5).abs() < 1e-6 && (turns[0].emotion[4] - 0.5).abs() < 1e-6);
    assert!((turns[1].emotion[3] - 0.2).abs() < 1e-6 && (turns[2].emotion[3] - 0.2).abs() < 1e-6);
}

#[test]
fn that_somebody_is_kin_does_not_say_what_they_are() {
    let answer = json!({
        "nodes": [{"t":"n1","kind":"Person","name":"Theo","aliases":[],"existing_id":null,
             "lines":["L1"],"quote":"theo from my family"}],
        "edges": [{"kind":"relates_to","from":"teen","to":"n1","slot":"kin","polarity":"+",
             "when":null,"lines":["L1"],"quote":"theo from my family"}],
        "emotions": []});
    let talk = &["theo from my family came"];
    let patch = check(&excerpt(talk), &answer.to_string()).result.unwrap();
    let merged = merge(Extraction::default(), &patch);
    assert_eq!(merged.found.relations[0].slot, "kin");
    assert!(merged.found.mentions[0].attrs.is_empty());
}
