//! Clauses on accounts and credentials.

use futures_util::future::join_all;
use innerworld_core::{error::ErrorKind, identity::account::AccountState};

use super::Port;
use crate::{
    contract::assert_kind,
    records::{Records, at},
};

/// Nobody signed up yet.
pub async fn an_unknown_account_is_none(store: &Port) {
    let teen = Records::named("an_unknown_account_is_none").teen();
    assert_eq!(store.by_id(teen).await.unwrap(), None);
    assert_eq!(store.by_email("nobody@example.org").await.unwrap(), None);
    assert_eq!(store.credential(teen).await.unwrap(), None);
}

/// Both ways lead to the same account, whole.
pub async fn an_account_is_found_by_address_and_subject(store: &Port) {
    let records = Records::named("an_account_is_found_by_address_and_subject");
    let account = records.account(records.teen());
    store.create(&account, &records.credential()).await.unwrap();
    let by_id = store.by_id(account.teen).await.unwrap();
    assert_eq!(by_id.as_ref(), Some(&account));
    let by_email = store.by_email(account.email.reveal()).await.unwrap();
    assert_eq!(by_email.as_ref(), Some(&account));
}

/// The second account of an address is refused, and the first keeps its password.
pub async fn a_taken_address_conflicts(store: &Port) {
    let records = Records::named("a_taken_address_conflicts");
    let account = records.account(records.teen());
    let credential = records.credential();
    store.create(&account, &credential).await.unwrap();
    let mut second = records.account(records.teen());
    second.email = account.email.clone();
    let refused = store.create(&second, &records.credential()).await;
    assert_kind(refused, ErrorKind::Conflict);
    assert_eq!(store.by_id(second.teen).await.unwrap(), None);
    assert_eq!(store.credential(second.teen).await.unwrap(), None);
    let found = store.by_email(account.email.reveal()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&account));
    let kept = store.credential(account.teen).await.unwrap();
    assert!(kept == Some(credential), "the credential changed");
}

/// A subject has one account.
pub async fn a_taken_subject_conflicts(store: &Port) {
    let records = Records::named("a_taken_subject_conflicts");
    let account = records.account(records.teen());
    store.create(&account, &records.credential()).await.unwrap();
    let mut second = account.clone();
    second.email = "another@example.org".to_owned().into();
    let refused = store.create(&second, &records.credential()).await;
    assert_kind(refused, ErrorKind::Conflict);
    assert_eq!(store.by_id(account.teen).await.unwrap(), Some(account));
    assert_eq!(store.by_email("another@example.org").await.unwrap(), None);
}

/// Of eight sign-ups with one address at the same time one is taken.
pub async fn one_of_many_sign_ups_wins(store: &Port) {
    let records = Records::named("one_of_many_sign_ups_wins");
    let accounts: Vec<_> = (0..8)
        .map(|_| {
            let mut account = records.account(records.teen());
            account.email = "wanted@example.org".to_owned().into();
            account
        })
        .collect();
    let credential = records.credential();
    let calls = accounts
        .iter()
        .map(|account| store.create(account, &credential));
    let won = join_all(calls).await.into_iter().flatten().count();
    assert_eq!(won, 1);
    let found = store.by_email("wanted@example.org").await.unwrap().unwrap();
    assert_eq!(store.by_id(found.teen).await.unwrap(), Some(found));
}

/// An update replaces the row and leaves the credential.
pub async fn an_updated_account_is_read_back(store: &Port) {
    let records = Records::named("an_updated_account_is_read_back");
    let mut account = records.account(records.teen());
    account.state = AccountState::Unconfirmed;
    let credential = records.credential();
    store.create(&account, &credential).await.unwrap();
    for state in [
        AccountState::Confirmed,
        AccountState::Suspended,
        AccountState::Erasing,
    ] {
        account.state = state;
        account.modified_at = at(60);
        store.update(&account).await.unwrap();
        let found = store.by_email(account.email.reveal()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&account));
        let found = store.by_id(account.teen).await.unwrap();
        assert_eq!(found.as_ref(), Some(&account));
    }
    let kept = store.credential(account.teen).await.unwrap();
    assert!(kept == Some(credential), "the credential changed");
}

/// What is gone is not made again.
pub async fn updating_a_missing_account_is_not_found(store: &Port) {
    let records = Records::named("updating_a_missing_account_is_not_found");
    let account = records.account(records.teen());
    assert_kind(store.update(&account).await, ErrorKind::NotFound);
    assert_eq!(store.by_id(account.teen).await.unwrap(), None);
}

/// It comes back whole.
pub async fn a_credential_is_read_back(store: &Port) {
    let records = Records::named("a_credential_is_read_back");
    let account = records.account(records.teen());
    let credential = records.credential();
    store.create(&account, &credential).await.unwrap();
    let found = store.credential(account.teen).await.unwrap();
    assert!(found == Some(credential), "another credential came back");
}

/// A new password replaces the old one, all of it.
pub async fn the_last_credential_counts(store: &Port) {
    let records = Records::named("the_last_credential_counts");
    let account = records.account(records.teen());
    store.create(&account, &records.credential()).await.unwrap();
    let second = records.credential();
    for _ in 0..2 {
        store.put_credential(account.teen, &second).await.unwrap();
        let found = store.credential(account.teen).await.unwrap();
        assert!(
            found.as_ref() == Some(&second),
            "another credential came back"
        );
    }
}

/// One teen's account is not another's.
pub async fn accounts_are_each_teens_own(store: &Port) {
    let records = Records::named("accounts_are_each_teens_own");
    let (first, second) = (
        records.account(records.teen()),
        records.account(records.teen()),
    );
    let (one, two) = (records.credential(), records.credential());
    store.create(&first, &one).await.unwrap();
    assert_eq!(store.by_id(second.teen).await.unwrap(), None);
    assert_eq!(store.by_email(second.email.reveal()).await.unwrap(), None);
    store.create(&second, &two).await.unwrap();
    assert_eq!(
        store.by_id(first.teen).await.unwrap().as_ref(),
        Some(&first)
    );
    assert_eq!(
        store.by_id(second.teen).await.unwrap().as_ref(),
        Some(&second)
    );
    let found = store.credential(first.teen).await.unwrap();
    assert!(found == Some(one), "another credential came back");
    let found = store.credential(second.teen).await.unwrap();
    assert!(found == Some(two), "another credential came back");
}
