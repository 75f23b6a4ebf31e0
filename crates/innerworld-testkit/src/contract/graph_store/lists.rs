//! Clauses on mention lists, suppressions and digests, and on switching memory off.

use innerworld_core::{error::ErrorKind, memory::graph::NodeId};

use super::{Port, load, write};
use crate::{contract::assert_kind, records::Records};

/// Lists come by session start, session and extractor: the order in which they are folded.
pub async fn mention_lists_come_in_order(store: &Port) {
    let records = Records::named("mention_lists_come_in_order");
    let teen = records.teen();
    // The later session has the smaller id: the start decides.
    let (late, early) = (records.session_id(0), records.session_id(100));
    let expected = vec![
        records.mentions(early, "local", 0),
        records.mentions(early, "model", 0),
        records.mentions(late, "local", 500),
    ];
    let mut one = records.empty_write(0);
    one.mentions = expected.iter().rev().cloned().collect();
    write(store, teen, &one).await;
    assert_eq!(store.mention_lists(teen).await.unwrap(), expected);
}

/// One list per session and extractor: the newer replaces it; others stay.
pub async fn mention_lists_are_replaced_and_deleted(store: &Port) {
    let records = Records::named("mention_lists_are_replaced_and_deleted");
    let teen = records.teen();
    let session = records.session_id(0);
    let mut one = records.empty_write(0);
    one.mentions = vec![
        records.mentions(session, "local", 0),
        records.mentions(session, "model", 0),
    ];
    write(store, teen, &one).await;
    let mut newer = records.mentions(session, "local", 0);
    "2".clone_into(&mut newer.version);
    let mut two = records.empty_write(1);
    two.mentions = vec![newer.clone()];
    write(store, teen, &two).await;
    let model = one.mentions.last().unwrap().clone();
    assert_eq!(
        store.mention_lists(teen).await.unwrap(),
        [newer, model.clone()]
    );
    let mut three = records.empty_write(2);
    three.delete_mentions = vec![
        (session, "local".to_owned()),
        (records.session_id(7), "local".to_owned()),
    ];
    write(store, teen, &three).await;
    assert_eq!(store.mention_lists(teen).await.unwrap(), [model]);
}

/// What was forgotten stays forgotten; asking again changes nothing.
pub async fn suppressions_are_kept(store: &Port) {
    let records = Records::named("suppressions_are_kept");
    let teen = records.teen();
    let (first, second) = (records.suppression(), records.suppression());
    for (generation, one) in [(0, &first), (1, &second), (2, &first)] {
        let mut forget = records.empty_write(generation);
        forget.suppressions = vec![one.clone()];
        write(store, teen, &forget).await;
    }
    let found = store.suppressions(teen).await.unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.contains(&first) && found.contains(&second));
}

/// Each write brings the digest of its graph.
pub async fn the_last_digest_counts(store: &Port) {
    let records = Records::named("the_last_digest_counts");
    let teen = records.teen();
    for generation in 0..3 {
        let mut one = records.empty_write(generation);
        one.digest.text = format!("Robin, chapter {generation}.").into();
        one.digest.nodes = vec![NodeId(records.bits())];
        write(store, teen, &one).await;
        assert_eq!(store.generation(teen).await.unwrap(), generation + 1);
        assert_eq!(load(store, teen).await.digest, Some(one.digest));
    }
}

/// After memory was switched off nothing of it is left; it can begin anew.
pub async fn erasing_memory_leaves_nothing(store: &Port) {
    let records = Records::named("erasing_memory_leaves_nothing");
    let teen = records.teen();
    let mut one = records.session_write(records.session_id(0), 0);
    one.suppressions = vec![records.suppression()];
    write(store, teen, &one).await;
    for _ in 0..2 {
        store.erase_memory(teen).await.unwrap();
        let stored = load(store, teen).await;
        assert!(stored.graph.nodes.is_empty());
        assert!(stored.graph.edges.is_empty());
        assert_eq!(stored.evidence, []);
        assert_eq!(stored.digest, None);
        let generation = store.generation(teen).await.unwrap();
        assert_eq!(generation, stored.graph.generation);
        assert_eq!(store.mention_lists(teen).await.unwrap(), []);
        assert_eq!(store.suppressions(teen).await.unwrap(), []);
    }
    let generation = load(store, teen).await.graph.generation;
    let again = records.session_write(records.session_id(9), generation);
    write(store, teen, &again).await;
    assert_eq!(load(store, teen).await.graph.nodes.len(), 2);
}

/// A job that was under way when memory was switched off brings nothing back, be it a teen's first.
pub async fn a_write_from_before_the_erase_conflicts(store: &Port) {
    let records = Records::named("a_write_from_before_the_erase_conflicts");
    for sessions_before in [0, 1] {
        let teen = records.teen();
        for _ in 0..sessions_before {
            let session = records.session_id(0);
            write(store, teen, &records.session_write(session, 0)).await;
        }
        let generation = load(store, teen).await.graph.generation;
        let under_way = records.session_write(records.session_id(9), generation);
        store.erase_memory(teen).await.unwrap();
        assert_kind(store.write(teen, &under_way).await, ErrorKind::Conflict);
        assert!(load(store, teen).await.graph.nodes.is_empty());
    }
}
