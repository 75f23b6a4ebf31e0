//! Suite of [`ConsentStore`].

use std::sync::Arc;

use futures_util::future::join_all;
use innerworld_core::identity::consent::{ConsentStore, Purpose};

use super::suite;
use crate::records::Records;

/// The port under test.
pub type Port = Arc<dyn ConsentStore>;

suite!($ consent_store_contract, consent_store, Port, [
    a_teen_without_consents_has_none,
    consents_are_listed_oldest_first,
    a_withdrawal_leaves_the_consent,
    equal_records_are_all_kept,
    appends_at_the_same_time_are_all_kept,
    consents_are_each_teens_own,
]);

/// Nothing was agreed to yet; appending nothing changes that not.
pub async fn a_teen_without_consents_has_none(store: &Port) {
    let teen = Records::named("a_teen_without_consents_has_none").teen();
    assert_eq!(store.list(teen).await.unwrap(), []);
    store.append(teen, &[]).await.unwrap();
    assert_eq!(store.list(teen).await.unwrap(), []);
}

/// All come back, whole, in the order in which they were appended.
pub async fn consents_are_listed_oldest_first(store: &Port) {
    let records = Records::named("consents_are_listed_oldest_first");
    let teen = records.teen();
    let mut expected = Vec::new();
    for round in 0..12 {
        let batch = [
            records.consent(Purpose::Terms, round),
            records.consent(Purpose::Memory, round),
        ];
        store.append(teen, &batch).await.unwrap();
        expected.extend(batch);
    }
    assert_eq!(store.list(teen).await.unwrap(), expected);
}

/// A later record of the same purpose changes none before it.
pub async fn a_withdrawal_leaves_the_consent(store: &Port) {
    let records = Records::named("a_withdrawal_leaves_the_consent");
    let teen = records.teen();
    let granted = records.consent(Purpose::ChatModel, 0);
    let mut withdrawn = granted.clone();
    withdrawn.granted = false;
    store
        .append(teen, std::slice::from_ref(&granted))
        .await
        .unwrap();
    store
        .append(teen, std::slice::from_ref(&withdrawn))
        .await
        .unwrap();
    assert_eq!(store.list(teen).await.unwrap(), [granted, withdrawn]);
}

/// The history tells how often something was agreed to.
pub async fn equal_records_are_all_kept(store: &Port) {
    let records = Records::named("equal_records_are_all_kept");
    let teen = records.teen();
    let consent = records.consent(Purpose::Mood, 0);
    for _ in 0..2 {
        store
            .append(teen, std::slice::from_ref(&consent))
            .await
            .unwrap();
    }
    assert_eq!(store.list(teen).await.unwrap(), [consent.clone(), consent]);
}

/// Eight appends at the same time lose none.
pub async fn appends_at_the_same_time_are_all_kept(store: &Port) {
    let records = Records::named("appends_at_the_same_time_are_all_kept");
    let teen = records.teen();
    let consents: Vec<_> = (0..8).map(|n| records.consent(Purpose::Terms, n)).collect();
    let calls = consents
        .iter()
        .map(|one| store.append(teen, std::slice::from_ref(one)));
    for outcome in join_all(calls).await {
        outcome.unwrap();
    }
    let listed = store.list(teen).await.unwrap();
    assert_eq!(listed.len(), consents.len());
    for consent in &consents {
        assert!(listed.contains(consent));
    }
}

/// One teen's consents are not another's.
pub async fn consents_are_each_teens_own(store: &Port) {
    let records = Records::named("consents_are_each_teens_own");
    let (teen, other) = (records.teen(), records.teen());
    let consent = records.consent(Purpose::Terms, 0);
    store
        .append(teen, std::slice::from_ref(&consent))
        .await
        .unwrap();
    assert_eq!(store.list(other).await.unwrap(), []);
    let second = records.consent(Purpose::Terms, 1);
    store
        .append(other, std::slice::from_ref(&second))
        .await
        .unwrap();
    assert_eq!(store.list(teen).await.unwrap(), [consent]);
    assert_eq!(store.list(other).await.unwrap(), [second]);
}
