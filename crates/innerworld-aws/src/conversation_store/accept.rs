//! Accepting a message: one commit, and what its refusals say.
//!
//! An ordinary message costs 8 write units, its items being at most a kilobyte each: the turn 2 (every
//! item of a transaction counts twice), the message 2 and its entries in two indexes 1 each, the
//! session 2. The session's entry in its index is not touched. It costs 2 read units: the fence, and
//! the session.

use innerworld_core::{
    clock::Timestamp,
    conversation::record::{Accept, AcceptOutcome, TurnRecord},
    error::{ErrorKind, PortError},
    safety::record::SafetyNotice,
    seal::Seals,
};

use super::{
    TRIES, events,
    meta::{Counters, Meta, Stage, untaken},
    rows::{self, Maker, answer_sequence, item_of, meta_key, newest_seq, turn_key},
};
use crate::{
    dynamo::{Committed, Condition, Write},
    safety_rows::SafetyRows,
    shared::Shared,
};

const OPERATION: &str = "accept a message";

/// Where the conditions stand in the commit.
const TURN: usize = 0;
const META: usize = 1;
const MESSAGE: usize = 2;

pub(super) async fn accept(
    shared: &Shared,
    accept: &Accept,
    now: Timestamp,
) -> Result<AcceptOutcome, PortError> {
    let seals = shared.teen_keys.for_writing(accept.teen).await?;
    let maker = Maker::new(shared, &seals);
    let offer = Offer {
        maker: &maker,
        accept,
        now,
    };
    let mut riders = Riders::new(shared, &offer)?;
    for _try in 0..TRIES {
        let meta = Meta::find(shared, accept.teen, accept.turn.session).await?;
        let Some(meta) = meta else {
            return Ok(AcceptOutcome::SessionClosed);
        };
        if !meta.takes_messages(now)? {
            return Ok(AcceptOutcome::SessionClosed);
        }
        if let Err(overtaken) = meta.allow_taking(offer.first(), OPERATION) {
            // What took its number may be the same message.
            let stored = stored(shared, (&seals, now), &accept.turn).await?;
            return stored.map_or(Err(overtaken), |stored| Ok(repeated(stored, &accept.turn)));
        }
        let mut writes = offer.writes(&meta)?;
        let first_rider = writes.len();
        writes.extend(riders.writes());
        let committed = shared.dynamo.commit(OPERATION, &writes).await?;
        if committed == Committed::Yes {
            events::trim_after(shared, (&meta, accept.seq), &accept.events).await;
            return Ok(AcceptOutcome::New);
        }
        if committed.refused(META) {
            // It closed or counted on meanwhile: its item says which.
            continue;
        }
        if committed.refused(TURN) {
            let stored = stored(shared, (&seals, now), &accept.turn).await?;
            if let Some(stored) = stored {
                return Ok(repeated(stored, &accept.turn));
            }
            // It was deleted meanwhile.
            continue;
        }
        if riders.record_is_refused(&committed, first_rider) {
            return Ok(AcceptOutcome::SafetyMoved);
        }
        if committed.refused(MESSAGE) {
            // Another message has the number: two processes hold this session at the same time.
            return Err(PortError::new(ErrorKind::Conflict, OPERATION));
        }
        riders.drop_counted(&committed, first_rider);
    }
    Err(PortError::new(ErrorKind::Throttled, OPERATION))
}

/// A message on its way in.
pub(super) struct Offer<'a> {
    pub(super) maker: &'a Maker<'a>,
    pub(super) accept: &'a Accept,
    pub(super) now: Timestamp,
}

impl Offer<'_> {
    /// The first number that the message takes.
    fn first(&self) -> Option<u64> {
        let events = self.accept.events.first().map(|event| event.seq);
        self.accept.turn.seq_accepted.or(events)
    }

    /// Turn, session, message, in this order.
    pub(super) fn writes(&self, meta: &Meta) -> Result<Vec<Write>, PortError> {
        let turn = &self.accept.turn;
        let absent = |key| Some(Condition::gone(key, self.now));
        let (change, mut conditions) = meta.counting(Counters {
            seq: self.accept.seq.max(newest_seq(turn)),
            next_sequence: answer_sequence(turn).saturating_add(1),
        });
        conditions.extend([
            Stage::Open.or_before(),
            Condition::Absent("fenced"),
            Condition::lives(self.now),
        ]);
        conditions.extend(untaken(self.first()));
        let change = change.set("last_activity_at", self.now.as_millis());
        let mut writes = vec![
            Write::Put(
                turn_key(turn),
                item_of(self.maker.turn(turn)?),
                absent("session_id"),
            ),
            Write::Update(
                meta_key(turn.session),
                change,
                Some(Condition::All(conditions)),
            ),
        ];
        if let Some((key, item)) = self.maker.message(&meta.conversation, turn)? {
            writes.push(Write::Put(key, item, absent("conversation_id")));
        }
        Ok(writes)
    }
}

