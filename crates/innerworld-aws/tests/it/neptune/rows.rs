//! What of a record is readable, and that the rest opens only for its teen.

use std::collections::BTreeSet;

use innerworld_aws::neptune::{
    patch::{GraphPatch, Records as Sealing},
    rows::{EdgeRow, NodeRow, OPEN, TeenNumber},
};
use innerworld_core::{
    clock::Timestamp,
    error::ErrorKind,
    ids::TeenId,
    memory::{graph::GraphDelta, ontology::NodeKind},
    seal::{Seals, TeenKey},
};
use innerworld_testkit::{SeededIds, records::Records};
use serde_json::{Value, json};

use super::house::House;
use crate::graph_suite::Subject;

const MIA: TeenId = TeenId::from_subject_bits(1);

/// A delta whose records name somebody, and its patch.
fn sealed(records: &Records) -> (GraphDelta, GraphPatch) {
    let (mara, drums) = (
        records.node(NodeKind::Person, "Mara"),
        records.node(NodeKind::Thing, "Drums"),
    );
    let mut edge = records.edge(mara.id, drums.id);
    edge.valid_until = Some(
        edge.valid_from
            .plus(std::time::Duration::from_millis(90_500)),
    );
    let delta = GraphDelta {
        put_edges: vec![edge, records.edge(drums.id, mara.id)],
        put_nodes: vec![mara, drums],
        ..GraphDelta::default()
    };
    let ids = SeededIds::new(1);
    let patch = sealing(&seals(MIA)).seal(&ids, &delta).unwrap();
    (delta, patch)
}

/// Seals of a teen; all under one key.
fn seals(teen: TeenId) -> Seals {
    Seals::new(teen, &TeenKey::generate(&SeededIds::new(7))).unwrap()
}

fn sealing(seals: &Seals) -> Sealing<'_> {
    Sealing {
        number: TeenNumber::new(77).unwrap(),
        seals,
    }
}

fn fields(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn only_kinds_times_weight_and_topology_are_readable() {
    let (_delta, patch) = sealed(&Records::named("readable"));
    let stored = serde_json::to_value(&patch).unwrap();
    let node = ["nid", "kind", "first_seen", "last_seen", "weight", "sealed"];
    assert_eq!(fields(&stored["put_nodes"][0]), BTreeSet::from(node));
    let edge = [
        "eid",
        "kind",
        "source",
        "target",
        "valid_from",
        "valid_until",
        "recorded_at",
        "last_seen",
        "session",
        "confidence",
        "sealed",
    ];
    assert_eq!(fields(&stored["put_edges"][0]), BTreeSet::from(edge));
    let text = format!("{stored} {patch:?}");
    for word in ["Mara", "mara", "Drums", "drums", "friend", "local"] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(!format!("{patch:?}").contains(stored["put_nodes"][0]["sealed"].as_str().unwrap()));
}

#[test]
fn a_patch_survives_being_stored_and_opens_to_the_records_it_was_made_of() {
    let records = Records::named("round trip");
    let (delta, patch) = sealed(&records);
    let stored = serde_json::to_string(&patch).unwrap();
    let back: GraphPatch = serde_json::from_str(&stored).unwrap();
    assert_eq!(back, patch);
    let seals = seals(MIA);
    let opener = sealing(&seals);
    let nodes = back
        .put_nodes
        .iter()
        .map(|row| opener.open_node(row).unwrap());
    assert_eq!(nodes.collect::<Vec<_>>(), delta.put_nodes);
    let edges = back
        .put_edges
        .iter()
        .map(|row| opener.open_edge(row).unwrap());
    assert_eq!(edges.collect::<Vec<_>>(), delta.put_edges);
}

#[test]
fn a_record_opens_in_its_place_only() {
    let records = Records::named("places");
    let (_delta, patch) = sealed(&records);
    let (mine, others) = (seals(MIA), seals(TeenId::from_subject_bits(2)));
    let opener = sealing(&mine);
    let [first, second] = &patch.put_nodes[..] else {
        panic!("two nodes")
    };
    let swapped = NodeRow {
        sealed: second.sealed.clone(),
        ..first.clone()
    };
    assert_eq!(
        opener.open_node(&swapped).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
    let as_edge = EdgeRow {
        sealed: first.sealed.clone(),
        ..patch.put_edges[0].clone()
    };
    assert_eq!(
        opener.open_edge(&as_edge).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
    assert_eq!(
        sealing(&others).open_node(first).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
}

#[test]
fn times_are_seconds_and_an_open_end_is_the_year_9999() {
    let (delta, patch) = sealed(&Records::named("times"));
    let stored = serde_json::to_value(&patch).unwrap();
    let from = delta.put_edges[0].valid_from.as_seconds();
    assert_eq!(stored["put_edges"][0]["valid_from"], json!(from));
    assert_eq!(stored["put_edges"][0]["valid_until"], json!(from + 90));
    assert_eq!(stored["put_edges"][1]["valid_until"], json!(OPEN));
    assert_eq!(patch.put_edges[1].valid_until, None);
    let mut endless = delta.put_edges[0].clone();
    endless.valid_until = Some(Timestamp::from_millis(i64::MAX));
    let row = EdgeRow::new(&endless, patch.put_edges[0].sealed.clone()).unwrap();
    assert_eq!(row.valid_until, Some(OPEN - 1), "an end is an end");
    // The last whole day that a time can be read from, and two days less a second.
    let day = Timestamp::parse_rfc3339("9999-12-30T00:00:00Z").unwrap();
    assert_eq!(day.as_seconds() + 2 * 86_400 - 1, OPEN);
}

#[test]
fn an_edge_without_assertions_and_a_teen_without_a_number_are_refused() {
    let (delta, patch) = sealed(&Records::named("empty"));
    let mut empty = delta.put_edges[0].clone();
    empty.log.clear();
    let refused = EdgeRow::new(&empty, patch.put_edges[0].sealed.clone());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(TeenNumber::new(0), None);
    assert_eq!(TeenNumber::new(-4), None);
    let mut stored = serde_json::to_value(&patch).unwrap();
    stored["teen_no"] = json!(-4);
    assert!(serde_json::from_value::<GraphPatch>(stored).is_err());
}

#[test]
fn a_row_of_another_form_is_corrupt_and_is_not_quoted() {
    for row in [
        json!({}),
        json!({"nid": "no id", "kind": "Person", "first_seen": 1, "last_seen": 1, "weight": 1, "sealed": ""}),
        json!({"nid": "0a", "kind": "Mara", "first_seen": 1, "last_seen": 1, "weight": 1, "sealed": ""}),
        json!({"nid": "0a", "kind": "Person", "first_seen": "Mara", "last_seen": 1, "weight": 1, "sealed": ""}),
    ] {
        let error = NodeRow::read(row.as_object().unwrap().clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(!format!("{error:?}").contains("Mara"));
    }
}

#[tokio::test]
async fn ids_are_the_teens_number_and_the_records_id() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "ids");
    let patch = subject.family();
    subject.graph().apply(&patch).await.unwrap();
    let contents = house.fake.contents();
    for node in &patch.put_nodes {
        let id = format!("{}.{:032x}", subject.teen.value(), node.id.0);
        let stored = &contents.nodes[&id];
        assert_eq!(stored.label, node.kind.name());
        assert_eq!(stored.properties["teen"], json!(subject.teen.value()));
    }
    for edge in &patch.put_edges {
        let id = format!("{}.{:032x}", subject.teen.value(), edge.id.0);
        assert_eq!(contents.edges[&id].kind, edge.kind.name());
    }
}
