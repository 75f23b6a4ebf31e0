//! A session's own item, and what may become of it.

use innerworld_core::{
    clock::Timestamp,
    conversation::record::{SessionRecord, SessionState},
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId},
    seal::Seals,
};

use super::{
    rows::{self, Attribute, Maker, TURNS, event_number, meta_key},
    said::Conversation,
};
use crate::{
    dynamo::{Change, Condition, Item, end},
    shared::{SEALED, Shared},
};

/// Where a session stands, as far as conditions ask. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// The teen may talk in it.
    Open,
    /// It is being ended.
    Closing,
    /// It ended; its memory job is queued.
    Queued,
    /// Nothing that was said in it is left.
    Processed,
}

const STAGES: [Stage; 4] = [Stage::Open, Stage::Closing, Stage::Queued, Stage::Processed];

impl Stage {
    /// The stage of a record.
    pub(super) const fn of(state: SessionState) -> Self {
        match state {
            SessionState::Greeting | SessionState::Active => Self::Open,
            SessionState::Closing => Self::Closing,
            SessionState::Queued => Self::Queued,
            SessionState::Processed => Self::Processed,
        }
    }

    /// Its word in the attribute `state`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Queued => "queued",
            Self::Processed => "processed",
        }
    }

    fn parse(word: &str) -> Result<Self, PortError> {
        STAGES
            .into_iter()
            .find(|stage| stage.word() == word)
            .ok_or_else(|| PortError::new(ErrorKind::Corrupt, "read a session's state"))
    }

    /// The stored session stands here or before.
    pub(super) fn or_before(self) -> Condition {
        let stages = STAGES.into_iter().filter(|stage| *stage <= self);
        let is = |stage: Self| Condition::Is("state", stage.word().into());
        Condition::Any(stages.map(is).collect())
    }
}

/// What is stored of a session itself.
#[derive(Debug)]
pub(super) struct Meta {
    pub(super) session: SessionId,
    pub(super) teen: TeenId,
    pub(super) stage: Stage,
    pub(super) counters: Counters,
    pub(super) conversation: Conversation,
    pub(super) sweep_at: Timestamp,
    pub(super) ends: Timestamp,
    fenced: bool,
    item: Item,
}

impl Meta {
    /// The session's item, if it is this teen's.
    pub(super) async fn find(
        shared: &Shared,
        teen: TeenId,
        session: SessionId,
    ) -> Result<Option<Self>, PortError> {
        let found = Self::of_anyone(shared, session).await?;
        Ok(found.filter(|meta| meta.teen == teen))
    }

    /// The session's item, whosever it is.
    pub(super) async fn of_anyone(
        shared: &Shared,
        session: SessionId,
    ) -> Result<Option<Self>, PortError> {
        let found = shared
            .dynamo
            .get("read a session", &meta_key(session))
            .await?;
        found.map(|item| Self::read(session, item)).transpose()
    }

    /// Reads an item.
    pub(super) fn read(session: SessionId, item: Item) -> Result<Self, PortError> {
        let teen = TeenId::from_verified_subject(item.text("user_id")?)
            .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, "read a session", cause))?;
        Ok(Self {
            session,
            teen,
            stage: Stage::parse(item.text("state")?)?,
            counters: Counters {
                seq: item.number("seq")?,
                next_sequence: item.number("next_sequence")?,
            },
            conversation: Conversation {
                id: item.text("conversation_id")?.to_owned(),
                first: item.number("first_sequence")?,
            },
            sweep_at: Timestamp::from_millis(item.number("sweep_at")?),
            ends: item.ends()?,
            fenced: item.flag("fenced"),
            item,
        })
    }

    /// Whether it exists at `now`.
    pub(super) fn lives(&self, now: Timestamp) -> bool {
        self.item.lives(now)
    }

    /// When something was said or logged in it last.
    pub(super) fn last_activity_at(&self) -> Result<Timestamp, PortError> {
        let millis = self.item.number("last_activity_at")?;
        Ok(Timestamp::from_millis(millis))
    }

    /// The connection that listens, as it was noted last.
    pub(super) fn connection(&self) -> Result<Option<String>, PortError> {
        let noted = self.item.maybe_text("connection_id")?;
        Ok(noted.map(str::to_owned))
    }

    /// Whether an erase has begun, or the teen may no longer talk in it.
    pub(super) fn is_going_on(&self, now: Timestamp) -> bool {
        self.lives(now) && self.stage <= Stage::Closing && !self.fenced
    }

    /// Whether it takes messages at `now`; `Denied` while its teen is erased.
    pub(super) fn takes_messages(&self, now: Timestamp) -> Result<bool, PortError> {
        self.allow_writing("accept a message")?;
        Ok(self.stage == Stage::Open && self.lives(now))
    }

    /// `Denied` while its teen is erased.
    pub(super) fn allow_writing(&self, operation: &'static str) -> Result<(), PortError> {
        if self.fenced {
            return Err(PortError::new(ErrorKind::Denied, operation));
        }
        Ok(())
    }

    /// The session's record with these counters.
    pub(super) fn record(
        &self,
        seals: &Seals,
        counters: Counters,
    ) -> Result<SessionRecord, PortError> {
        let stored = rows::open_session(seals, self.session, self.item.bytes(SEALED)?)?;
        // Whoever finishes a session may have no key to seal its row again.
        let state = match self.stage {
            Stage::Processed => SessionState::Processed,
            Stage::Open | Stage::Closing | Stage::Queued => stored.state,
        };
        Ok(SessionRecord {
            state,
            seq: counters.seq,
            next_sequence: counters.next_sequence,
            // Whoever counts moves the item's own, and seals nothing anew.
            last_activity_at: self.last_activity_at()?.max(stored.last_activity_at),
            ..stored
        })
    }

    /// A change after which no counter is less than before, or than in `counters`, if what must hold
    /// for that does: that nobody counted further meanwhile.
    pub(super) fn counting(&self, counters: Counters) -> (Change, Vec<Condition>) {
        let (mut change, mut conditions) = (Change::new(), Vec::new());
        let numbers = [
            ("seq", self.counters.seq, counters.seq),
            (
                "next_sequence",
                self.counters.next_sequence,
                counters.next_sequence,
            ),
        ];
        for (name, stored, offered) in numbers {
            if offered > stored {
                change = change.set(name, offered);
                conditions.push(Condition::AtMost(name, offered.into()));
            }
        }
        (change, conditions)
    }

    /// `Conflict` if a commit that takes numbers from `first` on comes too late: another process has
    /// given that one out.
    pub(super) fn allow_taking(
        &self,
        first: Option<u64>,
        operation: &'static str,
    ) -> Result<(), PortError> {
        match first {
            Some(first) if first <= self.counters.seq => {
                Err(PortError::new(ErrorKind::Conflict, operation))
            }
            _ => Ok(()),
        }
    }

    /// The change that a new record is, with what must hold for it.
    pub(super) fn becoming(
        &self,
        maker: &Maker<'_>,
        session: &SessionRecord,
    ) -> Result<(Change, Vec<Condition>), PortError> {
        let (mut change, mut conditions) = self.counting(Counters::of(session));
        for (name, value) in attributes(maker, session)? {
            change = change.set(name, value);
        }
        conditions.push(Condition::Absent("fenced"));
        Ok((change, conditions))
    }
}

