//! What answering needs to know of the turns before.

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{NoticeKind, SessionEvent, TurnOrigin, TurnRecord, TurnState},
        store::SessionLog,
    },
    persona::prompt,
    secret::Text,
};

use crate::{
    app::App,
    session::{
        choice,
        lifecycle::Refused,
        room::{Inner, Room, Talk},
        teen::TeenContext,
    },
};

impl Talk {
    /// Adds an ended turn to history, memory index and said lines.
    pub(crate) fn add(&mut self, turn: &TurnRecord, name: Option<&Text>, app: &App) {
        let Some(entry) = prompt::history_turn(turn) else {
            return;
        };
        self.history.push(entry);
        self.said.push(turn.answer.clone());
        self.in_prompt.push(turn.id);
        let persona = app.services.personas.get(&turn.persona);
        if let (Some(memory), Some(persona)) = (self.memory.as_mut(), persona) {
            memory.add_turn(turn, name, &persona.name);
        }
    }
}

/// Rebuilds what answering needs from the log, after a restart or on a fresh connection.
pub(crate) async fn restore_talk(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
    (log, since): (&SessionLog, Option<Timestamp>),
) -> Result<(), Refused> {
    let Some(persona) = log.session.persona.clone() else {
        return Ok(());
    };
    choice::begin_talk(app, room, inner, ctx, &persona).await?;
    let talk = inner.talk.get_or_insert_default();
    for turn in log
        .turns
        .iter()
        .filter(|turn| turn.state == TurnState::Ended)
        .filter(|turn| since.is_none_or(|since| turn.created_at > since))
    {
        talk.add(turn, ctx.profile.name.as_ref(), app);
        if turn.origin == TurnOrigin::Offline {
            talk.offline_turns += 1;
        }
    }
    talk.offline_noticed = log.events.iter().any(|record| {
        matches!(
            record.event,
            SessionEvent::Notice {
                kind: NoticeKind::Offline,
                ..
            }
        )
    });
    Ok(())
}
