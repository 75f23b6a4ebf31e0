//! Suite of [`JournalStore`].

use std::sync::Arc;

use innerworld_core::{ids::JournalId, safety::store::JournalStore};

use super::suite;
use crate::records::{NOW, Records, at, just_after, just_before};

/// The port under test.
pub type Port = Arc<dyn JournalStore>;

suite!($ journal_store_contract, journal_store, Port, [
    a_kept_entry_is_read_back,
    the_first_text_stays,
    entries_do_not_exist_from_their_expiry_on,
    entries_are_paged_newest_first,
    deleting_takes_one,
    deleting_again_succeeds,
    entries_are_each_teens_own,
]);

/// It comes back whole.
pub async fn a_kept_entry_is_read_back(store: &Port) {
    let records = Records::named("a_kept_entry_is_read_back");
    let teen = records.teen();
    assert_eq!(store.list(teen, None, 10, NOW).await.unwrap(), []);
    let entry = records.journal(NOW);
    store.put(teen, &entry).await.unwrap();
    assert_eq!(store.list(teen, None, 10, NOW).await.unwrap(), [entry]);
}

/// Putting a known id succeeds and replaces nothing.
pub async fn the_first_text_stays(store: &Port) {
    let records = Records::named("the_first_text_stays");
    let teen = records.teen();
    let entry = records.journal(NOW);
    store.put(teen, &entry).await.unwrap();
    let mut again = entry.clone();
    again.text = "Something else.".to_owned().into();
    store.put(teen, &again).await.unwrap();
    assert_eq!(store.list(teen, None, 10, NOW).await.unwrap(), [entry]);
}

/// An entry is there one millisecond before its expiry, and not at or after it.
pub async fn entries_do_not_exist_from_their_expiry_on(store: &Port) {
    let records = Records::named("entries_do_not_exist_from_their_expiry_on");
    let teen = records.teen();
    let entry = records.journal(NOW);
    store.put(teen, &entry).await.unwrap();
    let end = entry.expires_at;
    for (now, there) in [(just_before(end), 1), (end, 0), (just_after(end), 0)] {
        let listed = store.list(teen, None, 10, now).await.unwrap();
        assert_eq!(listed.len(), there, "at {now}");
    }
}

/// Entries come newest first, a page at a time.
pub async fn entries_are_paged_newest_first(store: &Port) {
    let records = Records::named("entries_are_paged_newest_first");
    let teen = records.teen();
    let entries: Vec<_> = (0..5).map(|n| records.journal(at(n))).collect();
    for position in [2, 0, 4, 1, 3_usize] {
        store
            .put(teen, entries.get(position).unwrap())
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut before: Option<JournalId> = None;
    loop {
        let page = store.list(teen, before, 2, at(60)).await.unwrap();
        assert!(page.len() <= 2, "a page is longer than its limit");
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page);
    }
    seen.reverse();
    assert_eq!(seen, entries);
}

/// The others stay.
pub async fn deleting_takes_one(store: &Port) {
    let records = Records::named("deleting_takes_one");
    let teen = records.teen();
    let (first, second) = (records.journal(NOW), records.journal(at(1)));
    store.put(teen, &first).await.unwrap();
    store.put(teen, &second).await.unwrap();
    store.delete(teen, first.id).await.unwrap();
    assert_eq!(store.list(teen, None, 10, at(1)).await.unwrap(), [second]);
}

/// Deleting what is not there is no error.
pub async fn deleting_again_succeeds(store: &Port) {
    let records = Records::named("deleting_again_succeeds");
    let teen = records.teen();
    let entry = records.journal(NOW);
    store.delete(teen, entry.id).await.unwrap();
    store.put(teen, &entry).await.unwrap();
    store.delete(teen, entry.id).await.unwrap();
    store.delete(teen, entry.id).await.unwrap();
    assert_eq!(store.list(teen, None, 10, NOW).await.unwrap(), []);
}

/// Ids are made by clients: two teens may have the same one, and neither reaches the other's.
pub async fn entries_are_each_teens_own(store: &Port) {
    let records = Records::named("entries_are_each_teens_own");
    let (teen, other) = (records.teen(), records.teen());
    let entry = records.journal(NOW);
    store.put(teen, &entry).await.unwrap();
    assert_eq!(store.list(other, None, 10, NOW).await.unwrap(), []);
    let mut theirs = entry.clone();
    theirs.text = "Rain all day, read a lot.".to_owned().into();
    store.put(other, &theirs).await.unwrap();
    assert_eq!(store.list(other, None, 10, NOW).await.unwrap(), [theirs]);
    store.delete(other, entry.id).await.unwrap();
    assert_eq!(store.list(teen, None, 10, NOW).await.unwrap(), [entry]);
}
