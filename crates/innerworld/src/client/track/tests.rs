//! The offset rule, resume positions and repeats.

use innerworld_core::{
    conversation::record::{Finish, ResetReason, TurnOrigin},
    ids::{RequestId, SessionId},
    secret::Redacted,
};
use innerworld_protocol::{
    ErrorCode,
    server::{Limits, ServerInfo, WireSessionState},
};

use super::*;

const TURN: TurnId = TurnId::from_bits(7);

fn welcome(resumed: Resumed, seq: u64, open_turn: Option<TurnId>) -> ServerFrame {
    ServerFrame::Welcome(Box::new(Welcome {
        session: SessionId::from_bits(1),
        epoch: "e1".into(),
        seq,
        resumed,
        state: WireSessionState::Active,
        persona: None,
        open_turn,
        heartbeat_ms: 25_000,
        rollup_ms: 40,
        remaining_s: 1_200,
        resets_at: "2026-11-24T05:00:00Z".into(),
        limits: Limits {
            frame_bytes: 32_768,
            message_bytes: 16_000,
            messages_burst: 5,
            messages_per_min: 30,
            queued_turns: 1,
        },
        resources_version: "1".into(),
        request_id: RequestId::from_bits(1),
        server: ServerInfo {
            version: "0".into(),
            carrier: "socket".into(),
        },
    }))
}

fn start(seq: u64) -> ServerFrame {
    ServerFrame::TurnStart {
        seq,
        turn: TURN,
        id: None,
        persona: "courage".parse().unwrap(),
        origin: TurnOrigin::Model,
        ai_generated: true,
    }
}

fn delta(off: u64, piece: &str) -> ServerFrame {
    ServerFrame::TurnDelta {
        turn: TURN,
        off,
        d: Redacted::new(piece.to_owned()),
    }
}

fn end(seq: u64, len: u64) -> ServerFrame {
    ServerFrame::TurnEnd {
        seq,
        turn: TURN,
        finish: Finish::Stop,
        len,
        ai_generated: true,
        code: None,
        usage: None,
    }
}

fn words(piece: &str) -> Vec<Step> {
    vec![Step::Words {
        turn: TURN,
        piece: piece.to_owned(),
    }]
}

/// In a session, with an answer of which `text` was received.
fn answering(text: &str) -> Track {
    let mut track = Track::default();
    track.apply(welcome(Resumed::New, 4, None));
    track.apply(start(5));
    track.apply(delta(0, text));
    track
}

#[test]
fn deltas_in_order_are_appended() {
    let mut track = answering("That ");
    assert_eq!(track.apply(delta(5, "sounds")), words("sounds"));
    let steps = track.apply(end(6, 11));
    assert!(matches!(&steps[..], [Step::Ended { text, .. }] if text == "That sounds"));
    assert_eq!(track.open_turn(), None);
}

#[test]
fn repeated_deltas_drop_out_and_overlaps_give_the_rest() {
    let mut track = answering("That sounds");
    assert_eq!(track.apply(delta(0, "That")), vec![]);
    assert_eq!(track.apply(delta(5, "sounds hard")), words(" hard"));
}

#[test]
fn offsets_count_scalars_and_not_bytes() {
    let mut track = answering("né🌱");
    assert_eq!(track.apply(delta(2, "🌱é!")), words("é!"));
    assert_eq!(track.last().unwrap().off, Some(5));
    assert!(matches!(track.apply(end(6, 5))[..], [Step::Ended { .. }]));
}

#[test]
fn a_hole_asks_for_a_resync_and_loses_nothing() {
    let mut track = answering("That ");
    assert_eq!(track.apply(delta(9, "hard")), vec![Step::Resync]);
    track.greeted();
    // What is still on its way from the old position is ignored until the answer to hello.
    assert_eq!(track.apply(delta(13, "er")), vec![]);
    let last = track.last().unwrap();
    assert_eq!((last.seq, last.turn, last.off), (5, Some(TURN), Some(5)));
    track.apply(welcome(Resumed::Full, 5, Some(TURN)));
    assert_eq!(track.apply(delta(5, "is hard")), words("is hard"));
}

#[test]
fn an_end_that_does_not_fit_keeps_its_number_for_the_resume() {
    let mut track = answering("That ");
    assert_eq!(track.apply(end(6, 9)), vec![Step::Resync]);
    assert_eq!(track.last().unwrap().seq, 5);
    track.greeted();
    track.apply(welcome(Resumed::Full, 6, None));
    track.apply(delta(5, "hurt"));
    let steps = track.apply(end(6, 9));
    assert!(matches!(&steps[..], [Step::Ended { text, .. }] if text == "That hurt"));
    assert_eq!(
        track.apply(end(6, 9)),
        vec![],
        "a repeated end is nothing new"
    );
    assert_eq!(track.apply(delta(0, "That")), vec![], "nor are its words");
}

