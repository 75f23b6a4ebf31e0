//! Other teens' records.

use innerworld_aws::neptune::{
    engine::Parameters,
    statements::{self, Statement},
};
use innerworld_core::memory::ontology::EdgeKind;
use serde_json::{Value, json};

use super::{Subject, stored};

/// Runs a writing statement as `subject`, with these values and no care.
async fn run(subject: &Subject, statement: Statement, (name, value): (&str, Value)) -> u64 {
    let values = [
        ("teen".to_owned(), subject.teen.value().into()),
        (name.to_owned(), value),
    ];
    let rows = subject
        .engines
        .cluster
        .run(statement, &Parameters::from_iter(values))
        .await;
    let rows = rows.unwrap();
    let count = rows[0].get("written").or_else(|| rows[0].get("gone"));
    count.and_then(Value::as_u64).unwrap()
}

pub(crate) async fn an_edge_to_another_teen_writes_nothing(subject: &Subject) {
    let another = subject.another();
    let (own, theirs) = (subject.family(), another.family());
    subject.graph().apply(&own).await.unwrap();
    another.graph().apply(&theirs).await.unwrap();
    let mine = subject.teen.node(own.put_nodes[1].id);
    let other = another.teen.node(theirs.put_nodes[1].id);
    let edge = subject.edge(
        EdgeKind::RelatesTo,
        (own.put_nodes[1].id, own.put_nodes[2].id),
    );
    let mut row = serde_json::to_value(&edge).unwrap();
    row["id"] = json!(subject.teen.edge(edge.id));
    for (source, target) in [(&mine, &other), (&other, &mine), (&other, &other)] {
        row["source"] = json!(source);
        row["target"] = json!(target);
        let statement = statements::upsert_edges(edge.kind);
        assert_eq!(run(subject, statement, ("rows", json!([row]))).await, 0);
    }
    assert_eq!(subject.load().await, stored(&own));
    assert_eq!(another.load().await, stored(&theirs));
}

pub(crate) async fn ids_of_another_teen_reach_nothing(subject: &Subject) {
    let another = subject.another();
    let theirs = another.family();
    another.graph().apply(&theirs).await.unwrap();
    let node = &theirs.put_nodes[1];
    let edge = &theirs.put_edges[1];
    let node_ids = json!([another.teen.node(node.id)]);
    let edge_ids = json!([another.teen.edge(edge.id)]);
    assert_eq!(
        run(subject, statements::DELETE_NODES, ("ids", node_ids)).await,
        0
    );
    assert_eq!(
        run(subject, statements::DELETE_EDGES, ("ids", edge_ids)).await,
        0
    );
    let close = json!([{
        "id": another.teen.edge(edge.id), "valid_until": 1, "recorded_at": 1, "sealed": "",
    }]);
    assert_eq!(
        run(subject, statements::CLOSE_EDGES, ("rows", close)).await,
        0
    );

    let (graph, teen) = (subject.graph(), subject.teen);
    assert_eq!(graph.neighbours(teen, &[node.id], 300).await.unwrap(), []);
    assert_eq!(graph.two_hops(teen, &[node.id], 300).await.unwrap(), []);
    let ends = (edge.source, edge.target);
    assert_eq!(graph.edge_history(teen, ends).await.unwrap(), []);
    assert_eq!(
        graph.edges_of_session(teen, edge.session).await.unwrap(),
        []
    );
    assert_eq!(graph.erase(teen).await.unwrap().nodes, 0);
    assert_eq!(another.load().await, stored(&theirs));
}
