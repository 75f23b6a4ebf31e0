//! Several servers on one set of tables.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use innerworld_aws::{Aws, Server};
use innerworld_core::{
    clock::Clock as _,
    cluster::{Cluster as _, Holder, Member},
    error::ErrorKind,
    ids::TeenId,
};

use crate::place::Place;

const AT_ONCE: Duration = Duration::ZERO;
/// Longer than a server lives that does not say so, by any clock.
const DEAD: Duration = Duration::from_secs(14);
const IDLE: Duration = Duration::from_secs(1_801);

/// What a server does for the others, noted.
#[derive(Default)]
struct Noted {
    told: Mutex<Vec<(TeenId, String)>>,
    busy: Option<TeenId>,
    stopping: bool,
    taken_up: AtomicUsize,
}

impl Member for Noted {
    fn told(&self, teen: TeenId, word: &str) {
        self.told.lock().unwrap().push((teen, word.to_owned()));
    }

    fn has(&self, teen: TeenId) -> bool {
        self.busy == Some(teen)
    }

    fn is_stopping(&self) -> bool {
        self.stopping
    }

    fn take_up(&self) {
        self.taken_up.fetch_add(1, Ordering::Relaxed);
    }
}

async fn joined(aws: &Aws, address: &str) -> Server {
    let server = aws.server(address, AT_ONCE).await.unwrap();
    server.join().await.unwrap();
    server
}

/// Two servers that know each other, and a teen.
async fn two() -> (Place, Server, Server, TeenId) {
    let place = Place::new().await;
    let one = joined(&place.aws, "http://one:1").await;
    let two = joined(&place.beside(), "http://two:2").await;
    (place, one, two, TeenId::from_subject_bits(7))
}

fn there(address: &str) -> Holder {
    Holder::There(address.to_owned())
}

#[tokio::test]
async fn one_server_holds_a_teen_and_the_others_know_where_it_is() {
    let (_place, one, two, teen) = two().await;
    assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    assert_eq!(two.hold(teen).await.unwrap(), there("http://one:1"));
    assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    let other = TeenId::from_subject_bits(8);
    assert_eq!(two.hold(other).await.unwrap(), Holder::Here);
    assert_eq!(one.hold(other).await.unwrap(), there("http://two:2"));
}

#[tokio::test]
async fn of_many_that_ask_at_once_one_holds_the_teen() {
    let (_place, one, two, _teen) = two().await;
    for teen in (100..120).map(TeenId::from_subject_bits) {
        let (first, second) = tokio::join!(one.hold(teen), two.hold(teen));
        let held = [first.unwrap(), second.unwrap()];
        let here = held.iter().filter(|held| **held == Holder::Here);
        assert_eq!(here.count(), 1, "{held:?}");
    }
}

#[tokio::test]
async fn what_a_dead_server_held_is_taken_over_and_it_believes_nothing_any_more() {
    let (place, one, two, teen) = two().await;
    let noted = Noted::default();
    assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    // It may still believe that it lives.
    place.clock.advance(Duration::from_secs(9));
    assert!(two.round(&noted).await.unwrap());
    assert_eq!(two.hold(teen).await.unwrap(), there("http://one:1"));
    assert_eq!(noted.taken_up.load(Ordering::Relaxed), 0);
    place.clock.advance(Duration::from_secs(5));
    assert!(two.round(&noted).await.unwrap());
    assert_eq!(noted.taken_up.load(Ordering::Relaxed), 1);
    assert_eq!(two.hold(teen).await.unwrap(), Holder::Here);
    let error = one.hold(teen).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    // It slept, and wakes.
    assert!(!one.round(&noted).await.unwrap());
    assert!(one.hold(teen).await.is_err());
    assert!(two.round(&noted).await.unwrap());
    assert_eq!(noted.taken_up.load(Ordering::Relaxed), 1, "once");
}

#[tokio::test]
async fn a_dead_server_is_known_as_dead_before_anybody_buried_it() {
    let (place, one, _two, teen) = two().await;
    assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    place.clock.advance(DEAD);
    let three = joined(&place.beside(), "http://three:3").await;
    assert_eq!(three.hold(teen).await.unwrap(), Holder::Here);
}

