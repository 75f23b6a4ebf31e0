//! Opening a session, choosing a persona, charging time, ending.

use innerworld_core::{
    conversation::{
        budget::DayBudget,
        record::{EndReason, EventRecord, SessionEvent, SessionRecord, SessionState},
    },
    error::{ErrorKind, PortError},
    identity::consent::MemoryMode,
    ids::SessionId,
    memory::job::{JobKind, MemoryJob},
};
use innerworld_protocol::{ErrorCode, ServerFrame};

use super::{
    budget, clock,
    numbers::{NUMBERINGS, crowded, overtaken},
    room::{Inner, Room},
    teen::{Refusal, TeenContext},
};
use crate::app::App;

/// A refused request, with what to tell the client.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A rule says no.
    Code(ErrorCode),
    /// Too fast; wait this many milliseconds.
    Wait(u64),
    /// A port failed.
    Port(PortError),
}

impl Refused {
    /// Whether another process does now what was refused.
    pub(crate) fn is_superseded(&self) -> bool {
        matches!(self, Self::Port(error) if error.kind() == ErrorKind::Superseded)
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Port(error) => Self::Store(error),
            Refused::Code(code) => Self::Code(code),
            Refused::Wait(_) => Self::Code(ErrorCode::RateLimited),
        }
    }
}

impl From<PortError> for Refused {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl Inner {
    /// The open session.
    pub(crate) fn open(&mut self) -> Result<&mut SessionRecord, Refused> {
        match self.session.as_mut() {
            Some(session) if session.state.is_open() => Ok(session),
            _ => Err(Refused::Code(ErrorCode::SessionEnded)),
        }
    }

    /// Numbers events from the session's next number on. The caller takes the numbers over with
    /// [`Inner::took`] once the commit succeeded.
    pub(crate) fn number(&self, events: Vec<SessionEvent>) -> Vec<EventRecord> {
        let first = self.session.as_ref().map_or(0, |session| session.seq) + 1;
        (first..)
            .zip(events)
            .map(|(seq, event)| EventRecord { seq, event })
            .collect()
    }

