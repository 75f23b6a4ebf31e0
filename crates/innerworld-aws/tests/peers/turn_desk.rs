//! Who makes an answer, where several processes come for it.

use std::time::Duration;

use innerworld_aws::{Claim, Lease, Table};
use innerworld_core::{
    conversation::{
        record::{SessionRecord, TurnRecord, TurnState},
        store::Taken,
    },
    error::ErrorKind,
    ids::{MessageId, SessionId, TeenId},
};
use innerworld_testkit::records::{NOW, Records, at};

use crate::place::Place;

const LIFE: Duration = Duration::from_secs(15);

fn lease(owner: &str) -> Lease {
    Lease {
        owner: owner.to_owned(),
        life: LIFE,
    }
}

/// A turn that waits for its answer.
struct Waiting {
    place: Place,
    turn: TurnRecord,
    asked: (TeenId, SessionId),
    message: MessageId,
}

impl Waiting {
    async fn new(name: &'static str) -> Self {
        let (place, records) = (Place::new().await, Records::named(name));
        let teen = records.teen();
        let session: SessionRecord = records.session(teen);
        let store = place.aws.conversations();
        store.open_session(&session, &[]).await.unwrap();
        let turn = records.turn(&session, 0, 2);
        store
            .accept(records.accept(teen, &turn), NOW)
            .await
            .unwrap();
        Self {
            asked: (teen, session.id),
            message: turn.message.as_ref().unwrap().id,
            place,
            turn,
        }
    }

    async fn approach(&self, owner: &str) -> Claim {
        let desk = self.place.aws.turn_desk();
        let lease = lease(owner);
        let come = desk.approach(self.asked, self.message, &lease);
        come.await.unwrap()
    }

    async fn holds(&self, owner: &str) -> bool {
        let desk = self.place.aws.turn_desk();
        let lease = lease(owner);
        let held = desk.renew(self.asked, self.message, &lease);
        held.await.unwrap()
    }

    /// What comes of a write by this process.
    async fn write(&self, owner: &str, turn: &TurnRecord) -> Result<(), ErrorKind> {
        let store = self.place.aws.conversations_under(lease(owner));
        let stored = store.update_turn(self.asked.0, turn, Taken::NOTHING).await;
        stored.map_err(|error| error.kind())
    }
}

#[tokio::test]
async fn of_two_that_come_at_once_the_first_write_decides() {
    let waiting = Waiting::new("of_two_that_come_at_once").await;
    assert_eq!(waiting.approach("a").await, Claim::Free);
    assert_eq!(waiting.approach("b").await, Claim::Free);
    let mut turn = waiting.turn.clone();
    turn.upstream_started = true;
    assert_eq!(waiting.write("a", &turn).await, Ok(()));
    assert_eq!(waiting.write("b", &turn).await, Err(ErrorKind::Superseded));
    assert!(!waiting.holds("b").await);
    assert!(waiting.holds("a").await);
    assert_eq!(waiting.approach("c").await, Claim::Held);
    assert_eq!(waiting.write("a", &turn).await, Ok(()));
}

#[tokio::test]
async fn a_turn_may_be_held_before_anything_is_written() {
    let waiting = Waiting::new("a_turn_may_be_held").await;
    assert!(waiting.holds("a").await);
    assert_eq!(waiting.approach("b").await, Claim::Held);
    assert_eq!(
        waiting.write("b", &waiting.turn).await,
        Err(ErrorKind::Superseded)
    );
}

#[tokio::test]
async fn whose_lease_ran_out_is_followed_and_writes_no_more() {
    let waiting = Waiting::new("whose_lease_ran_out").await;
    assert_eq!(waiting.write("a", &waiting.turn).await, Ok(()));
    waiting.place.clock.advance(LIFE);
    assert_eq!(waiting.approach("b").await, Claim::Taken { again: true });
    let mut late = waiting.turn.clone();
    late.state = TurnState::Ended;
    late.answer = "Too late.".to_owned().into();
    assert_eq!(waiting.write("a", &late).await, Err(ErrorKind::Superseded));
    let said = waiting.place.names.of(Table::LiveConversations);
    let rows = waiting.place.tables.scan().table_name(said).send();
    assert_eq!(rows.await.unwrap().count, 1, "the teen's words alone");
    assert_eq!(waiting.write("b", &late).await, Ok(()));
    assert_eq!(waiting.approach("c").await, Claim::Over);
}

#[tokio::test]
async fn another_teens_turn_and_one_that_is_gone_are_over() {
    let waiting = Waiting::new("another_teens_turn").await;
    let desk = waiting.place.aws.turn_desk();
    let (_, session) = waiting.asked;
    let strange = (TeenId::from_subject_bits(99), session);
    let lease = lease("a");
    let come = desk.approach(strange, waiting.message, &lease);
    assert_eq!(come.await.unwrap(), Claim::Over);
    let (teen, _) = waiting.asked;
    let store = waiting.place.aws.conversations();
    store.finish_session(teen, session).await.unwrap();
    assert_eq!(waiting.approach("a").await, Claim::Over);
    assert_eq!(
        waiting.write("a", &waiting.turn).await,
        Err(ErrorKind::NotFound)
    );
    let log = store.session(teen, session, at(30)).await.unwrap();
    assert!(log.is_none_or(|log| log.turns.is_empty()));
}
