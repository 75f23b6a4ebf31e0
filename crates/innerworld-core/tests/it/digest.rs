//! The digest: what it tells, what it leaves out, and that only content decides its bytes.

use std::collections::BTreeMap;

use innerworld_core::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    memory::{
        digest::{Account, DIGEST_TOKENS, LastSession, render},
        graph::{Assertion, AssertionId, Edge, EdgeId, Graph, Node, NodeId, Polarity, Precision},
        ontology::{EdgeKind, NodeKind},
        pack::line_tokens,
    },
    secret::Text,
};
use proptest::prelude::*;

const DAY: i64 = 86_400_000;

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-05-20T12:00:00Z").unwrap()
}

fn kim() -> Text {
    "Kim".to_owned().into()
}

fn account(teen_name: Option<&Text>) -> Account<'_> {
    Account {
        teen_name,
        zone: "America/Chicago",
    }
}

fn days_ago(days: i64) -> Timestamp {
    Timestamp::from_millis(now().as_millis() - days * DAY)
}

/// Something the teen speaks of.
#[derive(Clone, Debug)]
struct Thing {
    kind: NodeKind,
    name: String,
    attrs: Vec<(&'static str, String)>,
    support: u32,
    sessions: u32,
    age_days: i64,
    /// Edge from the teen beside `mentions`: kind, slot, still true.
    tie: Option<(EdgeKind, &'static str, bool)>,
}

fn thing(kind: NodeKind, name: &str) -> Thing {
    Thing {
        kind,
        name: name.to_owned(),
        attrs: Vec::new(),
        support: 2,
        sessions: 2,
        age_days: 1,
        tie: None,
    }
}

impl Thing {
    fn attr(mut self, key: &'static str, value: &str) -> Self {
        self.attrs.push((key, value.to_owned()));
        self
    }

    fn tie(mut self, kind: EdgeKind, slot: &'static str, open: bool) -> Self {
        self.tie = Some((kind, slot, open));
        self
    }

    fn node(&self, id: NodeId) -> Node {
        let attrs = self.attrs.iter();
        Node {
            id,
            kind: self.kind,
            name: self.name.clone().into(),
            key: self.name.to_lowercase().into(),
            qualifier: None,
            aliases: Vec::new(),
            attrs: attrs
                .map(|(key, value)| ((*key).to_owned(), value.clone().into()))
                .collect(),
            first_seen: days_ago(self.age_days),
            last_seen: days_ago(self.age_days),
            turns: vec![TurnId::from_bits(1)],
            support: self.support,
            sessions: self.sessions,
            confidence: 0.5,
            mood: [0.0; 7],
        }
    }
}

fn edge(id: u128, kind: EdgeKind, ends: (NodeId, NodeId), slot: &str, age_days: i64) -> Edge {
    let at = days_ago(age_days);
    Edge {
        id: EdgeId(id),
        kind,
        from: ends.0,
        to: ends.1,
        slot: slot.to_owned(),
        valid_from: at,
        valid_until: None,
        recorded_at: at,
        last_seen: at,
        confidence: 0.5,
        count: 1,
        emotion: [0.0; 7],
        log: vec![Assertion {
            id: AssertionId(id),
            polarity: Polarity::Holds,
            valid_at: at,
            precision: Precision::Day,
            recorded_at: at,
            turns: vec![TurnId::from_bits(1)],
            session: SessionId::from_bits(1),
            extractor: "local".to_owned(),
            version: "1".to_owned(),
            confidence: 0.5,
            emotion: [0.0; 7],
        }],
    }
}

/// A graph of a teen and these things; `scramble` decides all ids.
fn graph(things: &[Thing], links: &[(usize, EdgeKind, usize)], scramble: u128) -> Graph {
    let id = |place: usize| NodeId((place as u128 + 7).wrapping_mul(scramble | 1));
    let teen = id(things.len());
    let mut me = thing(NodeKind::Teen, "me").node(teen);
    me.support = 9;
    let mut nodes = BTreeMap::from([(teen, me)]);
    let mut edges = BTreeMap::new();
    let mut put = |mut edge: Edge, open: bool| {
        edge.id = EdgeId((edges.len() as u128 + 3).wrapping_mul(scramble | 1));
        edge.valid_until = (!open).then(|| days_ago(0));
        edges.insert(edge.id, edge);
    };
    for (place, thing) in things.iter().enumerate() {
        nodes.insert(id(place), thing.node(id(place)));
        let ends = (teen, id(place));
        put(edge(0, EdgeKind::Mentions, ends, "", thing.age_days), true);
        if let Some((kind, slot, open)) = thing.tie {
            put(edge(0, kind, ends, slot, thing.age_days), open);
        }
    }
    for (from, kind, to) in links {
        put(edge(0, *kind, (id(*from), id(*to)), "", 1), true);
    }
    Graph {
        nodes,
        edges,
        generation: 1,
    }
}

fn text(things: &[Thing]) -> String {
    render(&graph(things, &[], 1), now(), account(None), None).0
}

#[test]
fn a_full_digest_reads_well() {
    let things = [
        thing(NodeKind::Person, "maya")
            .attr("role", "best friend")
            .tie(EdgeKind::RelatesTo, "best_friend", true),
        thing(NodeKind::Person, "mom").attr("role", "mom"),
        thing(NodeKind::Thing, "biscuit").attr("sub", "pet"),
        thing(NodeKind::Goal, "make the swim team").tie(EdgeKind::RelatesTo, "wants", true),
        thing(NodeKind::Activity, "swim practice").tie(EdgeKind::Involves, "", true),
        thing(NodeKind::Place, "austin").tie(EdgeKind::RelatesTo, "lives_in", true),
        thing(NodeKind::Event, "chem test")
            .attr("when_from", "2026-05-22")
            .attr("precision", "day"),
        thing(NodeKind::Topic, "school stress"),
        thing(NodeKind::Person, "jonas"),
    ];
    let links = [(4, EdgeKind::Supports, 3), (6, EdgeKind::Conflicts, 3)];
    let last = LastSession {
        at: days_ago(2),
        topic: Some("swim practice"),
    };
    let (digest, nodes) = render(
        &graph(&things, &links, 1),
        now(),
        account(Some(&kim())),
        Some(last),
    );
    insta::assert_snapshot!(digest, @r"
    name: Kim
    people: biscuit (pet); jonas; maya (best friend); mom
    goal: make the swim team (helps: swim practice) (in the way: chem test)
    now: austin (lives in); swim practice
    dates: chem test (22 May)
    on their mind lately: school stress
    last talk: 18 May, about swim practice
    ");
    assert_eq!(nodes.len(), things.len());
    assert!(nodes.is_sorted());
}

#[test]
fn only_what_still_holds_is_told() {
    let over = [
        thing(NodeKind::Activity, "soccer").tie(EdgeKind::Involves, "", false),
        thing(NodeKind::Goal, "run a marathon").tie(EdgeKind::RelatesTo, "wants", false),
        thing(NodeKind::Place, "dallas").tie(EdgeKind::RelatesTo, "lives_in", false),
        thing(NodeKind::Event, "prom").attr("when_from", "2026-04-02"),
        thing(NodeKind::Event, "trip")
            .attr("when_from", "2026-05-21")
            .attr("precision", "month"),
    ];
    assert_eq!(text(&over), "");
    let ex = thing(NodeKind::Person, "jo")
        .attr("role", "girlfriend")
        .tie(EdgeKind::RelatesTo, "girlfriend", false);
    assert_eq!(text(&[ex]), "people: jo\n");
}

#[test]
fn what_is_announced_is_told_from_its_day_on() {
    let home = |name| thing(NodeKind::Place, name).tie(EdgeKind::RelatesTo, "lives_in", true);
    let mut graph = graph(&[home("dallas"), home("austin")], &[], 1);
    let day = days_ago(-10);
    let nodes = graph.nodes.clone();
    for edge in graph
        .edges
        .values_mut()
        .filter(|edge| edge.slot == "lives_in")
    {
        match nodes[&edge.to].name.reveal().as_str() {
            "dallas" => edge.valid_until = Some(day),
            _austin => edge.valid_from = day,
        }
    }
    let told = |now| render(&graph, now, account(None), None).0;
    assert_eq!(told(now()), "now: dallas (lives in)\n");
    assert_eq!(told(day), "now: austin (lives in)\n");
}

#[test]
fn unsure_things_diagnoses_and_numbers_are_not_told() {
    let mut once = thing(NodeKind::Activity, "knitting").tie(EdgeKind::Involves, "", true);
    once.sessions = 1;
    let left_out = [
        once,
        thing(NodeKind::Topic, "anxiety"),
        thing(NodeKind::Person, "call 5550100"),
        thing(NodeKind::Person, "kim@example.org"),
    ];
    assert_eq!(text(&left_out), "");
}

#[test]
fn the_more_often_and_the_later_comes_first() {
    let mut often = thing(NodeKind::Person, "zoe");
    often.support = 5;
    let mut long_ago = thing(NodeKind::Person, "al");
    long_ago.support = 5;
    long_ago.age_days = 90;
    let things = [thing(NodeKind::Person, "bo"), long_ago, often];
    assert_eq!(text(&things), "people: zoe; bo; al\n");
}

fn any_thing() -> impl Strategy<Value = Thing> {
    let kind = prop::sample::select(NodeKind::ALL[1..].to_vec());
    let tie = prop::option::of((
        prop::sample::select(vec![EdgeKind::Involves, EdgeKind::RelatesTo]),
        prop::sample::select(vec!["", "wants", "lives_in", "friend"]),
        any::<bool>(),
    ));
    let name = "[a-z]{1,12}( [a-z]{1,20}){0,3}";
    (kind, name, 1_u32..4, 1_u32..3, 0_i64..40, tie).prop_map(
        |(kind, name, support, sessions, age_days, tie)| Thing {
            support,
            sessions,
            age_days,
            tie,
            ..thing(kind, &name)
        },
    )
}

proptest! {
    /// Neither the order in which things were put in nor their ids move a byte.
    #[test]
    fn only_content_decides(
        things in prop::collection::vec(any_thing(), 0..40)
            .prop_filter("two of one name are told apart by nothing", |things| {
                let names: std::collections::BTreeSet<_> =
                    things.iter().map(|thing| (thing.kind, &thing.name)).collect();
                names.len() == things.len()
            }),
        scramble in any::<u128>(),
    ) {
        let (digest, _) = render(&graph(&things, &[], 1), now(), account(Some(&kim())), None);
        let reversed: Vec<_> = things.iter().rev().cloned().collect();
        let (other, _) = render(&graph(&reversed, &[], scramble), now(), account(Some(&kim())), None);
        prop_assert_eq!(&digest, &other);
        prop_assert!(digest.lines().map(line_tokens).sum::<usize>() <= DIGEST_TOKENS);
    }
}
