//! Choosing a persona: the first choice begins the conversation.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    conversation::{
        budget::DayBudget,
        cursor::Effect,
        record::{
            Finish, SessionEvent, SessionRecord, SessionState, TurnOrigin, TurnRecord, TurnState,
        },
    },
    identity::consent::MemoryMode,
    ids::TurnId,
    persona::{PersonaId, card::Persona},
    safety::screen::OutputClass,
    secret::Text,
};
use innerworld_protocol::{ErrorCode, event};

use super::{
    budget::{charge, start_clock},
    lifecycle::Refused,
    numbers::{NUMBERINGS, crowded, overtaken},
    room::{Inner, Room},
    safety,
    teen::TeenContext,
};
use crate::app::App;

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
    disclosure_acknowledged(app, room, ctx, &mut inner).await?;
    let session = inner.open()?.clone();
    if session.persona.as_ref() == Some(&id) {
        return Ok(());
    }
    if session.persona_changes >= app.settings.limits.persona_changes {
        return Err(Refused::Wait(60_000));
    }
    take_over(app, room, &mut inner, (ctx, persona), session).await?;
    if app.settings.part.answers() {
        begin_talk(app, room, &mut inner, ctx, &id).await?;
    }
    start_clock(app, &mut inner);
    Ok(())
}

/// How often an acknowledgement is looked for that may be on its way through another process, and the
/// pause before each look. Together three seconds: that process may be just starting.
const LOOKS: u32 = 12;
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// [`disclosure_accepted`]. Where frames of a connection are handled at the same time, the one before
/// this may not be done yet: it is waited for a little.
async fn disclosure_acknowledged(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    inner: &mut Inner,
) -> Result<(), Refused> {
    let mut accepted = disclosure_accepted(app, ctx, inner);
    for _look in 0..LOOKS {
        if accepted.is_ok() || !app.settings.part.is_shared() {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let consents = app.services.consents.list(room.teen).await?;
        let ctx = TeenContext {
            consents: consents.into(),
            ..ctx.clone()
        };
        accepted = disclosure_accepted(app, &ctx, inner);
    }
    accepted
}

/// Refuses while the disclosure that this session showed waits for its acknowledgement.
fn disclosure_accepted(app: &App, ctx: &TeenContext, inner: &mut Inner) -> Result<(), Refused> {
    let session = inner.open()?;
    let shown = app.safeguards().desk.disclosure(
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
    (ctx, persona): (&TeenContext, &Persona),
    session: SessionRecord,
) -> Result<(), Refused> {
    let now = app.now();
    let before = session.persona_changes;
    let chosen = SessionEvent::PersonaChosen {
        persona: persona.id.clone(),
        name: persona.name.clone(),
        version: persona.version.clone(),
    };
    for _numbering in 0..NUMBERINGS {
        let mut session = inner.open()?.clone();
        if session.persona_changes != before {
            // The same choice, or another, came at the same time and was quicker.
            return Err(Refused::Code(ErrorCode::TurnBusy));
        }
        let events = inner.number(vec![chosen.clone()]);
        session.seq += 1;
        session.state = SessionState::Active;
        session.persona = Some(persona.id.clone());
        session.persona_changes += 1;
        session.last_activity_at = now;
        let store = &app.services.conversations;
        let stored = store.update_session(&session, &events).await;
        if !overtaken(app, room, inner, &stored).await? {
            stored?;
            inner.session = Some(session);
            room.publish(&events);
            return template_turn(app, room, inner, (ctx, persona)).await;
        }
    }
    Err(crowded("choose a persona").into())
}

/// The fixed first line: a turn without a model, through the output filter like any other.
async fn template_turn(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    (ctx, persona): (&TeenContext, &Persona),
) -> Result<(), Refused> {
    let safeguards = app.safeguards();
    let greeting = safeguards
        .output
        .whole(&persona.opening, &ctx.profile.locale);
    let stopped = greeting.reset.map(|hit| (hit.class, hit.replacement));
    let cut = greeting.cut.then_some(OutputClass::Contact);
    let (class, answer) = match stopped {
        Some((class, replacement)) => (Some(class), replacement),
        None => (cut, greeting.text),
    };
    let finish = match class {
        None | Some(OutputClass::Contact) => Finish::Stop,
        Some(_) => Finish::Safety,
    };
    let mut stored_turn = None;
    for _numbering in 0..NUMBERINGS {
        let session = inner.open()?.clone();
        let turn = opening_turn(app, &session, persona, (&answer, finish));
        let store = &app.services.conversations;
        let stored = store.insert_turn(room.teen, &turn, &[]).await;
        if !overtaken(app, room, inner, &stored).await? {
            stored?;
            stored_turn = Some(turn);
            break;
        }
    }
    let Some(turn) = stored_turn else {
        return Err(crowded("store an opening line").into());
    };
    if let Some(open) = inner.session.as_mut() {
        open.seq += 2;
        open.next_sequence += 1;
    }
    publish_whole_turn(room, &turn);
    if let Some(class) = class {
        safety::count_block(app, room, ctx, (&turn, class, None)).await;
    }
    Ok(())
}

/// The opening line as a turn of its own.
fn opening_turn(
    app: &App,
    session: &SessionRecord,
    persona: &Persona,
    (answer, finish): (&str, Finish),
) -> TurnRecord {
    let now = app.now();
    TurnRecord {
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
        answer: Text::new(answer.to_owned()),
        finish: Some(finish),
        code: None,
        usage: None,
        excluded: false,
        second_look: None,
        suspected: None,
        support: false,
        created_at: now,
        expires_at: session.expires_at,
    }
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
    let mode = ctx.memory_mode(app, Some(persona));
    let memory = match mode {
        MemoryMode::Off => None,
        MemoryMode::FactsOnly | MemoryMode::Full => {
            // Memory that cannot be read must not keep a teen from talking.
            let (now, memory) = (app.now(), &app.services.memory);
            let zone = ctx.profile.zone_at(now);
            match memory.open(room.teen, mode, zone, now).await {
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