#[test]
fn a_server_that_never_fits_is_believed_in_the_end() {
    let mut track = answering("That ");
    for _ in 0..MAX_MISFITS {
        assert_eq!(track.apply(end(6, 99)), vec![Step::Resync]);
        track.greeted();
        track.apply(welcome(Resumed::Full, 6, None));
    }
    assert!(matches!(track.apply(end(6, 99))[..], [Step::Ended { .. }]));
}

#[test]
fn a_snapshot_replaces_text_that_died_with_the_server() {
    let mut track = answering("That sounds like");
    track.greeted();
    track.apply(welcome(Resumed::Full, 6, None));
    let snapshot = ServerFrame::TurnSnapshot {
        turn: TURN,
        text: Redacted::new("That".to_owned()),
        len: 4,
        ai_generated: true,
    };
    let replaced = Step::Replaced {
        turn: TURN,
        text: "That".into(),
    };
    assert_eq!(track.apply(snapshot), vec![replaced]);
    assert!(matches!(&track.apply(end(6, 4))[..], [Step::Ended { text, .. }] if text == "That"));
}

#[test]
fn a_reset_empties_the_turn() {
    let mut track = answering("Never mind");
    track.apply(ServerFrame::TurnReset {
        seq: 6,
        turn: TURN,
        reason: ResetReason::Safety,
    });
    assert_eq!(track.apply(delta(0, "Let")), words("Let"));
}

#[test]
fn a_lost_session_drops_the_state_but_not_what_was_never_accepted() {
    let mut track = answering("That ");
    let id = MessageId::from_bits(3);
    track.sent(id, Redacted::new("hello?".into()));
    track.greeted();
    track.apply(welcome(Resumed::Lost, 1, None));
    let last = track.last().unwrap();
    assert_eq!((last.seq, last.turn), (0, None));
    assert_eq!(track.pending().len(), 1);
    track.apply(ServerFrame::Accepted {
        seq: 3,
        id,
        turn: TURN,
        dup: true,
    });
    assert!(track.pending().is_empty());
}

#[test]
fn only_final_refusals_give_a_message_up() {
    let mut track = answering("");
    let id = MessageId::from_bits(3);
    track.sent(id, Redacted::new("hi".into()));
    let error = |code| {
        ServerFrame::Error(Box::new(
            ErrorFrame::new(code, RequestId::from_bits(1)).about(&id),
        ))
    };
    track.apply(error(ErrorCode::StorageUnavailable));
    assert_eq!(track.pending().len(), 1);
    track.apply(error(ErrorCode::JournalOnly));
    assert!(track.pending().is_empty());
    // What is refused for the rest of the day is not asked for every two seconds.
    for code in [ErrorCode::DailyLimit, ErrorCode::SpendLimit] {
        track.sent(id, Redacted::new("hi".into()));
        track.apply(error(code));
        assert!(track.pending().is_empty());
    }
}

#[test]
fn safety_frames_are_told_apart_by_their_event() {
    let mut track = answering("That ");
    let frame = |seq| {
        ServerFrame::SafetyCrisis(Box::new(SafetyFrame {
            seq,
            event: Some(EventId::from_bits(9)),
            ..SafetyFrame::default()
        }))
    };
    let repeats: Vec<bool> = [0, 0, 8]
        .into_iter()
        .flat_map(|seq| track.apply(frame(seq)))
        .map(|step| matches!(step, Step::Safety { repeat: true, .. }))
        .collect();
    assert_eq!(repeats, [false, true, true]);
    assert_eq!(track.last().unwrap().seq, 8);
}

#[test]
fn a_batch_is_its_frames() {
    let mut track = answering("That ");
    let batch = ServerFrame::Batch {
        frames: vec![delta(5, "hurts"), end(6, 10)],
    };
    assert_eq!(track.apply(batch).len(), 2);
}

#[test]
fn a_snapshot_resume_continues_at_the_newest_event() {
    let mut track = answering("That ");
    track.greeted();
    track.apply(welcome(Resumed::Snapshot, 90, None));
    assert_eq!(track.last().unwrap().seq, 90);
    assert_eq!(track.open_turn(), None);
}