/// What rides with a message: events, the safety record, notices.
struct Riders {
    record: Option<Write>,
    notices: Vec<[Write; 2]>,
    events: Vec<Write>,
}

impl Riders {
    fn new(shared: &Shared, offer: &Offer<'_>) -> Result<Self, PortError> {
        let (accept, now) = (offer.accept, offer.now);
        let change = accept.safety.as_ref();
        let record =
            change.map(|change| SafetyRows::record(shared, offer.maker.seals, change, now));
        let notices: Vec<&SafetyNotice> = change
            .and_then(|change| change.notice.as_ref())
            .into_iter()
            .chain(&accept.soft)
            .collect();
        let turn = &accept.turn;
        Ok(Self {
            record: record.transpose()?,
            notices: notices
                .into_iter()
                .map(|notice| SafetyRows::notice(notice, now))
                .collect::<Result<_, _>>()?,
            events: offer
                .maker
                .events(turn.session, &accept.events, turn.expires_at)?,
        })
    }

    /// The record, the notices with their counts, the events.
    fn writes(&self) -> Vec<Write> {
        let record = self.record.iter();
        let rest = self.notices.iter().flatten().chain(&self.events);
        record.chain(rest).cloned().collect()
    }

    fn record_is_refused(&self, committed: &Committed, first: usize) -> bool {
        self.record.is_some() && committed.refused(first)
    }

    /// Leaves out the notices that were counted before.
    fn drop_counted(&mut self, committed: &Committed, first: usize) {
        let mut position = first.saturating_add(usize::from(self.record.is_some()));
        self.notices.retain(|_notice| {
            let counted = committed.refused(position);
            position = position.saturating_add(2);
            !counted
        });
    }
}

/// The turn that is stored under the offered one's id.
async fn stored(
    shared: &Shared,
    (seals, now): (&Seals, Timestamp),
    offered: &TurnRecord,
) -> Result<Option<TurnRecord>, PortError> {
    let found = shared.dynamo.get(OPERATION, &turn_key(offered)).await?;
    found
        .filter(|item| item.lives(now))
        .map(|item| rows::open_turn(seals, offered.session, &item))
        .transpose()
}

/// Whether a repeat is the same text is told from the sealed record: a readable hash of a short text
/// would give the text away.
fn repeated(stored: TurnRecord, offered: &TurnRecord) -> AcceptOutcome {
    let hash = |turn: &TurnRecord| turn.message.as_ref().map(|message| message.text_hash);
    if hash(&stored) == hash(offered) {
        AcceptOutcome::Duplicate(Box::new(stored))
    } else {
        AcceptOutcome::IdConflict
    }
}

#[cfg(test)]
mod tests {
    use innerworld_testkit::records::{NOW, Records};

    use super::*;
    use crate::dynamo::Refusal;

    #[test]
    fn a_counted_notice_is_left_out_and_the_other_stays() {
        let records = Records::named("a_counted_notice_is_left_out");
        let notice = || SafetyRows::notice(&records.notice("2026-11-24"), NOW).unwrap();
        let mut riders = Riders {
            record: None,
            notices: vec![notice(), notice()],
            events: Vec::new(),
        };
        let mut refusals = vec![Refusal::Innocent; 7];
        refusals[5] = Refusal::Condition;
        riders.drop_counted(&Committed::No(refusals), 3);
        assert_eq!(riders.notices.len(), 1);
        assert_eq!(riders.writes().len(), 2);
    }

    #[test]
    fn the_same_words_are_a_repeat_and_others_are_not() {
        let records = Records::named("the_same_words_are_a_repeat");
        let session = records.session(records.teen());
        let turn = records.turn(&session, 0, 2);
        let again = repeated(turn.clone(), &turn);
        assert_eq!(again, AcceptOutcome::Duplicate(Box::new(turn.clone())));
        let other = records.turn(&session, 2, 3);
        assert_eq!(repeated(turn, &other), AcceptOutcome::IdConflict);
    }
}
