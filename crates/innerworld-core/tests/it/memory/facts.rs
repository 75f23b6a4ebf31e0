//! Facts in the words of somebody who knows the teen.

use innerworld_core::memory::{
    facts::{Voice, clause, label},
    graph::Graph,
    ontology::NodeKind,
};
use innerworld_testkit::records::Records;

/// What a teen reads of these ties, one a line: from, slot, to.
fn told(ties: &[(&str, &str, &str)]) -> String {
    let records = Records::named("facts");
    let mut graph = Graph::default();
    let node = |name: &str| {
        let kind = match name {
            "Robin" => NodeKind::Teen,
            "Lincoln High" => NodeKind::Place,
            _ => NodeKind::Person,
        };
        records.node(kind, name)
    };
    let mut lines = Vec::new();
    for (from, slot, to) in ties {
        let (from, to) = (node(from), node(to));
        let mut edge = records.edge(from.id, to.id);
        (*slot).clone_into(&mut edge.slot);
        graph.nodes.extend([(from.id, from), (to.id, to)]);
        let fact = clause(&graph, &edge, Voice::ToTeen);
        let kind = if fact.is_some() { "fact" } else { "list" };
        lines.push(format!("{kind}: {}", label(&graph, &edge)));
    }
    lines.join("\n")
}

#[test]
fn ties_are_told_as_a_friend_would() {
    insta::assert_snapshot!(
        told(&[
            ("Robin", "best_friend", "Maya"),
            ("Robin", "mom", "mom"),
            ("Robin", "attends", "Lincoln High"),
            ("Maya", "sister", "Lena"),
            ("Maya", "school", "Lincoln High"),
            ("Maya", "co_occurrence", "Lena"),
            ("Robin", "works_at", "Lincoln High"),
            ("Maya", "works_at", "Lincoln High"),
            ("Maya", "from", "Lincoln High"),
        ]),
        @r"
    fact: Maya is your best friend
    list: you spoke of your mom
    fact: you go to Lincoln High
    fact: Lena is Maya's sister
    fact: Maya's school is Lincoln High
    list: Maya co occurrence Lena
    fact: you work at Lincoln High
    fact: Maya works at Lincoln High
    fact: Maya is from Lincoln High
    "
    );
}
