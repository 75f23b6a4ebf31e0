//! Suite of [`ProfileStore`].

use std::sync::Arc;

use innerworld_core::identity::profile::{AgeBand, ProfileStore};

use super::suite;
use crate::records::Records;

/// The port under test.
pub type Port = Arc<dyn ProfileStore>;

suite!($ profile_store_contract, profile_store, Port, [
    a_teen_without_profile_has_none,
    a_profile_is_read_back,
    the_last_profile_counts,
    profiles_are_each_teens_own,
]);

/// Nothing was completed yet.
pub async fn a_teen_without_profile_has_none(store: &Port) {
    let teen = Records::named("a_teen_without_profile_has_none").teen();
    assert_eq!(store.load(teen).await.unwrap(), None);
}

/// It comes back whole.
pub async fn a_profile_is_read_back(store: &Port) {
    let records = Records::named("a_profile_is_read_back");
    let teen = records.teen();
    let profile = records.profile();
    store.put(teen, &profile).await.unwrap();
    assert_eq!(store.load(teen).await.unwrap(), Some(profile));
}

/// Putting replaces, whole: what is absent now is gone.
pub async fn the_last_profile_counts(store: &Port) {
    let records = Records::named("the_last_profile_counts");
    let teen = records.teen();
    let mut profile = records.profile();
    store.put(teen, &profile).await.unwrap();
    profile.band = AgeBand::From16To17;
    profile.name = None;
    profile.region = None;
    profile.next_time_zone = Some("Europe/London 2026-11-24".to_owned());
    for _ in 0..2 {
        store.put(teen, &profile).await.unwrap();
        assert_eq!(store.load(teen).await.unwrap(), Some(profile.clone()));
    }
}

/// One teen's profile is not another's.
pub async fn profiles_are_each_teens_own(store: &Port) {
    let records = Records::named("profiles_are_each_teens_own");
    let (teen, other) = (records.teen(), records.teen());
    let profile = records.profile();
    store.put(teen, &profile).await.unwrap();
    assert_eq!(store.load(other).await.unwrap(), None);
    let mut second = records.profile();
    second.name = Some("Kim".to_owned().into());
    store.put(other, &second).await.unwrap();
    assert_eq!(store.load(teen).await.unwrap(), Some(profile));
    assert_eq!(store.load(other).await.unwrap(), Some(second));
}