#[tokio::test]
async fn a_server_that_starts_again_at_its_address_has_its_teens_at_once() {
    let (place, one, _two, teen) = two().await;
    assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    let again = joined(&place.beside(), "http://one:1").await;
    assert_eq!(again.hold(teen).await.unwrap(), Holder::Here);
    assert!(!one.round(&Noted::default()).await.unwrap());
}

#[tokio::test]
async fn a_server_that_leaves_leaves_its_teens_to_others_at_once() {
    let (_place, one, two, teen) = two().await;
    assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    one.leave().await.unwrap();
    assert_eq!(two.hold(teen).await.unwrap(), Holder::Here);
    assert!(one.hold(teen).await.is_err());
}

#[tokio::test]
async fn an_idle_teen_is_let_go_and_a_busy_one_is_not() {
    let (place, one, two, idle) = two().await;
    let busy = TeenId::from_subject_bits(8);
    let noted = Noted {
        busy: Some(busy),
        ..Noted::default()
    };
    for teen in [idle, busy] {
        assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    }
    let ends = place.clock.now().plus(IDLE);
    while place.clock.now() < ends {
        place.clock.advance(Duration::from_secs(8));
        assert!(one.round(&noted).await.unwrap() && two.round(&noted).await.unwrap());
    }
    assert_eq!(two.hold(busy).await.unwrap(), there("http://one:1"));
    assert_eq!(two.hold(idle).await.unwrap(), Holder::Here);
    assert_eq!(one.hold(idle).await.unwrap(), there("http://two:2"));
}

#[tokio::test]
async fn a_server_that_stops_hands_over_who_has_nothing_going_on() {
    let (_place, one, two, idle) = two().await;
    let busy = TeenId::from_subject_bits(8);
    let stopping = Noted {
        busy: Some(busy),
        stopping: true,
        ..Noted::default()
    };
    for teen in [idle, busy] {
        assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    }
    assert!(one.round(&stopping).await.unwrap());
    assert_eq!(two.hold(idle).await.unwrap(), Holder::Here);
    assert_eq!(two.hold(busy).await.unwrap(), there("http://one:1"));
    one.let_go(busy).await.unwrap();
    assert_eq!(two.hold(busy).await.unwrap(), Holder::Here);
    // What is another's by now is not let go.
    one.let_go(busy).await.unwrap();
    assert_eq!(one.hold(busy).await.unwrap(), there("http://two:2"));
}

#[tokio::test]
async fn a_word_reaches_the_server_that_holds_the_teen_once() {
    let (_place, one, two, teen) = two().await;
    let (first, second) = (Noted::default(), Noted::default());
    two.tell(teen, "signed-out").await.unwrap();
    assert_eq!(one.hold(teen).await.unwrap(), Holder::Here);
    one.tell(teen, "signed-out").await.unwrap();
    two.tell(teen, "erased").await.unwrap();
    for _round in 0..2 {
        assert!(one.round(&first).await.unwrap());
        assert!(two.round(&second).await.unwrap());
    }
    assert_eq!(
        *first.told.lock().unwrap(),
        [(teen, "erased".to_owned())],
        "nobody tells itself, nor somebody who is not there"
    );
    assert_eq!(*second.told.lock().unwrap(), []);
}

#[tokio::test]
async fn a_number_is_spent_once_whoever_asks() {
    let (place, one, two, _teen) = two().await;
    let ends = place.clock.now().plus(Duration::from_secs(180));
    assert!(one.spend([1; 16], ends).await.unwrap());
    assert!(!two.spend([1; 16], ends).await.unwrap());
    assert!(!one.spend([1; 16], ends).await.unwrap());
    assert!(two.spend([2; 16], ends).await.unwrap());
}

#[tokio::test]
async fn a_server_that_shares_with_nobody_keeps_the_others_away_and_they_it() {
    let place = Place::new().await;
    let alone = place.aws.hold(AT_ONCE).await.unwrap();
    let refused = place.beside().server("http://one:1", AT_ONCE).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
    alone.release().await.unwrap();
    let beside = place.beside();
    let _one = joined(&beside, "http://one:1").await;
    let _two = joined(&place.beside(), "http://two:2").await;
    let refused = place.aws.hold(AT_ONCE).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
}
