//! The bench on three invented sessions, on input that is none, and its rules of comparison.

use std::{fs, path::PathBuf};

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Extraction, JUNK_NODES,
    compare::Outcome,
    graph::{End, Read, ReadEdge, ReadNode, compared},
    session::{Gold, read_small_talk},
};
use crate::{bench::tally::Tally, workspace};

fn folder() -> PathBuf {
    workspace::root().join("xtask/src/bench/extraction/tests")
}

fn bench(paths: Vec<PathBuf>, junk: Option<PathBuf>) -> Extraction {
    Extraction {
        paths,
        errors: true,
        write: None,
        junk,
        json: false,
    }
}

#[test]
fn three_sessions_are_compared() {
    let report = bench(vec![folder()], None).measure().unwrap();
    let shown = report.to_string();
    let place = format!("{}/", folder().display());
    let shown = shown.replace(&place, "");
    // A time of this machine stands in the line of the sessions.
    let lines: Vec<&str> = shown
        .lines()
        .filter(|line| !line.contains("ms a session"))
        .collect();
    assert_eq!(
        lines,
        [
            "missed.json",
            "  missed    Place Lisbon",
            "  missed    relates_to lives_in: Teen -> Lisbon",
            "swim.json",
            "  invented  Topic school stress (topics.shown)",
            "              gold   said  right  precision  recall     F1",
            "  Person          1      1      1      1.000   1.000  1.000",
            "  Place           1      0      0      0.000   0.000  0.000",
            "  Topic           0      1      0      0.000   0.000  0.000",
            "  Activity        1      1      1      1.000   1.000  1.000",
            "  nodes           3      3      2      0.667   0.667  0.667",
            "  involves        1      1      1      1.000   1.000  1.000",
            "  relates_to      2      1      1      1.000   0.500  0.667",
            "  edges           3      2      2      1.000   0.667  0.800",
            "    any slot      3      2      2      1.000   0.667  0.800",
            "of 0 days on edges that were found, 0 are right",
            "node F1 0.667 (at least 0.55), edge F1 0.800 (at least 0.35)",
        ]
    );
    assert!(report.failures().is_empty());
}

#[test]
fn what_is_below_a_gate_fails() {
    let report = bench(vec![folder().join("missed.json")], None);
    let failures = report.measure().unwrap().failures();
    assert_eq!(failures.len(), 2, "{failures:?}");
}

