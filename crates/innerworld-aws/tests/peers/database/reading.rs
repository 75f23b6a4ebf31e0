//! Readers beside a graph writer.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_aws::{
    GraphWriter,
    neptune::{
        graph::NeptuneGraph,
        pages::{Cursor, GraphPages, Page, Whose},
    },
};
use innerworld_core::{
    error::PortError,
    ids::TeenId,
    memory::{ontology::NodeKind, store::GraphStore},
};
use innerworld_testkit::{
    cutting_proxy::CuttingProxy,
    records::{Records, WHOLE},
    reference::Reference,
};

use super::Database;
use crate::{
    graph::{correction, large},
    place::{DYNAMODB, Place, address},
};

/// Has everything applied before each page.
#[derive(Debug)]
struct Overtaken {
    graph: NeptuneGraph,
    writer: GraphWriter,
}

#[async_trait]
impl GraphPages for Overtaken {
    async fn page(&self, whose: Whose, from: Cursor) -> Result<Page, PortError> {
        let page = self.graph.page(whose, from).await;
        self.writer.apply(whose.teen).await?;
        page
    }
}

/// A session, a large one, and a correction of it.
async fn three_writes(store: &dyn GraphStore, records: &Records) -> (Reference, TeenId) {
    let (teen, plain) = (records.teen(), Reference::new());
    let first = records.session_write(records.session_id(0), 0);
    let second = large(records, 1);
    let third = correction(records, &second, 2);
    for write in [&first, &second, &third] {
        for store in [store, &plain as &dyn GraphStore] {
            store.write(teen, write).await.unwrap();
        }
    }
    (plain, teen)
}

#[tokio::test]
async fn what_is_applied_between_two_pages_is_not_missed() {
    let (place, records) = (Place::new().await, Records::named("between two pages"));
    let database = Database::reached(None).await;
    let (plain, teen) = three_writes(&*database.of(&place.aws), &records).await;
    let overtaken = Arc::new(Overtaken {
        graph: database.graph.clone(),
        writer: place.aws.graph_writer(database.graph.clone()),
    });
    let expected = plain.load(teen, WHOLE).await.unwrap();
    let reader = database.read_through(&place.aws, overtaken);
    for _twice in 0..2 {
        assert_eq!(reader.load(teen, WHOLE).await.unwrap(), expected);
    }
    assert!(!database.house().fake.contents().edges.is_empty());
}

#[tokio::test]
async fn a_reader_that_lags_sees_a_whole_generation() {
    let (place, records) = (Place::new().await, Records::named("reader lags"));
    let database = Database::reached(None).await;
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = database.of(&place.aws);
    let writer = place.aws.graph_writer(database.graph.clone());
    let (_plain, teen) = three_writes(&*store, &records).await;
    let reader = database.of(&place.beside_through(&proxy.base_url()));
    reader.load(teen, WHOLE).await.unwrap();
    let calls = proxy.requests();
    // Held at each of its calls in turn, while everything is applied, and then a write comes too.
    for calls in 0..calls {
        for writes in [false, true] {
            let (plain, teen) = three_writes(&*store, &records).await;
            let reader = database.of(&place.beside_through(&proxy.base_url()));
            let before = plain.load(teen, WHOLE).await.unwrap();
            proxy.hold_after(calls);
            let others = async {
                proxy.holds().await;
                writer.apply(teen).await.unwrap();
                if writes {
                    let mut next = correction(&records, &large(&records, 3), 3);
                    next.delta.put_nodes = before.graph.nodes.values().take(2).cloned().collect();
                    for node in &mut next.delta.put_nodes {
                        node.support = 9;
                    }
                    next.delta.put_edges.clear();
                    for store in [&*store, &plain as &dyn GraphStore] {
                        store.write(teen, &next).await.unwrap();
                    }
                    writer.apply(teen).await.unwrap();
                }
                proxy.mend();
            };
            let (found, ()) = tokio::join!(reader.load(teen, WHOLE), others);
            let (found, after) = (found.unwrap(), plain.load(teen, WHOLE).await.unwrap());
            let expected = if found.graph.generation == after.graph.generation {
                after
            } else {
                before
            };
            assert_eq!(found, expected, "held at call {calls}");
        }
    }
}

/// A reader between two answers of the table that lists what waits: without care it would lay an old
/// record, of which it knows, over a newer one, which was applied before it came to it.
#[tokio::test]
async fn what_is_applied_while_patches_are_listed_is_not_undone() {
    let (place, records) = (
        Place::new().await,
        Records::named("while patches are listed"),
    );
    let database = Database::reached(None).await;
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = database.of(&place.aws);
    let writer = place.aws.graph_writer(database.graph.clone());
    let (_plain, teen) = long_and_changed(&*store, &records).await;
    let reader = database.of(&place.beside_through(&proxy.base_url()));
    reader.load_graph(teen, WHOLE).await.unwrap();
    // Held at each of its calls in turn, while everything is applied.
    for calls in 0..proxy.requests() {
        let (plain, teen) = long_and_changed(&*store, &records).await;
        let reader = database.of(&place.beside_through(&proxy.base_url()));
        proxy.hold_after(calls);
        let others = async {
            proxy.holds().await;
            writer.apply(teen).await.unwrap();
            proxy.mend();
        };
        let (found, ()) = tokio::join!(reader.load_graph(teen, WHOLE), others);
        let expected = plain.load_graph(teen, WHOLE).await.unwrap();
        assert_eq!(found.unwrap(), expected, "held at call {calls}");
    }
}

/// A patch of few records, but more than one answer of the table holds, and one that changes the
/// records at both of its ends.
async fn long_and_changed(store: &dyn GraphStore, records: &Records) -> (Reference, TeenId) {
    let (teen, plain) = (records.teen(), Reference::new());
    let mut first = records.session_write(records.session_id(0), 0);
    for n in 0..12 {
        let mut node = records.node(NodeKind::Person, &format!("Mara {n}"));
        node.aliases = vec!["a long name ".repeat(8_000).into()];
        first.delta.put_nodes.push(node);
    }
    let mut second = records.empty_write(1);
    let nodes = &first.delta.put_nodes;
    second.delta.put_nodes = vec![nodes[0].clone(), nodes[13].clone()];
    for node in &mut second.delta.put_nodes {
        node.support = 9;
    }
    for write in [&first, &second] {
        for store in [store, &plain as &dyn GraphStore] {
            store.write(teen, write).await.unwrap();
        }
    }
    (plain, teen)
}
