//! What is kept while the store is away, and what of it is read back.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    error::ErrorKind,
    safety::{
        Category, Level, SafetyCommit, SafetyRecord, SafetySpool as _, SafetyState, SafetyStore,
        keep::{Keeper, Kept},
    },
};
use innerworld_testkit::{
    fates::{Fate, Fated, Fates},
    records::{NOW, Records},
    reference::Reference,
};

struct Place {
    store: Arc<Reference>,
    fates: Arc<Fates>,
    keeper: Keeper,
    records: Records,
}

impl Place {
    fn new(name: &str) -> Self {
        let store = Arc::new(Reference::new());
        let fates = Arc::new(Fates::default());
        let port: Arc<dyn SafetyStore> = Arc::clone(&store) as _;
        Self {
            keeper: Keeper::new(
                Arc::new(Fated::new(port, Arc::clone(&fates))),
                Arc::clone(&store) as _,
            ),
            store,
            fates,
            records: Records::named(name),
        }
    }

    async fn total(&self) -> u64 {
        let counts = self.store.counts("0000-01-01", "9999-12-31").await.unwrap();
        counts.iter().map(|(_, n)| n).sum()
    }

    async fn keeps(&self, commit: SafetyCommit) -> Kept {
        let redo = |_stored: Option<&SafetyRecord>| None;
        self.keeper.keep(commit, &redo, NOW).await.unwrap()
    }
}

#[tokio::test]
async fn a_crisis_that_waits_in_the_spool_is_one_for_whoever_reads() {
    let place = Place::new("a_crisis_that_waits");
    let teen = place.records.teen();
    place.fates.set_away(true);
    let commit = place.records.safety_commit(teen, 0);
    assert!(matches!(
        place.keeps(commit.clone()).await,
        Kept::Spooled(_)
    ));
    place.fates.set_away(false);
    assert_eq!(place.store.load(teen).await.unwrap(), None);
    let read = place.keeper.load(teen).await.unwrap().unwrap();
    assert_eq!(read.state, SafetyState::Crisis);
    assert_eq!(read.rev, 0, "the next change is compared with the store");
    assert_eq!(place.keeper.load(place.records.teen()).await.unwrap(), None);
    place.keeper.replay(NOW).await.unwrap();
    assert_eq!(place.keeper.load(teen).await.unwrap(), Some(commit.record));
}

#[tokio::test]
async fn what_waits_is_joined_with_what_was_stored_since() {
    let place = Place::new("what_waits_is_joined");
    let teen = place.records.teen();
    place.fates.set_away(true);
    let mut crisis = place.records.safety_commit(teen, 0);
    crisis.record.level = Some(Level::Risk);
    crisis.record.crisis_event = crisis.record.event;
    place.keeps(crisis.clone()).await;
    let mut answered = crisis.clone();
    answered.record.state = SafetyState::JournalOnly;
    answered.record.acked_at = Some(NOW);
    (answered.expected_rev, answered.record.rev, answered.notice) = (1, 2, None);
    place.keeps(answered.clone()).await;
    place.fates.set_away(false);
    // In the order in which it happened, nothing else having come in between.
    let read = place.keeper.load(teen).await.unwrap().unwrap();
    assert_eq!((read.state, read.rev), (SafetyState::JournalOnly, 0));
    // Another process stored a question meanwhile.
    let mut question = place.records.safety_commit(teen, 0);
    question.record.state = SafetyState::CheckIn;
    question.record.category = Some(Category::Eating);
    place.store.commit(&question, NOW).await.unwrap();
    let read = place.keeper.load(teen).await.unwrap().unwrap();
    assert_eq!((read.state, read.rev), (SafetyState::Crisis, 1));
    place.keeper.replay(NOW).await.unwrap();
    let stored = place.store.load(teen).await.unwrap().unwrap();
    assert!(stored.state >= SafetyState::JournalOnly);
    assert_eq!(place.total().await, 2);
}

#[tokio::test]
async fn a_quiet_offer_waits_too_and_holds_nothing_back() {
    let place = Place::new("a_quiet_offer_waits");
    let teen = place.records.teen();
    let offer = place.records.notice("2026-11-24");
    place.fates.set_away(true);
    place.keeper.count(teen, offer.clone()).await.unwrap();
    place.fates.set_away(false);
    assert_eq!(
        place.keeper.load(teen).await.unwrap(),
        None,
        "it is no record"
    );
    let crisis = place.records.safety_commit(teen, 0);
    assert!(matches!(place.keeps(crisis).await, Kept::Stored(_)));
    place.keeper.replay(NOW).await.unwrap();
    place.keeper.count(teen, offer).await.unwrap();
    assert_eq!(place.total().await, 2);
    assert_eq!(place.store.depth().await.unwrap(), 0);
}

#[tokio::test]
async fn a_change_that_was_stored_and_said_to_have_failed_counts_once() {
    let place = Place::new("a_change_that_was_stored");
    let teen = place.records.teen();
    place.fates.plan(0, Fate::FailsLate);
    let mut commit = place.records.safety_commit(teen, 0);
    commit.record.crisis_event = commit.record.event;
    assert!(matches!(place.keeps(commit).await, Kept::Spooled(_)));
    assert_eq!(
        (place.total().await, place.store.depth().await.unwrap()),
        (1, 1)
    );
    place.keeper.replay(NOW).await.unwrap();
    assert_eq!(
        (place.total().await, place.store.depth().await.unwrap()),
        (1, 0)
    );
}

#[tokio::test]
async fn a_notice_that_is_too_old_to_be_counted_once_stays_where_somebody_looks() {
    let place = Place::new("a_notice_that_is_too_old");
    let teen = place.records.teen();
    place.fates.set_away(true);
    place.keeps(place.records.safety_commit(teen, 0)).await;
    place.fates.set_away(false);
    let day = Duration::from_secs(24 * 3_600);
    let late = NOW.plus(29 * day);
    let replayed = place.keeper.replay(late).await.unwrap();
    assert_eq!((replayed.stale, replayed.stored), (1, 0));
    assert_eq!(
        (place.total().await, place.store.depth().await.unwrap()),
        (0, 1)
    );
    let replayed = place.keeper.replay(late.minus(day)).await.unwrap();
    assert_eq!((replayed.stale, replayed.stored), (0, 1));
}

#[tokio::test]
async fn with_store_and_spool_away_the_caller_hears_of_it() {
    let store: Arc<Reference> = Arc::new(Reference::new());
    let fates = Arc::new(Fates::default());
    let safety: Arc<dyn SafetyStore> = Arc::clone(&store) as _;
    let spool: Arc<dyn innerworld_core::safety::SafetySpool> = store;
    let keeper = Keeper::new(
        Arc::new(Fated::new(safety, Arc::clone(&fates))),
        Arc::new(Fated::new(spool, Arc::clone(&fates))),
    );
    fates.set_away(true);
    let records = Records::named("with_store_and_spool_away");
    let redo = |_stored: Option<&SafetyRecord>| None;
    let commit = records.safety_commit(records.teen(), 0);
    let lost = keeper.keep(commit, &redo, NOW).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Unavailable);
}
