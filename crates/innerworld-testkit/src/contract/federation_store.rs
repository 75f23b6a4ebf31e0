//! Suite of [`FederationStore`].

use std::sync::Arc;

use futures_util::future::join_all;
use innerworld_core::{error::ErrorKind, identity::federation::FederationStore};

use super::{assert_kind, suite};
use crate::records::Records;

/// The port under test.
pub type Port = Arc<dyn FederationStore>;

suite!($ federation_store_contract, federation_store, Port, [
    a_grant_comes_with_its_account,
    the_last_grant_counts,
    a_taken_name_conflicts_and_leaves_nothing,
    one_of_many_first_sign_ins_wins,
    grants_are_each_teens_own,
    an_app_transaction_finds_all_who_use_it,
    app_transactions_are_apart,
]);

/// Who never signed in there has none.
pub async fn a_grant_comes_with_its_account(store: &Port) {
    let records = Records::named("a_grant_comes_with_its_account");
    let (teen, grant) = (records.teen(), records.provider_grant());
    assert_eq!(store.grant(teen).await.unwrap(), None);
    store
        .create(&records.federated(teen), &grant)
        .await
        .unwrap();
    assert_eq!(store.grant(teen).await.unwrap(), Some(grant));
}

/// A later sign-in brings a new one.
pub async fn the_last_grant_counts(store: &Port) {
    let records = Records::named("the_last_grant_counts");
    let (teen, first) = (records.teen(), records.provider_grant());
    store
        .create(&records.federated(teen), &first)
        .await
        .unwrap();
    let second = records.provider_grant();
    store.put_grant(teen, &second).await.unwrap();
    assert_eq!(store.grant(teen).await.unwrap(), Some(second));
}

/// Neither the account nor its grant.
pub async fn a_taken_name_conflicts_and_leaves_nothing(store: &Port) {
    let records = Records::named("a_taken_name_conflicts_and_leaves_nothing");
    let account = records.federated(records.teen());
    let grant = records.provider_grant();
    store.create(&account, &grant).await.unwrap();
    let mut second = records.federated(records.teen());
    second.federated = account.federated.clone();
    let refused = store.create(&second, &records.provider_grant()).await;
    assert_kind(refused, ErrorKind::Conflict);
    assert_eq!(store.grant(second.teen).await.unwrap(), None);
    assert_eq!(store.grant(account.teen).await.unwrap(), Some(grant));
}

/// Of six first sign-ins of one person at the same time one makes the account.
pub async fn one_of_many_first_sign_ins_wins(store: &Port) {
    let records = Records::named("one_of_many_first_sign_ins_wins");
    let grant = records.provider_grant();
    let accounts: Vec<_> = (0..6)
        .map(|_| {
            let mut account = records.federated(records.teen());
            account.federated = Some("SignInWithApple_wanted".to_owned().into());
            account
        })
        .collect();
    let made = join_all(accounts.iter().map(|account| store.create(account, &grant))).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
}

/// One teen's grant is not another's.
pub async fn grants_are_each_teens_own(store: &Port) {
    let records = Records::named("grants_are_each_teens_own");
    let (one, other) = (records.teen(), records.teen());
    let grant = records.provider_grant();
    store.create(&records.federated(one), &grant).await.unwrap();
    assert_eq!(store.grant(other).await.unwrap(), None);
}

/// A family; each once, however often they say so.
pub async fn an_app_transaction_finds_all_who_use_it(store: &Port) {
    let records = Records::named("an_app_transaction_finds_all_who_use_it");
    let mut family = [records.teen(), records.teen()];
    assert_eq!(store.teens_of_app("704").await.unwrap(), []);
    for teen in family {
        store.link_app(teen, "704").await.unwrap();
        store.link_app(teen, "704").await.unwrap();
    }
    let mut found = store.teens_of_app("704").await.unwrap();
    found.sort();
    family.sort();
    assert_eq!(found, family);
}

/// Another transaction is another family.
pub async fn app_transactions_are_apart(store: &Port) {
    let records = Records::named("app_transactions_are_apart");
    let (one, other) = (records.teen(), records.teen());
    store.link_app(one, "704").await.unwrap();
    store.link_app(other, "705").await.unwrap();
    assert_eq!(store.teens_of_app("704").await.unwrap(), [one]);
    assert_eq!(store.teens_of_app("705").await.unwrap(), [other]);
}
