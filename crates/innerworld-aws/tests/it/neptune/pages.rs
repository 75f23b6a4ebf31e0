//! Patches in parts, and graphs read page by page.

use innerworld_aws::neptune::{
    pages::{Cursor, GraphPages, Whose, read_all},
    patch::GraphPatch,
    rows::Sealed,
    waiting::{Piece, RowGraph},
};
use innerworld_core::{ids::TeenId, memory::ontology::EdgeKind};

use super::house::House;
use crate::graph_suite::Subject;

/// A patch whose records are as long as they may be.
fn long(subject: &Subject) -> GraphPatch {
    let mut patch = subject.family();
    let ids: Vec<_> = patch.put_nodes.iter().map(|node| node.id).collect();
    let ends = ids.iter().cycle().zip(ids.iter().cycle().skip(1));
    let ends = ends.map(|(from, to)| (*from, *to)).take(40);
    let edges = ends.map(|ends| subject.edge(EdgeKind::RelatesTo, ends));
    patch.put_edges.extend(edges);
    let long = Sealed::new(&vec![7; 190_000]);
    for node in &mut patch.put_nodes {
        node.sealed = long.clone();
    }
    for edge in &mut patch.put_edges {
        edge.sealed = long.clone();
    }
    patch
}

fn laid(parts: impl IntoIterator<Item = GraphPatch>) -> RowGraph {
    let mut graph = RowGraph::default();
    for part in parts {
        graph.lay(Piece::Rows(part));
    }
    graph
}

#[tokio::test]
async fn parts_do_what_the_whole_does_and_each_fits_into_an_item() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "parts");
    let mut patch = long(&subject);
    let again = subject.node(patch.put_nodes[3].kind, 5);
    patch.delete_nodes = vec![patch.put_nodes[2].id, again.id];
    patch.delete_edges = patch.put_edges.iter().map(|edge| edge.id).collect();
    patch.put_nodes.push(again);
    let parts = patch.clone().cut();
    assert!(parts.len() > 50, "{} parts", parts.len());
    for part in &parts {
        let bytes = innerworld_core::seal::encode(&Piece::Rows(part.clone())).unwrap();
        assert!(bytes.len() < 330_000, "{} bytes", bytes.len());
    }
    assert_eq!(laid(parts), laid([patch.clone()]));
    assert!(GraphPatch::empty(subject.teen).cut().is_empty());
    patch.put_nodes.truncate(1);
    patch.put_edges.clear();
    assert_eq!(patch.cut().len(), 1);
}

#[tokio::test]
async fn pages_have_four_megabytes_and_miss_nothing() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "pages");
    let patch = long(&subject);
    for part in patch.clone().cut() {
        subject.graph().apply(&part).await.unwrap();
    }
    let whose = Whose {
        teen: TeenId::from_subject_bits(7),
        number: subject.teen,
    };
    let mut pages = 0;
    let mut next = Some(Cursor::Beginning);
    while let Some(from) = next {
        let page = subject.graph().page(whose, from).await.unwrap();
        let text = serde_json::to_string(&page).unwrap();
        assert!(text.len() < 4_100_000, "{} bytes", text.len());
        pages += 1;
        next = page.next;
    }
    assert!(pages > 3, "{pages} pages");
    let read = read_all(subject.graph(), whose).await.unwrap();
    assert_eq!(read, laid([patch]));
    let nobody = Whose {
        number: subject.another().teen,
        ..whose
    };
    let read = read_all(subject.graph(), nobody).await.unwrap();
    assert_eq!(read, RowGraph::default());
}

#[tokio::test]
async fn graphs_of_many_small_rows_are_read_whole() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "small rows");
    let mut patch = subject.family();
    let (kind, owner) = (patch.put_nodes[1].kind, patch.put_nodes[0].id);
    for _ in 0..985 {
        let node = subject.node(kind, 1);
        let edge = subject.edge(EdgeKind::Mentions, (owner, node.id));
        patch.put_nodes.push(node);
        patch.put_edges.push(edge);
    }
    assert_eq!(patch.put_nodes.len(), 1_000, "two pages to the row");
    subject.graph().apply(&patch).await.unwrap();
    let whose = Whose {
        teen: TeenId::from_subject_bits(7),
        number: subject.teen,
    };
    let read = read_all(subject.graph(), whose).await.unwrap();
    assert_eq!(read, laid([patch]));
}
