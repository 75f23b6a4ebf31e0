//! Suite of [`KeyStore`].

use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::join_all;
use innerworld_core::identity::account::KeyStore;

use super::{Subject, suite};
use crate::records::Records;

/// The port under test.
pub type Port = Arc<dyn KeyStore>;

suite!($ key_store_contract, key_store, Port, [
    signing_keys_are_listed_newest_first,
    one_signing_key_is_active,
    an_inactive_key_leaves_the_active_one,
    a_removed_signing_key_is_gone,
    a_service_key_stays_the_same,
    service_keys_differ_by_name,
    first_users_agree_on_a_service_key,
    an_unset_setting_is_none,
    the_first_setting_stays,
    first_writers_agree_on_a_setting,
]);

/// All come back, whole, newest first.
pub async fn signing_keys_are_listed_newest_first(store: &Port) {
    let records = Records::named("signing_keys_are_listed_newest_first");
    assert_eq!(store.signing_keys().await.unwrap(), []);
    let mut expected: Vec<_> = (0..3).map(|n| records.signing_key(false, n)).collect();
    for position in [1, 2, 0_usize] {
        let key = expected.get(position).unwrap();
        store.put_signing_key(key).await.unwrap();
    }
    expected.reverse();
    assert_eq!(store.signing_keys().await.unwrap(), expected);
}

/// A new active key makes the others inactive; they stay.
pub async fn one_signing_key_is_active(store: &Port) {
    let records = Records::named("one_signing_key_is_active");
    for n in 0..3 {
        store
            .put_signing_key(&records.signing_key(true, n))
            .await
            .unwrap();
    }
    let keys = store.signing_keys().await.unwrap();
    let active: Vec<_> = keys.iter().map(|key| key.active).collect();
    assert_eq!(active, [true, false, false]);
}

/// Storing a key that is not to sign changes nothing about who signs.
pub async fn an_inactive_key_leaves_the_active_one(store: &Port) {
    let records = Records::named("an_inactive_key_leaves_the_active_one");
    store
        .put_signing_key(&records.signing_key(true, 0))
        .await
        .unwrap();
    store
        .put_signing_key(&records.signing_key(false, 1))
        .await
        .unwrap();
    let keys = store.signing_keys().await.unwrap();
    let active: Vec<_> = keys.iter().map(|key| key.active).collect();
    assert_eq!(active, [false, true]);
}

/// The others stay; removing again is no error.
pub async fn a_removed_signing_key_is_gone(store: &Port) {
    let records = Records::named("a_removed_signing_key_is_gone");
    let (old, new) = (records.signing_key(false, 0), records.signing_key(true, 1));
    store.put_signing_key(&old).await.unwrap();
    store.put_signing_key(&new).await.unwrap();
    for _ in 0..2 {
        store.remove_signing_key(&old.kid).await.unwrap();
        let keys = store.signing_keys().await.unwrap();
        assert_eq!(keys, std::slice::from_ref(&new));
    }
}

/// The same name gives the same bytes, and not only zeros.
pub async fn a_service_key_stays_the_same(store: &Port) {
    let first = store.service_key("ledger").await.unwrap();
    assert_ne!(first, [0; 32]);
    assert_eq!(store.service_key("ledger").await.unwrap(), first);
}

/// Each purpose has a key of its own.
pub async fn service_keys_differ_by_name(store: &Port) {
    let mut keys = BTreeSet::new();
    for name in ["ledger", "pseudonym", "tombstone", "srp", "codes", "emails"] {
        keys.insert(store.service_key(name).await.unwrap());
    }
    assert_eq!(keys.len(), 6);
}

/// Eight first calls at the same time make one key.
pub async fn first_users_agree_on_a_service_key(store: &Port) {
    let keys = join_all((0..8).map(|_| store.service_key("codes"))).await;
    let keys: BTreeSet<_> = keys.into_iter().map(Result::unwrap).collect();
    assert_eq!(keys.len(), 1);
}

/// Nothing was set.
pub async fn an_unset_setting_is_none(store: &Port) {
    assert_eq!(store.setting("issuer").await.unwrap(), None);
}

/// A setting is made once; a later value is not taken, and the caller learns the stored one.
pub async fn the_first_setting_stays(store: &Port) {
    let first = store.put_setting_once("client_id", "one").await.unwrap();
    assert_eq!(first, "one");
    let second = store.put_setting_once("client_id", "two").await.unwrap();
    assert_eq!(second, "one");
    assert_eq!(
        store.setting("client_id").await.unwrap().as_deref(),
        Some("one")
    );
    assert_eq!(store.setting("user_pool_id").await.unwrap(), None);
}

/// Eight first writers at the same time learn one value.
pub async fn first_writers_agree_on_a_setting(store: &Port) {
    let values: Vec<_> = (0..8).map(|n| format!("pool-{n}")).collect();
    let calls = values
        .iter()
        .map(|value| store.put_setting_once("user_pool_id", value));
    let stored: BTreeSet<_> = join_all(calls)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(stored.len(), 1);
    let found = store.setting("user_pool_id").await.unwrap();
    assert_eq!(found.as_ref(), stored.first());
}

/// Keys and settings are the same after a restart. `reopen` opens the same store again. For
/// adapters that keep anything over a restart; not in the macro.
pub async fn keys_survive_a_restart(
    first: Subject<Port>,
    reopen: impl AsyncFnOnce() -> Subject<Port>,
) {
    let records = Records::named("keys_survive_a_restart");
    let key = records.signing_key(true, 0);
    first.ports.put_signing_key(&key).await.unwrap();
    let service = first.ports.service_key("ledger").await.unwrap();
    first.ports.put_setting_once("issuer", "one").await.unwrap();
    drop(first);
    let second = reopen().await;
    assert_eq!(second.ports.signing_keys().await.unwrap(), [key]);
    assert_eq!(second.ports.service_key("ledger").await.unwrap(), service);
    let issuer = second
        .ports
        .put_setting_once("issuer", "two")
        .await
        .unwrap();
    assert_eq!(issuer, "one");
}