    /// The newest number is this one from now on.
    pub(crate) fn took(&mut self, seq: u64) {
        if let Some(session) = self.session.as_mut() {
            session.seq = session.seq.max(seq);
        }
    }
}

/// Opens a session and logs its disclosure as event 1.
pub(crate) async fn open(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
    locale: &str,
) -> Result<(), Refused> {
    let now = app.now();
    let country = ctx.profile.country.clone();
    let disclosure =
        app.safeguards()
            .desk
            .disclosure(locale, &country, ctx.profile.region.as_deref());
    let event = EventRecord {
        seq: 1,
        event: SessionEvent::Disclosure {
            ack_required: disclosure.ack_required && !ctx.accepted_disclosure(&disclosure.version),
            version: disclosure.version,
            locale: disclosure.locale,
            text: disclosure.text,
            unsuitable_notice: disclosure.unsuitable_notice,
        },
    };
    let mut epoch = [0; 8];
    app.services.ids.fill(&mut epoch);
    let session = SessionRecord {
        id: SessionId::from_bits(app.services.ids.ulid(now)),
        teen: room.teen,
        // 63 bits: stores keep signed numbers.
        epoch: u64::from_be_bytes(epoch) >> 1,
        state: SessionState::Greeting,
        persona: None,
        persona_changes: 0,
        seq: 1,
        next_sequence: 1,
        started_at: now,
        last_activity_at: now,
        ended: None,
        expires_at: now.plus(app.settings.limits.session_life),
        locale: locale.to_owned(),
        country: Some(country),
    };
    app.services
        .conversations
        .open_session(&session, std::slice::from_ref(&event))
        .await?;
    inner.session = Some(session);
    inner.queued = None;
    inner.talk = None;
    inner.turns = 0;
    room.view().feed = innerworld_core::conversation::cursor::Feed::at(0);
    room.publish(&[event]);
    clock::told_by_disclosure(app, room).await
}

/// Commits events to the open session's log and shows them.
pub(crate) async fn log_events(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    events: Vec<SessionEvent>,
) -> Result<(), Refused> {
    let store = &app.services.conversations;
    for _numbering in 0..NUMBERINGS {
        let events = inner.number(events.clone());
        let Some(last) = events.last().map(|event| event.seq) else {
            return Ok(());
        };
        let Some(mut session) = inner.session.clone() else {
            return Ok(());
        };
        session.seq = last;
        let stored = store.update_session(&session, &events).await;
        if !overtaken(app, room, inner, &stored).await? {
            stored?;
            inner.session = Some(session);
            room.publish(&events);
            return Ok(());
        }
    }
    Err(crowded("log events").into())
}

/// Lets go of a session whose rows do not exist any more: a day went by, or the clock jumped.
pub(crate) fn drop_expired(app: &App, inner: &mut Inner) {
    let now = app.now();
    let expired = |session: &SessionRecord| session.expires_at <= now;
    if inner.session.as_ref().is_some_and(expired) {
        inner.session = None;
        inner.queued = None;
        inner.talk = None;
    }
}

/// Ends the open session; the memory job is queued in the same commit. Ending an ended session
/// changes nothing.
pub(crate) async fn end(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    mode: MemoryMode,
    reason: EndReason,
) -> Result<(), Refused> {
    for _numbering in 0..NUMBERINGS {
        let Ok(session) = inner.open() else {
            return Ok(());
        };
        let session = session.clone();
        budget::stop_clock(app, inner);
        let closed = close(app, room, inner, session, (mode, reason)).await;
        if !overtaken(app, room, inner, &closed).await? {
            return Ok(closed?);
        }
    }
    Err(crowded("end a session").into())
}

/// Closes the session as it is known now.
async fn close(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    mut session: SessionRecord,
    (mode, reason): (MemoryMode, EndReason),
) -> Result<(), PortError> {
    let now = app.now();
    let ended = SessionEvent::Ended {
        reason,
        duration_s: now.since(session.started_at).as_secs(),
        turns: inner.turns,
        remaining_s: inner.budget.as_ref().map_or(0, DayBudget::remaining_s),
        memory_pending: mode != MemoryMode::Off,
    };
    let events = inner.number(vec![ended]);
    session.seq += 1;
    session.state = SessionState::Queued;
    session.ended = Some((now, reason));
    let job = MemoryJob {
        teen: room.teen,
        kind: JobKind::Remember {
            session: session.id,
        },
        not_before: now,
        attempts: 0,
    };
    app.services
        .conversations
        .close_session(&session, &events, &job)
        .await?;
    tracing::info!(session.id = %session.id, turns = inner.turns, "session ended");
    inner.closed = Some(session.id);
    inner.session = Some(session);
    inner.talk = None;
    inner.queued = None;
    room.publish(&events);
    app.jobs_ready.notify_one();
    Ok(())
}

/// The frame for a refusal.
pub(crate) fn refusal(app: &App, refused: &Refused) -> innerworld_protocol::server::ErrorFrame {
    use innerworld_protocol::server::ErrorFrame;
    let request_id = app.request_id();
    match refused {
        Refused::Code(code) => ErrorFrame::new(*code, request_id),
        Refused::Wait(millis) => {
            ErrorFrame::new(ErrorCode::RateLimited, request_id).retry_after(*millis)
        }
        Refused::Port(error) => {
            let code = match error.kind() {
                ErrorKind::Denied => ErrorCode::Forbidden,
                ErrorKind::Throttled | ErrorKind::Unavailable => ErrorCode::StorageUnavailable,
                ErrorKind::NotFound => ErrorCode::SessionEnded,
                ErrorKind::Conflict
                | ErrorKind::Superseded
                | ErrorKind::Invalid
                | ErrorKind::Corrupt => ErrorCode::Internal,
            };
            tracing::error!(request.id = %request_id, error.kind = ?error.kind(), operation = error.operation(), source = source_of(error), "a request failed");
            ErrorFrame::new(code, request_id)
        }
    }
}

/// The cause of a port's failure, for the operator's log; adapters keep content out of it.
pub(crate) fn source_of(error: &PortError) -> String {
    std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// An error frame, encoded.
pub(crate) fn encode_error(error: innerworld_protocol::server::ErrorFrame) -> String {
    ServerFrame::Error(Box::new(error)).encode()
}