/// What must hold for a commit that takes numbers from `first` on: none of them was given out.
pub(super) fn untaken(first: Option<u64>) -> Option<Condition> {
    let before = first?.saturating_sub(1);
    Some(Condition::AtMost("seq", before.into()))
}

/// The attributes of a session's item that a new record replaces.
pub(super) fn attributes(
    maker: &Maker<'_>,
    session: &SessionRecord,
) -> Result<Vec<Attribute>, PortError> {
    let mut attributes: Vec<Attribute> = vec![
        ("state", Stage::of(session.state).word().into()),
        (
            "last_activity_at",
            session.last_activity_at.as_millis().into(),
        ),
        (SEALED, maker.session(session)?.into()),
    ];
    attributes.extend(end(session.expires_at));
    Ok(attributes)
}

/// The numbers that a session gives out next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Number of the newest event.
    pub(super) seq: u64,
    /// Number of the next message.
    pub(super) next_sequence: u64,
}

impl Counters {
    /// As a record has them.
    pub(super) const fn of(session: &SessionRecord) -> Self {
        Self {
            seq: session.seq,
            next_sequence: session.next_sequence,
        }
    }

    /// The greater of each.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            seq: self.seq.max(other.seq),
            next_sequence: self.next_sequence.max(other.next_sequence),
        }
    }

    /// What an item of a turn or an event shows: the counters live in a process while a session goes
    /// on, and are found again in the newest of its items, also in those that ended.
    pub(super) fn shown_by(item: &Item) -> Result<Self, PortError> {
        if !item.text("item")?.starts_with(TURNS) {
            return Ok(Self {
                seq: event_number(item)?,
                next_sequence: 0,
            });
        }
        let mut seq: u64 = 0;
        for name in ["seq_accepted", "seq_start", "seq_end"] {
            seq = seq.max(item.maybe_number(name)?.unwrap_or_default());
        }
        let answer: u64 = item.number("persona_sequence")?;
        Ok(Self {
            seq,
            next_sequence: answer.saturating_add(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_ordered_and_read_back() {
        for pair in STAGES.windows(2) {
            assert!(pair[0] < pair[1]);
        }
        for stage in STAGES {
            assert_eq!(Stage::parse(stage.word()).unwrap(), stage);
            let Condition::Any(words) = stage.or_before() else {
                panic!("one of several words");
            };
            assert_eq!(
                words.len(),
                STAGES.iter().filter(|other| **other <= stage).count()
            );
        }
        assert_eq!(Stage::parse("gone").unwrap_err().kind(), ErrorKind::Corrupt);
        let open = [SessionState::Greeting, SessionState::Active];
        assert!(
            open.into_iter()
                .all(|state| Stage::of(state) == Stage::Open)
        );
    }

    #[test]
    fn items_show_the_numbers_that_are_taken() {
        let event = Item::new().with("item", "event#00000012");
        let turn = Item::new()
            .with("item", "turn#01JD8Q2V7M3S9T0N5XKZ4B6CRE")
            .with("persona_sequence", 5_u32)
            .with("seq_accepted", 7_u32)
            .with("seq_end", 9_u32);
        let shown = Counters::shown_by(&event).unwrap();
        let shown = shown.or(Counters::shown_by(&turn).unwrap());
        assert_eq!(
            shown,
            Counters {
                seq: 12,
                next_sequence: 6
            }
        );
    }
}
