//! Running a turn: its own task; sockets only watch it.

mod held;
mod prepare;
pub(crate) mod talk;
mod writer;

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    conversation::{
        cursor::Effect,
        record::{Finish, NoticeKind, SessionEvent, TurnOrigin, TurnRecord, TurnState, TurnUsage},
        store::Taken,
    },
    error::{ErrorKind, PortError},
    model::{
        call::ModelCall,
        chat_model::{ModelError, ModelErrorKind, TokenUsage},
    },
    persona::prompt,
    secret::Text,
};
use innerworld_protocol::{
    ErrorCode, ServerFrame, event,
    server::{ErrorFrame, TurnStatus},
};
use tokio::time::Instant;

use self::held::{Early, answer, blocked, next};
use super::{
    lifecycle::{self, Refused, source_of},
    look::Look,
    numbers::{NUMBERINGS, crowded, overtaken},
    room::{Inner, Room, Running, StopReason},
    safety,
    teen::TeenContext,
};
use crate::{app::App, metrics::TurnLabels};

/// An accepted turn before its answer.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// The turn.
    pub(crate) turn: TurnRecord,
    /// The second look at its message, before which nothing of the answer is shown.
    pub(crate) look: Option<Look>,
}

/// Starts the answer of an accepted turn.
pub(crate) fn spawn(app: &Arc<App>, room: &Arc<Room>, ctx: &TeenContext, accepted: Accepted) {
    let Accepted { turn, look } = accepted;
    let running = Running::of(turn.id);
    room.view().running = Some(running.clone());
    app.hub.turn_started();
    app.metrics.turns_running.inc();
    let (app, room, ctx) = (Arc::clone(app), Arc::clone(room), ctx.clone());
    app.clone().tasks.spawn(async move {
        let runner = Runner::new(&app, &room, &ctx, running);
        Box::pin(runner.run(turn, look)).await;
        app.hub.turn_ended();
        app.metrics.turns_running.dec();
        Box::pin(next_in_line(&app, &room, &ctx)).await;
    });
}

/// Starts the turn that waited.
async fn next_in_line(app: &Arc<App>, room: &Arc<Room>, ctx: &TeenContext) {
    let mut inner = room.inner.lock().await;
    if room.view().running.is_some() {
        // A message that came just now was quicker.
        return;
    }
    if let Some(turn) = inner.queued.take() {
        if inner.open().is_ok() {
            spawn(app, room, ctx, *turn);
        }
        return;
    }
    // The day ended while the answer ran.
    let spent = inner
        .budget
        .as_ref()
        .is_some_and(innerworld_core::conversation::budget::DayBudget::is_spent);
    if spent && inner.open().is_ok() {
        let mode = ctx.memory_mode(
            app,
            inner
                .session
                .as_ref()
                .and_then(|session| session.persona.as_ref()),
        );
        let reason = innerworld_core::conversation::record::EndReason::DailyLimit;
        if let Err(refused) = lifecycle::end(app, room, &mut inner, mode, reason).await {
            lifecycle::refusal(app, &refused);
        }
    }
}

/// Pauses between attempts to store an answer: from the first to the longest, doubling.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// From this pause on it is no hiccup.
const HICCUP: Duration = Duration::from_millis(400);

/// Makes one answer.
pub(crate) struct Runner<'a> {
    app: &'a Arc<App>,
    room: &'a Arc<Room>,
    ctx: &'a TeenContext,
    running: Running,
}

/// How an answer came out.
struct Outcome {
    finish: Finish,
    code: Option<ErrorCode>,
    usage: Option<TokenUsage>,
}

impl Outcome {
    const fn of(finish: Finish) -> Self {
        Self {
            finish,
            code: None,
            usage: None,
        }
    }
}

impl<'a> Runner<'a> {
    /// Makes the answer of the turn that `running` names.
    pub(crate) const fn new(
        app: &'a Arc<App>,
        room: &'a Arc<Room>,
        ctx: &'a TeenContext,
        running: Running,
    ) -> Self {
        Self {
            app,
            room,
            ctx,
            running,
        }
    }

