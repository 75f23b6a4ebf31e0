//! What a client must be sent so that it has everything: pure over the stored log.

use std::collections::BTreeSet;

use super::{
    record::{EventRecord, SessionEvent, TurnRecord, TurnState},
    store::SessionLog,
};
use crate::ids::TurnId;

/// Where a client says it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Epoch of the log it knows.
    pub epoch: u64,
    /// Newest event it has.
    pub seq: u64,
    /// The turn that was open, with the characters it has of it.
    pub turn: Option<(TurnId, u64)>,
}

/// How a session is taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// From the first event.
    New,
    /// From the client's position.
    Full,
    /// The log was trimmed before the client's position.
    Snapshot,
    /// Another epoch: history was lost.
    Lost,
}

/// One thing to send, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An event that no turn row holds.
    Event(&'a EventRecord),
    /// `accepted`.
    Accepted(&'a TurnRecord),
    /// `turn.start`.
    TurnStart(&'a TurnRecord),
    /// A piece of a turn's text from this character on.
    Text {
        /// The turn.
        turn: TurnId,
        /// Characters before the piece.
        off: u64,
        /// The piece.
        piece: &'a str,
    },
    /// `turn.end`.
    TurnEnd(&'a TurnRecord),
    /// The whole text of a turn.
    Snapshot(&'a TurnRecord),
}

/// How many turns a snapshot shows.
pub const SNAPSHOT_TURNS: usize = 10;

/// Decides how a session is taken up from `position`.
pub fn decide(log: &SessionLog, position: Option<Position>) -> Resume {
    let Some(position) = position else {
        return Resume::New;
    };
    // A client that knows more than the log has seen it from before a loss.
    if position.epoch != log.session.epoch || position.seq > log.session.seq {
        return Resume::Lost;
    }
    if was_trimmed_after(log, position.seq) {
        Resume::Snapshot
    } else {
        Resume::Full
    }
}

/// Whether the log may have had events after `seq` that it keeps no more.
///
/// A number without anything in the log was given to an event that was trimmed, or stands for nothing:
/// its process died between taking it and using it. Events are trimmed from the oldest on, but for the
/// first, so that what is missing behind the oldest of the others was never there.
fn was_trimmed_after(log: &SessionLog, seq: u64) -> bool {
    let Some(oldest) = log.events.iter().find(|event| event.seq > 1) else {
        return false;
    };
    let doubtful = seq.saturating_add(1)..oldest.seq;
    if doubtful.is_empty() {
        return false;
    }
    let turns = log.turns.iter();
    let kept: BTreeSet<u64> = turns
        .flat_map(|turn| [turn.seq_accepted, turn.seq_start, turn.seq_end])
        .flatten()
        .chain(log.events.iter().map(|event| event.seq))
        .collect();
    doubtful.into_iter().any(|number| !kept.contains(&number))
}

/// Everything after `position` (from the beginning without one), in order; the text of the turn
/// that is still open comes last and reaches to what the log holds.
pub fn items(log: &SessionLog, position: Option<Position>) -> Vec<Item<'_>> {
    let after = position.map_or(0, |position| position.seq);
    let mut numbered: Vec<(u64, u8, Item<'_>)> = Vec::new();
    for event in &log.events {
        numbered.push((event.seq, 1, Item::Event(event)));
    }
    for turn in &log.turns {
        if let Some(seq) = turn.seq_accepted {
            numbered.push((seq, 1, Item::Accepted(turn)));
        }
        if let Some(seq) = turn.seq_start {
            numbered.push((seq, 1, Item::TurnStart(turn)));
        }
        if let Some(seq) = turn.seq_end {
            numbered.push((seq, 1, Item::TurnEnd(turn)));
        }
    }
    numbered.retain(|(seq, _, _)| *seq > after);
    let texts = log
        .turns
        .iter()
        .filter_map(|turn| text_of(log, turn, after, position));
    numbered.extend(texts);
    numbered.sort_by_key(|(seq, order, _)| (*seq, *order));
    numbered.into_iter().map(|(_, _, item)| item).collect()
}

/// The text of a turn that the client lacks, placed before its end (or last while it is open).
fn text_of<'a>(
    log: &'a SessionLog,
    turn: &'a TurnRecord,
    after: u64,
    position: Option<Position>,
) -> Option<(u64, u8, Item<'a>)> {
    let started = turn.seq_start?;
    let place = turn.seq_end.unwrap_or(u64::MAX);
    if place <= after {
        return None;
    }
    let was_reset = log.events.iter().any(|event| {
        event.seq > after
            && matches!(&event.event, SessionEvent::TurnReset { turn: reset, .. } if *reset == turn.id)
    });
    let off = match position.and_then(|position| position.turn) {
        // What the client has of a turn that was reset since then is void.
        Some((known, off)) if known == turn.id && started <= after && !was_reset => off,
        _ => 0,
    };
    let text = turn.answer.reveal();
    let start = usize::try_from(off).unwrap_or(usize::MAX);
    let length = text.chars().count();
    if start > length {
        // The client saw text that died with the process before it was stored.
        return Some((place, 0, Item::Snapshot(turn)));
    }
    let piece = text
        .char_indices()
        .nth(start)
        .and_then(|(byte, _)| text.get(byte..))?;
    Some((
        place,
        0,
        Item::Text {
            turn: turn.id,
            off,
            piece,
        },
    ))
}

/// What a client gets whose place was trimmed: the disclosure, snapshots of the last turns, and
/// every safety event that is still in the log.
pub fn snapshot_items(log: &SessionLog) -> Vec<Item<'_>> {
    let mut out: Vec<Item<'_>> = log
        .events
        .iter()
        .filter(|event| {
            matches!(
                event.event,
                SessionEvent::Disclosure { .. } | SessionEvent::Safety { .. }
            )
        })
        .map(Item::Event)
        .collect();
    let started: Vec<&TurnRecord> = log
        .turns
        .iter()
        .filter(|turn| turn.state != TurnState::Accepted)
        .collect();
    let first = started.len().saturating_sub(SNAPSHOT_TURNS);
    out.extend(started.into_iter().skip(first).map(Item::Snapshot));
    out
}
