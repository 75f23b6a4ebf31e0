//! Histories told as notes: every question is answered as people mean it, whatever the order in
//! which the sessions arrived.

use std::collections::BTreeMap;

use innerworld_testkit::histories::{self, Category};

/// As many must stay as were once written.
const LEAST: usize = 75;

#[tokio::test]
async fn every_question_of_every_history_is_answered_as_people_mean_it() {
    let histories = histories::all();
    let mut wrong = Vec::new();
    for (name, history) in &histories {
        let (found, _orders) = history.check().await;
        wrong.extend(found.into_iter().map(|one| format!("{name}: {one}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(histories.len() >= LEAST);
}

#[test]
fn the_histories_are_of_every_kind_and_each_asks_something() {
    let mut kinds: BTreeMap<Category, usize> = BTreeMap::new();
    for (name, history) in histories::all() {
        assert!(history.questions() > 0, "{name} asks nothing");
        *kinds.entry(history.category).or_default() += 1;
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}
