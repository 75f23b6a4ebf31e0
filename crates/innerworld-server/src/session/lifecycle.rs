//! Opening a session, choosing a persona, charging time, ending.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        budget::DayBudget,
        cursor::Effect,
        record::{
            EndReason, EventRecord, Finish, SessionEvent, SessionRecord, SessionState, TurnOrigin,
            TurnRecord, TurnState,
        },
    },
    error::{ErrorKind, PortError},
    identity::{consent::MemoryMode, profile::DayUse},
    ids::{SessionId, TurnId},
    memory::job::{JobKind, MemoryJob},
    persona::{PersonaId, card::Persona},
    secret::Text,
};
use innerworld_protocol::{ErrorCode, ServerFrame, event};

use super::{
    room::{Inner, Room},
    teen::TeenContext,
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
    let disclosure = app
        .services
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
    Ok(())
}

/// Chooses a persona; the first choice begins the conversation.
pub(crate) async fn choose_persona(
    app: &Arc<App>,
    room: &Arc<Room>,
    ctx: &TeenContext,
    wanted: &str,
) -> Result<(), Refused> {
    let id: PersonaId = wanted
        .parse()
        .map_err(|_form| Refused::Code(ErrorCode::UnknownPersona))?;
    let persona = app
        .services
        .personas
        .get(&id)
        .ok_or(Refused::Code(ErrorCode::UnknownPersona))?;
    let mut inner = room.inner.lock().await;
    if room.view().running.is_some() {
        return Err(Refused::Code(ErrorCode::TurnBusy));
    }
    charge(app, room, &mut inner, ctx).await?;
    if inner.budget.as_ref().is_some_and(DayBudget::is_spent) {
        return Err(Refused::Code(ErrorCode::DailyLimit));
    }
    disclosure_accepted(app, ctx, &mut inner)?;
    let session = inner.open()?.clone();
    if session.persona.as_ref() == Some(&id) {
        return Ok(());
    }
    if session.persona_changes >= app.settings.limits.persona_changes {
        return Err(Refused::Wait(60_000));
    }
    take_over(app, room, &mut inner, persona, session).await?;
    begin_talk(app, room, &mut inner, ctx, &id).await?;
    start_clock(app, &mut inner);
    Ok(())
}

/// Refuses while the disclosure that this session showed waits for its acknowledgement.
fn disclosure_accepted(app: &App, ctx: &TeenContext, inner: &mut Inner) -> Result<(), Refused> {
    let session = inner.open()?;
    let shown = app.services.desk.disclosure(
        &session.locale,
        &ctx.profile.country,
        ctx.profile.region.as_deref(),
    );
    if shown.ack_required && !ctx.accepted_disclosure(&shown.version) {
        return Err(Refused::Code(ErrorCode::DisclosureRequired));
    }
    Ok(())
}

/// Logs the choice and the persona's opening line.
async fn take_over(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    persona: &Persona,
    mut session: SessionRecord,
) -> Result<(), Refused> {
    let now = app.now();
    let chosen = SessionEvent::PersonaChosen {
        persona: persona.id.clone(),
        name: persona.name.clone(),
        version: persona.version.clone(),
    };
    let events = inner.number(vec![chosen]);
    session.seq += 1;
    session.state = SessionState::Active;
    session.persona = Some(persona.id.clone());
    session.persona_changes += 1;
    session.last_activity_at = now;
    app.services
        .conversations
        .update_session(&session, &events)
        .await?;
    inner.session = Some(session);
    room.publish(&events);
    template_turn(app, room, inner, persona).await
}

/// The fixed first line: a turn without a model.
async fn template_turn(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    persona: &Persona,
) -> Result<(), Refused> {
    let now = app.now();
    let session = inner.open()?.clone();
    let turn = TurnRecord {
        id: TurnId::from_bits(app.services.ids.ulid(now)),
        session: session.id,
        message: None,
        persona: persona.id.clone(),
        state: TurnState::Ended,
        origin: TurnOrigin::Template,
        sequence: session.next_sequence,
        seq_accepted: None,
        seq_start: Some(session.seq + 1),
        seq_end: Some(session.seq + 2),
        upstream_started: false,
        answer: Text::new(persona.opening.clone()),
        finish: Some(Finish::Stop),
        code: None,
        usage: None,
        excluded: false,
        created_at: now,
        expires_at: session.expires_at,
    };
    app.services
        .conversations
        .insert_turn(room.teen, &turn, &[])
        .await?;
    if let Some(open) = inner.session.as_mut() {
        open.seq += 2;
        open.next_sequence += 1;
    }
    publish_whole_turn(room, &turn);
    Ok(())
}

/// Shows a turn that is complete at once.
pub(crate) fn publish_whole_turn(room: &Room, turn: &TurnRecord) {
    let mut view = room.view();
    if let (Some(seq), Some(frame)) = (turn.seq_start, event::turn_start(turn)) {
        view.push(seq, frame.encode(), Effect::Start(turn.id));
    }
    if let (Some(seq), Some(frame)) = (turn.seq_end, event::turn_end(turn, false)) {
        let text = turn.answer.reveal().as_str().into();
        view.push(seq, frame.encode(), Effect::End(turn.id, text));
    }
    view.wake();
}