    /// Makes it, and stores it.
    pub(crate) async fn run(&self, mut turn: TurnRecord, look: Option<Look>) {
        let outcome = match self.make(&mut turn, look).await {
            Ok(outcome) => outcome,
            Err(refused) if refused.is_superseded() => return self.give_up(),
            Err(refused) => self.unstored(&refused),
        };
        self.end(turn, outcome).await;
    }

    async fn make(&self, turn: &mut TurnRecord, look: Option<Look>) -> Result<Outcome, Refused> {
        if safety::is_closed(self.app, self.room, self.ctx) {
            // A crisis came while this turn waited.
            return Ok(blocked(turn));
        }
        let call = self.prepare(turn).await?;
        self.stream(turn, call, look).await
    }

    /// Another process makes this answer, and shows it.
    fn give_up(&self) {
        self.room.view().running = None;
    }

    /// What a store that cannot be written leaves.
    fn unstored(&self, refused: &Refused) -> Outcome {
        lifecycle::refusal(self.app, refused);
        Outcome {
            code: Some(ErrorCode::StorageUnavailable),
            ..Outcome::of(Finish::Error)
        }
    }

    /// Streams the answer into the room.
    async fn stream(
        &self,
        turn: &mut TurnRecord,
        call: ModelCall,
        look: Option<Look>,
    ) -> Result<Outcome, Refused> {
        let leaks = prompt::leaks(&call.prompt);
        let leaks: Vec<&str> = leaks.iter().map(String::as_str).collect();
        let mut writer = writer::Writer {
            runner: self,
            filter: self
                .app
                .safeguards()
                .output
                .filter(&leaks, &self.ctx.profile.locale),
            since_checkpoint: 0,
            checkpoint_at: Instant::now() + self.app.settings.limits.checkpoint_every,
            usage: None,
        };
        let mut stream = answer(Arc::clone(&self.app.services.model), call);
        let mut early = Early::new();
        if let Some(look) = look {
            let held_back = self.held_back(turn, look, (&mut stream, &mut early));
            if let Some(outcome) = held_back.await? {
                return Ok(outcome);
            }
        }
        self.status(turn, TurnStatus::Thinking);
        loop {
            let item = tokio::select! {
                () = self.running.cancel.cancelled() => {
                    return Ok(Outcome { usage: writer.usage, ..self.stopped() });
                }
                item = next(&mut early, &mut stream) => item,
            };
            if let Some(outcome) = writer.take(turn, item).await? {
                return Ok(outcome);
            }
        }
    }

    /// What a failed model leaves: an honest end, or a check-in where it would not answer.
    async fn failed(&self, turn: &mut TurnRecord, error: &ModelError) -> Result<Outcome, Refused> {
        tracing::warn!(turn.id = %turn.id, error.kind = error.kind.name(), error.phase = ?error.phase, status = error.provider_status, "the model failed");
        if error.kind == ModelErrorKind::Refused && turn.answer.reveal().is_empty() {
            // It may have seen what the local tier did not.
            let message = turn.message.as_ref().map(|message| message.id);
            let line = match message {
                Some(id) => safety::refused_by_model(self.app, self.room, self.ctx, id).await,
                None => String::new(),
            };
            self.say_instead(turn, line).await?;
            return Ok(Outcome::of(Finish::Safety));
        }
        let finish = match error.kind {
            ModelErrorKind::Timeout => Finish::Timeout,
            ModelErrorKind::Cancelled => Finish::Cancelled,
            _ => Finish::Error,
        };
        Ok(Outcome {
            code: Some(ErrorCode::ModelUnavailable),
            ..Outcome::of(finish)
        })
    }

    /// The turn is a line of the safety side in place of an answer. Never silence.
    async fn say_instead(&self, turn: &mut TurnRecord, line: String) -> Result<(), Refused> {
        self.start(turn, TurnOrigin::Safety, "").await?;
        self.room.view().feed.append(turn.id, &line);
        turn.answer = Text::new(line);
        turn.excluded = true;
        Ok(())
    }

