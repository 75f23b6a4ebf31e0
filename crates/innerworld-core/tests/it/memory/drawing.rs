//! The graph as a picture.

use std::collections::BTreeSet;

use innerworld_core::memory::{
    Target,
    drawing::Drawing,
    graph::{Graph, NodeId},
    ontology::{EdgeKind, NodeKind},
};
use innerworld_testkit::records::{Records, at};

/// Robin, a best friend who has a dog, a school that is over, a goal that practice helps, and more
/// topics than fit. Ids follow from `seed` alone.
fn graph(seed: &str) -> Graph {
    let records = Records::named(seed);
    let mut graph = Graph::default();
    let mut add = |kind, name: &str| -> NodeId {
        let mut node = records.node(kind, name);
        node.turns.clear();
        let id = node.id;
        graph.nodes.insert(id, node);
        id
    };
    let robin = add(NodeKind::Teen, "Robin");
    let maya = add(NodeKind::Person, "Maya <3 & \"Co\"");
    let dog = add(NodeKind::Thing, "Biscuit");
    let school = add(NodeKind::Place, "Lincoln High");
    let goal = add(
        NodeKind::Goal,
        "learn to juggle four balls before the summer fair in July",
    );
    let practice = add(NodeKind::Activity, "practice");
    for number in 0..20 {
        add(NodeKind::Topic, &format!("topic {number}"));
    }
    for (from, to, kind, slot) in [
        (robin, maya, EdgeKind::RelatesTo, "friend"),
        (maya, dog, EdgeKind::RelatesTo, "pet"),
        (robin, school, EdgeKind::RelatesTo, "attends"),
        (robin, goal, EdgeKind::RelatesTo, "wants"),
        (practice, goal, EdgeKind::Supports, ""),
    ] {
        let mut edge = records.edge(from, to);
        edge.kind = kind;
        slot.clone_into(&mut edge.slot);
        edge.valid_until = (to == school).then(|| at(86_400));
        graph.edges.insert(edge.id, edge);
    }
    graph
}

fn drawn(graph: &Graph, gone: &BTreeSet<Target>) -> String {
    Drawing {
        graph,
        zone: "America/Chicago",
        teen_name: "Robin",
        title: "What is remembered",
        gone,
    }
    .to_svg()
}

/// Every element closes the one that was opened last.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    let mut parts = svg.split('<');
    let outside = parts.next();
    for part in parts {
        let Some((tag, text)) = part.split_once('>') else {
            return false;
        };
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        if tag.matches('"').count() % 2 == 1 || text.contains('>') {
            return false;
        }
    }
    open.is_empty() && outside == Some("")
}

#[test]
fn a_picture_says_all_that_holds_and_held() {
    let graph = graph("drawing");
    let svg = drawn(&graph, &BTreeSet::new());
    assert!(is_well_formed(&svg), "{svg}");
    assert!(svg.starts_with("<svg xmlns="));
    assert!(svg.contains("role=\"img\""));
    assert!(svg.contains("Maya &lt;3 &amp; &quot;Co&quot;"));
    assert!(svg.contains("went there until 25 Nov"));
    assert!(svg.contains("practice helps with learn to juggle"));
    assert!(svg.contains("…</text>"), "long names are cut");
    assert!(svg.contains("and 8 more"), "a dozen topics of twenty");
    assert!(!svg.contains("is forgotten"));
    for never in ["<script", "href", "http://127", "NaN", "inf"] {
        assert!(!svg.contains(never), "{never}");
    }
}

#[test]
fn a_picture_does_not_depend_on_ids() {
    let none = BTreeSet::new();
    let [one, other] = ["a", "b"].map(graph);
    assert_ne!(
        one.nodes.keys().collect::<Vec<_>>(),
        other.nodes.keys().collect::<Vec<_>>()
    );
    assert_eq!(drawn(&one, &none), drawn(&other, &none));
}

#[test]
fn what_goes_is_faded() {
    let graph = graph("drawing");
    let maya = graph
        .nodes
        .values()
        .find(|node| node.name.reveal().starts_with("Maya"));
    let gone = BTreeSet::from([Target::Node(maya.unwrap().id)]);
    let svg = drawn(&graph, &gone);
    assert!(is_well_formed(&svg));
    assert!(svg.contains("<g class=\"gone\"><title>Maya"));
    assert!(svg.contains("is forgotten"));
}

#[test]
fn an_empty_graph_is_a_picture_too() {
    let svg = drawn(&Graph::default(), &BTreeSet::new());
    assert!(is_well_formed(&svg));
    assert!(svg.contains(">Robin</text>"));
}
