//! Suite of [`AuthorizationStore`].

use std::sync::Arc;

use futures_util::future::join_all;
use innerworld_core::{
    error::ErrorKind,
    identity::oauth::{AuthorizationStore, Redeemed},
};

use super::{assert_kind, suite};
use crate::records::{NOW, Records, at, just_after, just_before};

/// The port under test.
pub type Port = Arc<dyn AuthorizationStore>;

suite!($ authorization_store_contract, authorization_store, Port, [
    a_request_is_taken_once,
    requests_do_not_exist_from_their_expiry_on,
    so_many_requests_wait_and_no_more,
    a_code_is_used_first_once,
    one_of_many_uses_is_the_first,
    codes_do_not_exist_from_their_expiry_on,
    an_unknown_code_is_unknown,
]);

/// It comes back whole, once.
pub async fn a_request_is_taken_once(store: &Port) {
    let records = Records::named("a_request_is_taken_once");
    let (hash, request) = (records.hash(), records.sign_in_request(at(600)));
    store.put_request(hash, &request, 9, NOW).await.unwrap();
    assert_eq!(store.take_request(hash, NOW).await.unwrap(), Some(request));
    assert_eq!(store.take_request(hash, NOW).await.unwrap(), None);
    assert_eq!(store.take_request(records.hash(), NOW).await.unwrap(), None);
}

/// A request is good one millisecond before its expiry, and not at or after it.
pub async fn requests_do_not_exist_from_their_expiry_on(store: &Port) {
    let records = Records::named("requests_do_not_exist_from_their_expiry_on");
    let end = at(600);
    for (now, good) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let (hash, request) = (records.hash(), records.sign_in_request(end));
        store.put_request(hash, &request, 9, NOW).await.unwrap();
        let taken = store.take_request(hash, now).await.unwrap();
        assert_eq!(taken.is_some(), good, "at {now}");
    }
}

/// Those that ended leave room.
pub async fn so_many_requests_wait_and_no_more(store: &Port) {
    let records = Records::named("so_many_requests_wait_and_no_more");
    let request = records.sign_in_request(at(600));
    for _ in 0..3 {
        store
            .put_request(records.hash(), &request, 3, NOW)
            .await
            .unwrap();
    }
    let fourth = store
        .put_request(records.hash(), &request, 3, at(599))
        .await;
    assert_kind(fourth, ErrorKind::Throttled);
    let later = records.sign_in_request(at(1_200));
    store
        .put_request(records.hash(), &later, 3, at(600))
        .await
        .unwrap();
}

/// The second use hears what the first was for, also when it says something else.
pub async fn a_code_is_used_first_once(store: &Port) {
    let records = Records::named("a_code_is_used_first_once");
    let code = records.authorization_code(records.teen(), at(300));
    let (first, second) = (records.hash(), records.hash());
    store.put_code(&code).await.unwrap();
    let used = store.redeem(code.hash, first, NOW).await.unwrap();
    assert_eq!(used, Redeemed::First(code.clone()));
    let again = Redeemed::Again {
        teen: code.teen,
        grant: first,
    };
    for _ in 0..2 {
        let used = store.redeem(code.hash, second, NOW).await.unwrap();
        assert_eq!(used, again);
    }
}

/// Of eight uses at the same time one is the first, and the others hear of it.
pub async fn one_of_many_uses_is_the_first(store: &Port) {
    let records = Records::named("one_of_many_uses_is_the_first");
    let code = records.authorization_code(records.teen(), at(300));
    store.put_code(&code).await.unwrap();
    let uses = (0..8_u8).map(|n| store.redeem(code.hash, [n; 32], NOW));
    let used: Vec<_> = join_all(uses)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let first = used
        .iter()
        .position(|one| matches!(one, Redeemed::First(_)));
    let winner = [u8::try_from(first.unwrap()).unwrap(); 32];
    let others = used
        .iter()
        .filter(|one| matches!(one, Redeemed::Again { grant, .. } if *grant == winner));
    assert_eq!(others.count(), 7);
}

/// A code is good one millisecond before its expiry, and not at or after it.
pub async fn codes_do_not_exist_from_their_expiry_on(store: &Port) {
    let records = Records::named("codes_do_not_exist_from_their_expiry_on");
    let end = at(300);
    for (now, good) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let code = records.authorization_code(records.teen(), end);
        store.put_code(&code).await.unwrap();
        let used = store.redeem(code.hash, records.hash(), now).await.unwrap();
        assert_eq!(used != Redeemed::Unknown, good, "at {now}");
    }
}

/// What was never given is nothing.
pub async fn an_unknown_code_is_unknown(store: &Port) {
    let records = Records::named("an_unknown_code_is_unknown");
    let used = store.redeem(records.hash(), records.hash(), NOW).await;
    assert_eq!(used.unwrap(), Redeemed::Unknown);
}