/// Loads what answering needs: memory and its digest, once per session.
pub(crate) async fn begin_talk(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
    persona: &PersonaId,
) -> Result<(), Refused> {
    let mode = ctx.memory_mode(Some(persona));
    let memory = match mode {
        MemoryMode::Off => None,
        MemoryMode::FactsOnly | MemoryMode::Full => {
            // Memory that cannot be read must not keep a teen from talking.
            match app.services.memory.open(room.teen, mode, app.now()).await {
                Ok(memory) => Some(memory),
                Err(error) => {
                    tracing::warn!(error.kind = ?error.kind(), "memory could not be opened; the session goes on without it");
                    None
                }
            }
        }
    };
    let talk = inner.talk.get_or_insert_default();
    if talk.digest.is_none() {
        talk.digest = memory.as_ref().and_then(|memory| memory.digest().cloned());
    }
    talk.memory = memory;
    Ok(())
}

/// Charges the day's time up to now and stores it. A day that is over is closed first.
pub(crate) async fn charge(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
) -> Result<(), Refused> {
    let now = app.now();
    let zone = &ctx.profile.time_zone;
    let was_running = inner.budget.as_ref().is_some_and(DayBudget::is_running);
    if inner
        .budget
        .as_ref()
        .is_none_or(|budget| budget.is_past(now))
    {
        let day = innerworld_core::calendar::day_in(zone, now).to_string();
        let used = app.services.clocks.day(room.teen, &day).await?;
        let mut fresh = DayBudget::new(zone, now, used, app.settings.limits.daily);
        fresh.set_running(was_running, now);
        inner.budget = Some(fresh);
        return Ok(());
    }
    let Some(budget) = inner.budget.as_mut() else {
        return Ok(());
    };
    let expected = budget.used.ticked_at;
    let before = budget.remaining_s();
    if !budget.charge(now).is_zero() {
        let (day, used) = (budget.day.clone(), budget.used);
        store_tick(app, room, &day, expected, used).await?;
    }
    announce_time(app, room, inner, before).await
}

async fn store_tick(
    app: &App,
    room: &Room,
    day: &str,
    expected: Timestamp,
    used: DayUse,
) -> Result<(), Refused> {
    match app
        .services
        .clocks
        .tick(room.teen, day, expected, used)
        .await
    {
        Ok(()) => Ok(()),
        // The stored mark is older than ours: a mark that was only set in RAM. Take the store's.
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let stored = app.services.clocks.day(room.teen, day).await?;
            let merged = DayUse {
                used_ms: stored.used_ms.max(used.used_ms),
                ..used
            };
            Ok(app
                .services
                .clocks
                .tick(room.teen, day, stored.ticked_at, merged)
                .await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Tells the time left at 300, 60 and 0 seconds, once each.
async fn announce_time(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    before_s: u32,
) -> Result<(), Refused> {
    let Some(budget) = inner.budget.as_ref() else {
        return Ok(());
    };
    if budget.crossed(before_s).is_none() || inner.open().is_err() {
        return Ok(());
    }
    let Some(budget) = inner.budget.as_ref() else {
        return Ok(());
    };
    let time = SessionEvent::Time {
        remaining_s: budget.remaining_s(),
        resets_at: budget.resets_at,
    };
    log_events(app, room, inner, vec![time]).await
}

/// Commits events to the open session's log and shows them.
pub(crate) async fn log_events(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    events: Vec<SessionEvent>,
) -> Result<(), Refused> {
    let events = inner.number(events);
    let Some(last) = events.last().map(|event| event.seq) else {
        return Ok(());
    };
    let Some(mut session) = inner.session.clone() else {
        return Ok(());
    };
    session.seq = last;
    app.services
        .conversations
        .update_session(&session, &events)
        .await?;
    inner.session = Some(session);
    room.publish(&events);
    Ok(())
}

/// Lets the day's clock run (the session is active and somebody is there).
pub(crate) fn start_clock(app: &App, inner: &mut Inner) {
    let active = matches!(&inner.session, Some(session) if session.state == SessionState::Active);
    if let Some(budget) = inner.budget.as_mut() {
        budget.set_running(active, app.now());
    }
}

/// Stops the day's clock.
pub(crate) fn stop_clock(app: &App, inner: &mut Inner) {
    if let Some(budget) = inner.budget.as_mut() {
        budget.set_running(false, app.now());
    }
}

/// Stops the day's clock as of an earlier instant: what came after it is not charged.
pub(crate) fn stop_clock_at(app: &App, inner: &mut Inner, at: Timestamp) {
    if let Some(budget) = inner.budget.as_mut().filter(|budget| budget.is_running()) {
        budget.set_running(false, at);
        budget.used.ticked_at = app.now();
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
    let now = app.now();
    let Ok(session) = inner.open() else {
        return Ok(());
    };
    let mut session = session.clone();
    stop_clock(app, inner);
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
                ErrorKind::Conflict | ErrorKind::Invalid | ErrorKind::Corrupt => {
                    ErrorCode::Internal
                }
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