    fn stopped(&self) -> Outcome {
        match self.running.stopped() {
            Some(StopReason::Safety) => Outcome::of(Finish::Safety),
            Some(StopReason::Interrupted) => Outcome::of(Finish::Interrupted),
            Some(StopReason::Cancelled) | None => Outcome::of(Finish::Cancelled),
        }
    }

    fn status(&self, turn: &TurnRecord, status: TurnStatus) {
        self.room.control(
            &ServerFrame::TurnStatus {
                turn: turn.id,
                status,
            }
            .encode(),
        );
    }

    /// Logs `turn.start`: durable before it is shown.
    async fn start(
        &self,
        turn: &mut TurnRecord,
        origin: TurnOrigin,
        company: &str,
    ) -> Result<(), Refused> {
        let mut inner = self.room.inner.lock().await;
        self.notices(&mut inner, origin, company).await?;
        turn.origin = origin;
        turn.state = TurnState::Running;
        let seq = self.number_start(&mut inner, turn).await?;
        let waited = self.app.now().since(turn.created_at);
        self.app
            .metrics
            .first_word_seconds
            .observe(waited.as_secs_f64());
        let mut view = self.room.view();
        if let Some(frame) = event::turn_start(turn) {
            view.push(seq, frame.encode(), Effect::Start(turn.id));
        }
        view.wake();
        Ok(())
    }

    /// Stores that a turn begins, under the session's next number.
    async fn number_start(&self, inner: &mut Inner, turn: &mut TurnRecord) -> Result<u64, Refused> {
        let store = &self.app.services.conversations;
        for _numbering in 0..NUMBERINGS {
            let seq = inner.open_or_closing()?.seq + 1;
            turn.seq_start = Some(seq);
            let taken = Taken::from(seq);
            let stored = store.update_turn(self.room.teen, turn, taken).await;
            if !overtaken(self.app, self.room, inner, &stored).await? {
                stored?;
                inner.took(seq);
                return Ok(seq);
            }
        }
        Err(crowded("start a turn").into())
    }

    /// Says once a session that the offline persona answers, and whenever another company does.
    async fn notices(
        &self,
        inner: &mut Inner,
        origin: TurnOrigin,
        company: &str,
    ) -> Result<(), Refused> {
        let talk = inner.talk.get_or_insert_default();
        if origin == TurnOrigin::Safety {
            return Ok(());
        }
        let kind = if origin == TurnOrigin::Offline {
            talk.offline_turns += 1;
            (!std::mem::replace(&mut talk.offline_noticed, true)).then_some(NoticeKind::Offline)
        } else {
            let before = talk.company.replace(company.to_owned());
            before
                .filter(|before| before != company)
                .map(|_other| NoticeKind::ProviderChange)
        };
        let Some(kind) = kind else { return Ok(()) };
        let locale = inner
            .session
            .as_ref()
            .map_or("en", |session| session.locale.as_str());
        let notice = self.app.safeguards().desk.notice(kind, locale);
        let notice = SessionEvent::Notice {
            kind,
            text: notice.text,
            version: notice.version,
        };
        lifecycle::log_events(self.app, self.room, inner, vec![notice]).await
    }

