//! Suite of [`TicketStore`].

use std::sync::Arc;

use futures_util::future::join_all;
use innerworld_core::identity::account::TicketStore;

use super::suite;
use crate::records::{NOW, Records, at, just_after, just_before};

/// The port under test.
pub type Port = Arc<dyn TicketStore>;

suite!($ ticket_store_contract, ticket_store, Port, [
    a_ticket_is_taken_once,
    one_of_many_takers_gets_it,
    an_unknown_ticket_is_none,
    tickets_do_not_exist_from_their_expiry_on,
    taking_one_leaves_the_others,
]);

/// It comes back whole, once.
pub async fn a_ticket_is_taken_once(store: &Port) {
    let records = Records::named("a_ticket_is_taken_once");
    let ticket = records.ticket(records.teen(), at(30));
    store.put(&ticket).await.unwrap();
    assert_eq!(
        store.take(ticket.hash, at(1)).await.unwrap(),
        Some(ticket.clone())
    );
    assert_eq!(store.take(ticket.hash, at(1)).await.unwrap(), None);
}

/// Of eight takers at the same time one gets it.
pub async fn one_of_many_takers_gets_it(store: &Port) {
    let records = Records::named("one_of_many_takers_gets_it");
    let ticket = records.ticket(records.teen(), at(30));
    store.put(&ticket).await.unwrap();
    let taken = join_all((0..8).map(|_| store.take(ticket.hash, at(1)))).await;
    let got = taken.into_iter().filter_map(Result::unwrap).count();
    assert_eq!(got, 1);
}

/// What was never put is not there.
pub async fn an_unknown_ticket_is_none(store: &Port) {
    let records = Records::named("an_unknown_ticket_is_none");
    assert_eq!(store.take(records.hash(), NOW).await.unwrap(), None);
}

/// A ticket is good one millisecond before its expiry, and not at or after it.
pub async fn tickets_do_not_exist_from_their_expiry_on(store: &Port) {
    let records = Records::named("tickets_do_not_exist_from_their_expiry_on");
    let end = at(30);
    for (now, good) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let ticket = records.ticket(records.teen(), end);
        store.put(&ticket).await.unwrap();
        let taken = store.take(ticket.hash, now).await.unwrap();
        assert_eq!(taken.is_some(), good, "at {now}");
    }
}

/// Two tickets of one teen are two tickets.
pub async fn taking_one_leaves_the_others(store: &Port) {
    let records = Records::named("taking_one_leaves_the_others");
    let teen = records.teen();
    let (first, second) = (records.ticket(teen, at(30)), records.ticket(teen, at(30)));
    store.put(&first).await.unwrap();
    store.put(&second).await.unwrap();
    assert!(store.take(first.hash, at(1)).await.unwrap().is_some());
    assert_eq!(store.take(second.hash, at(1)).await.unwrap(), Some(second));
}
