//! How sessions stand that are due to be looked at, as far as that can be told without a teen's key.
//!
//! One process alone moves when a session is looked at, and it moves it at each look: so accepting a
//! message costs no write to the index.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{MessageId, SessionId, TeenId},
};

use super::{
    meta::{Meta, Stage},
    read,
    rows::TURNS,
    sweep,
};
use crate::{
    dynamo::{Item, Query, Table},
    shared::Shared,
};

/// Items of one session that one look deletes at most.
const ITEMS: usize = 500;

/// Looks at sessions.
#[derive(Clone, Debug)]
pub struct SweepDesk {
    shared: Arc<Shared>,
}

/// A session that is due.
#[derive(Debug)]
pub struct Standing {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub teen: TeenId,
    /// Whether its teen may talk in it.
    pub is_open: bool,
    /// When something was said or logged in it last.
    pub last_activity_at: Timestamp,
    /// The connection that listens, as it was noted last.
    pub connection: Option<String>,
    /// Messages that have no answer yet, in their order.
    pub open_turns: Vec<OpenTurn>,
    meta: Meta,
    turns: Vec<Item>,
}

/// The turn of a message that has no answer yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTurn {
    /// The message.
    pub message: MessageId,
    /// Whether its answer was begun: then no other process may begin it.
    pub is_begun: bool,
    /// Until when a process holds it, or held it.
    pub lease_until: Option<Timestamp>,
}

impl SweepDesk {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Sessions that the index says are due, at most `limit` of each of its partitions; those that wait
    /// longest come first.
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, PortError> {
        read::due(&self.shared, now, limit).await
    }

    /// How a session stands; `None` if it is gone, or was looked at since the index was read.
    pub async fn look(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Standing>, PortError> {
        let meta = Meta::of_anyone(&self.shared, session).await?;
        let Some(meta) = meta.filter(|meta| meta.sweep_at <= now) else {
            return Ok(None);
        };
        let query = Query::of(Table::Sessions, session.to_string()).prefix(TURNS);
        let turns = self.shared.dynamo.query("look at a session", query).await?;
        let is_open = meta.stage == Stage::Open && meta.is_going_on(now);
        Ok(Some(Standing {
            session,
            teen: meta.teen,
            is_open,
            last_activity_at: meta.last_activity_at()?,
            connection: meta.connection()?,
            open_turns: open_turns(&turns, now)?,
            meta,
            turns,
        }))
    }

    /// Deletes what expired of a session. What is left is looked at again at `next` if the session goes
    /// on, and otherwise when the first of it ends.
    pub async fn put_off(
        &self,
        standing: &Standing,
        (now, next): (Timestamp, Timestamp),
    ) -> Result<(), PortError> {
        let meta = &standing.meta;
        if meta.lives(now) && standing.turns.iter().all(|turn| turn.lives(now)) {
            let next = sweep::next_look(meta, &standing.turns, next)?;
            return sweep::put_off(&self.shared, meta, next).await;
        }
        let deleted = sweep::of_session(&self.shared, meta.session, (now, ITEMS), next);
        deleted.await.map(|_gone| ())
    }
}

fn open_turns(turns: &[Item], now: Timestamp) -> Result<Vec<OpenTurn>, PortError> {
    let mut open: Vec<(u64, OpenTurn)> = Vec::new();
    for turn in turns {
        // A turn without a number of the teen's own was made by no message.
        let Some(sequence) = turn.maybe_number("teen_sequence")? else {
            continue;
        };
        let state = turn.text("state")?;
        if state == "ended" || !turn.lives(now) {
            continue;
        }
        let of_message = OpenTurn {
            message: message_of(turn)?,
            is_begun: state == "running" || turn.flag("upstream_started"),
            lease_until: turn
                .maybe_number("lease_until")?
                .map(Timestamp::from_millis),
        };
        open.push((sequence, of_message));
    }
    open.sort_unstable_by_key(|(sequence, _turn)| *sequence);
    Ok(open.into_iter().map(|(_sequence, turn)| turn).collect())
}

fn message_of(turn: &Item) -> Result<MessageId, PortError> {
    turn.text("item")?
        .strip_prefix(TURNS)
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| PortError::new(ErrorKind::Corrupt, "look at a turn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_764_000_000_000);

    fn turn(id: u8, state: &str) -> Item {
        Item::new()
            .with("item", format!("turn#01JD8Q2V7M3S9T0N5XKZ4B6CR{id}"))
            .with("state", state)
            .until(NOW.plus(std::time::Duration::from_secs(60)))
    }

    #[test]
    fn turns_of_messages_that_wait_are_told_in_their_order() {
        let turns = [
            turn(1, "accepted").with("teen_sequence", 6_u32),
            turn(2, "running")
                .with("teen_sequence", 4_u32)
                .with("lease_until", NOW.as_millis()),
            turn(3, "ended").with("teen_sequence", 2_u32),
            turn(4, "running"),
            turn(5, "accepted")
                .with("teen_sequence", 8_u32)
                .with("upstream_started", true),
        ];
        let open = open_turns(&turns, NOW).unwrap();
        let begun: Vec<bool> = open.iter().map(|turn| turn.is_begun).collect();
        assert_eq!(begun, [true, false, true]);
        assert_eq!(open[0].lease_until, Some(NOW));
        assert_eq!(open[0].message.to_string(), "01JD8Q2V7M3S9T0N5XKZ4B6CR2");
        let expired = open_turns(&turns, NOW.plus(std::time::Duration::from_secs(60)));
        assert_eq!(expired.unwrap(), []);
    }
}