    /// Stores the answer and logs `turn.end`. A store that is down is asked again until it is back
    /// or the server drains: the text is in RAM and must not be lost to a full disk. The teen is
    /// told when it takes longer than a hiccup.
    async fn end(&self, mut turn: TurnRecord, outcome: Outcome) {
        turn.state = TurnState::Ended;
        turn.finish = Some(outcome.finish);
        turn.code = outcome.code.map(|code| code.as_str().to_owned());
        turn.usage = outcome.usage.map(in_and_out);
        let mut wait = FIRST_WAIT;
        let mut told = false;
        while let Err(error) = self.store_end(&turn).await {
            if error.kind() == ErrorKind::Superseded {
                return self.give_up();
            }
            let hopeless = !error.is_retryable() || self.app.is_draining();
            if !told && (hopeless || wait >= HICCUP) {
                told = true;
                tracing::error!(turn.id = %turn.id, error.kind = ?error.kind(), cause = source_of(&error), hopeless, "an answer could not be stored");
                self.tell_unstored(&turn);
            }
            if hopeless {
                self.room.view().running = None;
                return;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        let labels = TurnLabels {
            origin: origin_name(turn.origin),
            finish: finish_name(outcome.finish),
        };
        self.app.metrics.turns.get_or_create(&labels).inc();
    }

    /// One attempt. The room is free between two of them: whoever comes back must not wait for a
    /// disk.
    async fn store_end(&self, ended: &TurnRecord) -> Result<(), PortError> {
        let mut inner = self.room.inner.lock().await;
        let (turn, seq) = self.number_end(&mut inner, ended).await?;
        self.room.view().running = None;
        if let Some(session) = inner.session.as_mut() {
            session.last_activity_at = self.app.now();
        }
        self.remember_in_talk(&mut inner, &turn);
        self.publish_end(&turn, seq);
        Ok(())
    }

    /// Stores a turn that ended, under the session's next number; with its start, if that was not
    /// stored. Gives the first number that it took.
    async fn number_end(
        &self,
        inner: &mut Inner,
        ended: &TurnRecord,
    ) -> Result<(TurnRecord, u64), PortError> {
        let store = &self.app.services.conversations;
        for _numbering in 0..NUMBERINGS {
            let mut turn = ended.clone();
            let seq = inner.session.as_ref().map_or(0, |session| session.seq) + 1;
            let seq_start = *turn.seq_start.get_or_insert(seq);
            let seq_end = if seq_start == seq { seq + 1 } else { seq };
            turn.seq_end = Some(seq_end);
            let taken = Taken::from(seq);
            let stored = store.update_turn(self.room.teen, &turn, taken).await;
            if !overtaken(self.app, self.room, inner, &stored).await? {
                stored?;
                inner.took(seq_end);
                return Ok((turn, seq));
            }
        }
        Err(crowded("end a turn"))
    }

    /// Says that the end of this turn is not safe yet.
    fn tell_unstored(&self, turn: &TurnRecord) {
        let mut error = ErrorFrame::new(ErrorCode::StorageUnavailable, self.app.request_id());
        error.reference = Some(turn.id.to_string());
        self.room.control(&lifecycle::encode_error(error));
    }

    fn publish_end(&self, turn: &TurnRecord, seq: u64) {
        let mut view = self.room.view();
        if turn.seq_start == Some(seq)
            && let Some(frame) = event::turn_start(turn)
        {
            view.push(seq, frame.encode(), Effect::Start(turn.id));
        }
        if let (Some(seq_end), Some(frame)) = (turn.seq_end, event::turn_end(turn, false)) {
            let whole = turn.answer.reveal().as_str().into();
            view.push(seq_end, frame.encode(), Effect::End(turn.id, whole));
        }
        view.wake();
    }

    fn remember_in_talk(&self, inner: &mut Inner, turn: &TurnRecord) {
        if let Some(talk) = inner.talk.as_mut() {
            talk.add(turn, self.ctx.profile.name.as_ref(), self.app);
        }
    }
}

impl Inner {
    /// The session, also while it is being ended: a running turn may finish.
    fn open_or_closing(
        &self,
    ) -> Result<&innerworld_core::conversation::record::SessionRecord, Refused> {
        self.session
            .as_ref()
            .ok_or(Refused::Code(ErrorCode::SessionEnded))
    }
}

fn in_and_out(usage: TokenUsage) -> TurnUsage {
    TurnUsage {
        tokens_in: usage
            .input
            .saturating_add(usage.cache_read)
            .saturating_add(usage.cache_write),
        tokens_out: usage.output,
    }
}

const fn origin_name(origin: TurnOrigin) -> &'static str {
    match origin {
        TurnOrigin::Model => "model",
        TurnOrigin::Offline => "offline",
        TurnOrigin::Template => "template",
        TurnOrigin::Safety => "safety",
    }
}

const fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Cancelled => "cancelled",
        Finish::Safety => "safety",
        Finish::Error => "error",
        Finish::Timeout => "timeout",
        Finish::Interrupted => "interrupted",
    }
}