#[test]
fn broken_files_are_named_with_the_place() {
    for (name, content, reason) in [
        ("a", "{\"lines\": [}", "line 1, column 12"),
        ("b", r#"{"lines": []}"#, "missing field `gold`"),
        (
            "c",
            r#"{"lines": [{"speaker": "robot", "text": "a"}], "gold": {"nodes": [], "edges": []}}"#,
            "a `speaker` is either",
        ),
        (
            "d",
            r#"{"lines": [], "gold": {"nodes": [{"kind": "Animal", "name": "a"}], "edges": []}}"#,
            "unknown variant `Animal`",
        ),
    ] {
        let path = std::env::temp_dir().join(format!(
            "innerworld-extraction-{}-{name}.json",
            std::process::id()
        ));
        fs::write(&path, content).unwrap();
        let error = bench(vec![path.clone()], None).measure().unwrap_err();
        fs::remove_file(&path).unwrap();
        let said = format!("{error:#}");
        assert!(said.contains(reason), "{said}");
        assert!(said.contains(&path.display().to_string()), "{said}");
    }
    assert!(
        bench(vec![folder().join("absent")], None)
            .measure()
            .is_err()
    );
}

#[test]
fn small_talk_is_counted() {
    let path = std::env::temp_dir().join(format!("innerworld-talk-{}.txt", std::process::id()));
    fs::write(
        &path,
        "teen: ok\n\npersona: Go to Lisbon: it is nice.\nteen: my sister is ana\n",
    )
    .unwrap();
    let said = read_small_talk(&path).unwrap();
    assert_eq!(said.lines.len(), 3);
    let report = bench(Vec::new(), Some(path.clone())).measure().unwrap();
    let left = &report.junk.as_ref().unwrap().nodes;
    assert!(left.contains(&"Person ana".to_owned()), "{left:?}");
    assert!(left.iter().all(|node| !node.contains("Lisbon")), "{left:?}");
    assert_eq!(report.failures().is_empty(), left.len() <= JUNK_NODES);
    assert!(report.to_string().starts_with("3 lines of small talk left"));
    fs::write(&path, "teen: ok\nrobot: hi\n").unwrap();
    let error = read_small_talk(&path).unwrap_err().to_string();
    fs::remove_file(&path).unwrap();
    assert!(error.contains("line 2 begins neither"), "{error}");
}

fn node(kind: NodeKind, names: &[&str]) -> ReadNode {
    ReadNode {
        kind,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        rules: String::new(),
    }
}

fn edge(ends: (End, End), slot: &str, polarity: Polarity) -> ReadEdge {
    ReadEdge {
        kind: EdgeKind::RelatesTo,
        from: ends.0,
        to: ends.1,
        slot: slot.to_owned(),
        polarity,
        day: jiff::civil::date(2026, 5, 1),
        rules: String::new(),
    }
}

/// What is compared of the one edge of `gold`, where `mum` and an edge to her were read.
fn edges(gold: &str, slot: &str, polarity: Polarity) -> (Tally, Tally, (usize, usize)) {
    let gold: Gold = serde_json::from_str(&format!(
        r#"{{"nodes": [{{"kind": "Person", "name": "Mom"}}], "edges": [{gold}]}}"#
    ))
    .unwrap();
    let read = Read {
        nodes: vec![node(NodeKind::Person, &["my mum"])],
        edges: vec![edge((End::Teen, End::Node(0)), slot, polarity)],
    };
    let outcome = Outcome::of(&gold, &read);
    let strict = outcome.edges.get(&EdgeKind::RelatesTo).copied();
    (strict.unwrap_or_default(), outcome.any_slot, outcome.dates)
}

#[test]
fn an_edge_is_right_by_kind_ends_slot_and_polarity() {
    let gold = r#"{"kind": "relates_to", "from": "Teen", "to": "mom", "slot": "kin",
        "polarity": "+", "valid_from": "2026-05-01"}"#;
    let hit = Tally {
        hits: 1,
        said: 1,
        gold: 1,
    };
    let none = Tally { hits: 0, ..hit };
    assert_eq!(edges(gold, "kin", Polarity::Holds), (hit, hit, (1, 1)));
    assert_eq!(edges(gold, "mom", Polarity::Holds), (none, hit, (0, 0)));
    assert_eq!(edges(gold, "kin", Polarity::Stopped), (none, none, (0, 0)));
    let without_slot = r#"{"kind": "relates_to", "from": "Teen", "to": "Mom", "polarity": "+"}"#;
    assert_eq!(
        edges(without_slot, "mom", Polarity::Holds),
        (hit, hit, (0, 0))
    );
    let turned = r#"{"kind": "relates_to", "from": "Mom", "to": "Teen", "polarity": "+"}"#;
    assert_eq!(edges(turned, "mom", Polarity::Holds).0, none);
    let to_nobody = r#"{"kind": "relates_to", "from": "Teen", "to": "Dad", "polarity": "+"}"#;
    assert_eq!(edges(to_nobody, "mom", Polarity::Holds).0, none);
}

#[test]
fn a_node_is_counted_once() {
    let gold: Gold = serde_json::from_str(
        r#"{"nodes": [{"kind": "Person", "name": "ms. lee", "aliases": ["lee"]},
            {"kind": "Person", "name": "Lee"}, {"kind": "Place", "name": "lee"}], "edges": []}"#,
    )
    .unwrap();
    let read = Read {
        nodes: vec![
            node(NodeKind::Person, &["lee"]),
            node(NodeKind::Thing, &["lee"]),
        ],
        edges: Vec::new(),
    };
    let outcome = Outcome::of(&gold, &read);
    let person = outcome.nodes.get(&NodeKind::Person).copied();
    let counted = Tally {
        hits: 1,
        said: 1,
        gold: 2,
    };
    assert_eq!(person, Some(counted));
    // The name goes before the alias.
    assert!(
        outcome
            .errors
            .contains(&"missed    Person ms. lee".to_owned())
    );
    assert_eq!(
        compared(NodeKind::Thing, "the Sci-Fi club's"),
        "sci fi club"
    );
    assert_eq!(compared(NodeKind::Person, "Ms. O'Neil"), "ms oneil");
}
