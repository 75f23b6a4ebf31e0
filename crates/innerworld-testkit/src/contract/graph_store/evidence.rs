//! Clauses on evidence, and on whose it is.

use innerworld_core::memory::store::{Horizon, StoredMemory};

use super::{Port, load, write};
use crate::records::{Records, WHOLE, just_after, just_before};

/// Evidence comes by session, then by position in it.
pub async fn evidence_comes_in_order(store: &Port) {
    let records = Records::named("evidence_comes_in_order");
    let teen = records.teen();
    let (early, late) = (records.session_id(0), records.session_id(100));
    let mut expected = Vec::new();
    for session in [early, late] {
        expected.extend((0..12).map(|n| records.evidence(session, n)));
    }
    let mut one = records.empty_write(0);
    one.evidence = expected.iter().rev().cloned().collect();
    write(store, teen, &one).await;
    assert_eq!(load(store, teen).await.evidence, expected);
}

/// A known id is replaced; a deleted one is gone.
pub async fn evidence_is_replaced_and_deleted(store: &Port) {
    let records = Records::named("evidence_is_replaced_and_deleted");
    let teen = records.teen();
    let session = records.session_id(0);
    let mut one = records.empty_write(0);
    one.evidence = (0..3).map(|n| records.evidence(session, n)).collect();
    write(store, teen, &one).await;
    let mut changed = one.evidence.first().unwrap().clone();
    changed.fact_words = vec!["music".to_owned().into()];
    let gone = one.evidence.get(1).unwrap();
    let kept = one.evidence.get(2).unwrap().clone();
    let mut two = records.empty_write(1);
    two.evidence = vec![changed.clone()];
    two.delete_evidence = vec![gone.id];
    write(store, teen, &two).await;
    assert_eq!(load(store, teen).await.evidence, [changed, kept]);
}

/// The graph and the evidence's ids are read alone, and tell what a whole read tells.
pub async fn the_graph_is_read_without_evidence(store: &Port) {
    let records = Records::named("the_graph_is_read_without_evidence");
    let teen = records.teen();
    assert_eq!(store.evidence_ids(teen).await.unwrap(), []);
    let write_one = records.session_write(records.session_id(0), 0);
    write(store, teen, &write_one).await;
    let whole = load(store, teen).await;
    let mut ids: Vec<_> = whole.evidence.iter().map(|turn| turn.id).collect();
    ids.sort_unstable();
    assert_eq!(store.evidence_ids(teen).await.unwrap(), ids);
    let graph = store.load_graph(teen, WHOLE).await.unwrap();
    let expected = StoredMemory {
        evidence: Vec::new(),
        ..whole
    };
    assert_eq!(graph, expected);
    assert_eq!(store.evidence_ids(records.teen()).await.unwrap(), []);
}

/// The text is there one millisecond before its expiry; at and after it the turn is a stub.
pub async fn evidence_text_ends_in_time(store: &Port) {
    let records = Records::named("evidence_text_ends_in_time");
    let teen = records.teen();
    let mut one = records.empty_write(0);
    one.evidence = vec![records.evidence(records.session_id(0), 0)];
    write(store, teen, &one).await;
    let turn = one.evidence.first().unwrap();
    let end = turn.expires_at;
    for (now, there) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let evidence = store.load(teen, Horizon::whole_graph(now)).await;
        let evidence = evidence.unwrap().evidence;
        let found = evidence.first().unwrap();
        assert_eq!(found.text.is_some(), there, "at {now}");
        assert_eq!(!found.fact_words.is_empty(), there, "words of it at {now}");
        assert_eq!((found.id, &found.day), (turn.id, &turn.day));
    }
}

/// Nothing of one teen comes back for another, and no write reaches another's.
pub async fn memories_are_each_teens_own(store: &Port) {
    let records = Records::named("memories_are_each_teens_own");
    let (teen, other) = (records.teen(), records.teen());
    let session = records.session_id(0);
    let mut one = records.session_write(session, 0);
    one.suppressions = vec![records.suppression()];
    write(store, teen, &one).await;
    let mine = load(store, teen).await;
    assert_eq!(load(store, other).await, StoredMemory::default());
    assert_eq!(store.generation(other).await.unwrap(), 0);
    assert_eq!(store.mention_lists(other).await.unwrap(), []);
    assert_eq!(store.suppressions(other).await.unwrap(), []);
    let key = one.applied.clone().unwrap();
    assert!(!store.is_applied(other, &key).await.unwrap());
    // The same ids under another teen are other rows.
    write(store, other, &one).await;
    let mut theirs = records.empty_write(1);
    theirs.delta.delete_nodes = mine.graph.nodes.keys().copied().collect();
    theirs.delta.delete_edges = mine.graph.edges.keys().copied().collect();
    theirs.delete_evidence = mine.evidence.iter().map(|turn| turn.id).collect();
    theirs.delete_mentions = vec![(session, "local".to_owned())];
    write(store, other, &theirs).await;
    store.erase_memory(other).await.unwrap();
    assert_eq!(load(store, teen).await, mine);
    assert_eq!(store.mention_lists(teen).await.unwrap(), one.mentions);
    assert_eq!(store.suppressions(teen).await.unwrap(), one.suppressions);
    assert!(store.is_applied(teen, &key).await.unwrap());
}
