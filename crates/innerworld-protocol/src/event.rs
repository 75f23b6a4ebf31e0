//! The one mapping from core's session events and turn rows to frames.

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{EventRecord, SessionEvent, TurnOrigin, TurnRecord},
        resume::Item,
    },
    secret::Redacted,
};

use crate::server::{MemoryFollows, ServerFrame};

/// The frame of a logged event, encoded.
pub fn encode_event(record: &EventRecord) -> String {
    if let SessionEvent::Safety { frame, .. } = &record.event {
        // The stored frame is the one that was sent first, with number 0.
        return frame.replacen("\"seq\":0", &format!("\"seq\":{}", record.seq), 1);
    }
    frame_of(record)
        .map(|frame| frame.encode())
        .unwrap_or_default()
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm per event; splitting a flat table helps nobody"
)]
fn frame_of(record: &EventRecord) -> Option<ServerFrame> {
    let seq = record.seq;
    Some(match record.event.clone() {
        SessionEvent::Disclosure {
            version,
            locale,
            text,
            ack_required,
            unsuitable_notice,
        } => ServerFrame::Disclosure {
            seq,
            version,
            text,
            locale,
            ack_required,
            unsuitable_notice,
        },
        SessionEvent::Notice {
            kind,
            text,
            version,
        } => ServerFrame::Notice {
            seq,
            kind,
            text,
            version,
        },
        SessionEvent::PersonaChosen {
            persona,
            name,
            version,
        } => ServerFrame::PersonaChosen {
            seq,
            persona,
            name,
            version,
        },
        SessionEvent::TurnReset { turn, reason } => ServerFrame::TurnReset { seq, turn, reason },
        SessionEvent::Safety { .. } => return None,
        SessionEvent::SafetyState { state, until } => ServerFrame::SafetyState {
            seq,
            state,
            until: until.map(Timestamp::to_rfc3339),
        },
        SessionEvent::Time {
            remaining_s,
            resets_at,
        } => ServerFrame::SessionTime {
            seq,
            remaining_s,
            resets_at: resets_at.to_rfc3339(),
        },
        SessionEvent::Ended {
            reason,
            duration_s,
            turns,
            remaining_s,
            memory_pending,
        } => ServerFrame::SessionEnded {
            seq,
            reason,
            duration_s,
            turns,
            remaining_s,
            memory: if memory_pending {
                MemoryFollows::Pending
            } else {
                MemoryFollows::Off
            },
        },
        SessionEvent::MemoryUpdated {
            added,
            changed,
            closed,
            digest_version,
        } => ServerFrame::MemoryUpdated {
            seq,
            added,
            changed,
            closed,
            digest_version,
        },
    })
}

/// Whether a turn's text is a machine's. A safety turn is people's words.
pub const fn ai_generated(origin: TurnOrigin) -> bool {
    !matches!(origin, TurnOrigin::Safety)
}

/// `accepted` of a turn, if it has a message.
pub fn accepted(turn: &TurnRecord, dup: bool) -> Option<ServerFrame> {
    let message = turn.message.as_ref()?;
    let seq = turn.seq_accepted?;
    Some(ServerFrame::Accepted {
        seq,
        id: message.id,
        turn: turn.id,
        dup,
    })
}

/// `turn.start` of a turn, if it started.
pub fn turn_start(turn: &TurnRecord) -> Option<ServerFrame> {
    Some(ServerFrame::TurnStart {
        seq: turn.seq_start?,
        turn: turn.id,
        id: turn.message.as_ref().map(|message| message.id),
        persona: turn.persona.clone(),
        origin: turn.origin,
        ai_generated: ai_generated(turn.origin),
    })
}

/// `turn.end` of a turn, if it ended. Tokens are for the scope `developer` only.
pub fn turn_end(turn: &TurnRecord, with_usage: bool) -> Option<ServerFrame> {
    Some(ServerFrame::TurnEnd {
        seq: turn.seq_end?,
        turn: turn.id,
        finish: turn.finish?,
        len: turn.answer_length(),
        ai_generated: ai_generated(turn.origin),
        code: turn.code.clone(),
        usage: turn.usage.filter(|_usage| with_usage),
    })
}

/// The whole text of a turn.
pub fn snapshot(turn: &TurnRecord) -> ServerFrame {
    ServerFrame::TurnSnapshot {
        turn: turn.id,
        text: turn.answer.clone(),
        len: turn.answer_length(),
        ai_generated: ai_generated(turn.origin),
    }
}

/// What a resume sends for one item.
pub fn encode_item(item: &Item<'_>, with_usage: bool) -> Option<String> {
    let frame = match item {
        Item::Event(event) => return Some(encode_event(event)),
        Item::Accepted(turn) => accepted(turn, false)?,
        Item::TurnStart(turn) => turn_start(turn)?,
        Item::Text { piece: "", .. } => return None,
        Item::Text { turn, off, piece } => ServerFrame::TurnDelta {
            turn: *turn,
            off: *off,
            d: Redacted::new((*piece).to_owned()),
        },
        Item::TurnEnd(turn) => turn_end(turn, with_usage)?,
        Item::Snapshot(turn) => snapshot(turn),
    };
    Some(frame.encode())
}
