//! What graph and calendar add to a ranking, each signal by itself.

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        graph::{Graph, Node, NodeId},
        ontology::NodeKind,
        recall::{Known, Query, RecallIndex},
        recipe::{KnownWeights, Recipe},
        store::EvidenceTurn,
    },
};
use innerworld_testkit::records::Records;

use super::{TALK, talk, turn};

const NOW: &str = "2026-05-22T01:00:00Z";

/// What every turn gains by one signal, oldest first.
fn gains(known: KnownWeights, turns: &[EvidenceTurn], graph: &Graph, text: &str) -> Vec<f32> {
    let recipe = Recipe {
        known,
        ..Recipe::CURRENT
    };
    let index = RecallIndex::build(turns, None).with_recipe(recipe);
    let query = Query {
        text,
        speakers: TALK,
    };
    let known = Known {
        graphs: &[graph],
        now: Timestamp::parse_rfc3339(NOW).unwrap(),
        // It is still the 21st, a Thursday.
        zone: "America/Chicago",
    };
    let gains = index.gains(&query, &known);
    assert_eq!(index.query_knowing(&query, &gains).len(), turns.len());
    let ids: Vec<TurnId> = turns.iter().map(|turn| turn.id).collect();
    let parts = index.parts_of(&query, &gains, &ids).into_iter();
    parts.map(|parts| parts.unwrap().known).collect()
}

/// The places of turns that gain just this much.
fn places(gains: &[f32], much: f32) -> Vec<usize> {
    let all = gains.iter().enumerate();
    all.filter(|(_, gain)| (*gain - much).abs() < 1e-6)
        .map(|(place, _)| place)
        .collect()
}

/// Things by their names, each with the places of its turns, tied one to the next.
fn chain(things: &[(NodeKind, &str, &[usize])], turns: &[EvidenceTurn]) -> Graph {
    let records = Records::named("known");
    let nodes: Vec<Node> = things
        .iter()
        .map(|(kind, name, places)| Node {
            turns: places
                .iter()
                .map(|place| turns.get(*place).unwrap().id)
                .collect(),
            ..records.node(*kind, name)
        })
        .collect();
    let ids: Vec<NodeId> = nodes.iter().map(|node| node.id).collect();
    let ends = ids.iter().zip(ids.iter().skip(1));
    let edges = ends.map(|(from, to)| records.edge(*from, *to));
    Graph {
        edges: edges.map(|edge| (edge.id, edge)).collect(),
        nodes: nodes.into_iter().map(|node| (node.id, node)).collect(),
        generation: 1,
    }
}

#[test]
fn turns_of_a_named_thing_gain_and_those_of_its_neighbours() {
    let turns = talk();
    let graph = chain(
        &[
            (NodeKind::Teen, "me", &[4]),
            (NodeKind::Person, "Maya", &[0, 2]),
            (NodeKind::Place, "library", &[2, 6]),
            (NodeKind::Thing, "tower", &[8]),
        ],
        &turns,
    );
    let named = KnownWeights {
        named: 0.5,
        ..KnownWeights::OFF
    };
    for text in ["how is maya doing", "where did the Maya go"] {
        assert_eq!(places(&gains(named, &turns, &graph, text), 0.5), [0, 2]);
    }
    let beside_named = KnownWeights {
        beside_named: 0.25,
        ..KnownWeights::OFF
    };
    let gained = gains(beside_named, &turns, &graph, "how is maya doing");
    assert_eq!(places(&gained, 0.25), [2, 6]);
    let both = KnownWeights {
        named: 0.5,
        beside_named: 0.25,
        ..KnownWeights::OFF
    };
    let gained = gains(both, &turns, &graph, "how is maya doing");
    assert_eq!(
        (places(&gained, 0.75), places(&gained, 0.0).len()),
        (vec![2], turns.len() - 3)
    );
    let nobody = gains(both, &turns, &graph, "how is it going");
    assert_eq!(places(&nobody, 0.0).len(), turns.len());
}

#[test]
fn of_many_neighbours_eight_count() {
    let turns: Vec<EvidenceTurn> = (0..24)
        .map(|at| turn(0, at, &format!("word{at} and more")))
        .collect();
    let records = Records::named("known");
    let mut hub = records.node(NodeKind::Person, "Maya");
    hub.turns.clear();
    let mut graph = Graph::default();
    for turn in &turns {
        let mut node = records.node(NodeKind::Thing, "thing");
        (node.name, node.aliases) = (turn.text.clone().unwrap(), Vec::new());
        node.turns = vec![turn.id];
        let edge = records.edge(node.id, hub.id);
        graph.edges.insert(edge.id, edge);
        graph.nodes.insert(node.id, node);
    }
    graph.nodes.insert(hub.id, hub);
    let beside_named = KnownWeights {
        beside_named: 0.25,
        ..KnownWeights::OFF
    };
    let gained = gains(beside_named, &turns, &graph, "maya again");
    assert_eq!(places(&gained, 0.25).len(), 8);
}

#[test]
fn a_day_that_is_asked_for_prefers_turns_said_on_it_or_told_of_it() {
    let mut turns = talk();
    for (place, turn) in turns.iter_mut().enumerate() {
        let day = if place < 6 {
            "12 May 2026 Tuesday"
        } else {
            "20 May 2026 Wednesday"
        };
        day.clone_into(&mut turn.day);
    }
    turns[8].text = Some("two weeks ago we built a tower".to_owned().into());
    turns[10].text = Some("it broke a week ago".to_owned().into());
    let dated = KnownWeights {
        dated: 0.5,
        ..KnownWeights::OFF
    };
    let gained = |text: &str| places(&gains(dated, &turns, &Graph::default(), text), 0.5);
    let all: Vec<usize> = (0..turns.len()).collect();
    assert_eq!(gained("what did we do last week?"), [0, 1, 2, 3, 4, 5, 10]);
    assert_eq!(gained("and yesterday?"), all[6..]);
    assert_eq!(gained("what was it in may"), all);
    assert!(gained("what was it in april").is_empty());
    assert!(gained("may i ask something").is_empty());
}

#[test]
fn later_turns_gain_by_recency() {
    let mut turns = talk();
    for (turn, hour) in turns.iter_mut().zip(1_u128..) {
        turn.id = TurnId::from_bits((hour * 3_600_000) << 80);
    }
    let recent = KnownWeights {
        recent: 0.1,
        ..KnownWeights::OFF
    };
    let gained = gains(recent, &turns, &Graph::default(), "tell me");
    assert!(gained.is_sorted() && gained.first() < gained.last());
    assert!(gained.iter().sum::<f32>().abs() < 1e-4);
}

#[test]
fn what_is_off_adds_nothing() {
    let turns = talk();
    let graph = chain(&[(NodeKind::Person, "Maya", &[0])], &turns);
    let gained = gains(KnownWeights::OFF, &turns, &graph, "maya in may, yesterday");
    assert_eq!(places(&gained, 0.0).len(), turns.len());
    assert!(KnownWeights::OFF.are_off() && !Recipe::CURRENT.known.are_off());
}
