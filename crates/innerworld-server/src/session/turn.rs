//! Running a turn: its own task; sockets only watch it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::StreamExt;
use innerworld_core::{
    conversation::{
        cursor::Effect,
        record::{
            Finish, NoticeKind, ResetReason, SessionEvent, TurnOrigin, TurnRecord, TurnState,
            TurnUsage,
        },
        store::SessionLog,
    },
    ids::CallId,
    model::{
        call::{CallPurpose, LocalHints, ModelCall},
        chat_model::{ModelError, ModelErrorKind, ModelItem, ModelStream, TokenUsage},
    },
    persona::{card::Persona, prompt},
    safety::screen::{OutputFilter, Released},
    secret::Text,
};
use innerworld_protocol::{ANSWER_BYTES, ErrorCode, ServerFrame, event, server::TurnStatus, text};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    lifecycle::{self, Refused, source_of},
    room::{Inner, Room, Running, StopReason, Talk, lock},
    teen::TeenContext,
};
use crate::{
    app::App,
    metrics::{Kind, TurnLabels},
};

/// Starts the answer of an accepted turn.
pub(crate) fn spawn(
    app: &Arc<App>,
    room: &Arc<Room>,
    ctx: &TeenContext,
    turn: TurnRecord,
    support: bool,
) {
    let running = Running {
        turn: turn.id,
        cancel: CancellationToken::new(),
        reason: Arc::new(Mutex::new(None)),
    };
    room.view().running = Some(running.clone());
    app.hub.turn_started();
    app.metrics.turns_running.inc();
    let (app, room, ctx) = (Arc::clone(app), Arc::clone(room), ctx.clone());
    app.clone().tasks.spawn(async move {
        let runner = Runner {
            app: &app,
            room: &room,
            ctx: &ctx,
            running,
            support,
        };
        Box::pin(runner.run(turn)).await;
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
            spawn(app, room, ctx, turn, false);
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

struct Runner<'a> {
    app: &'a Arc<App>,
    room: &'a Arc<Room>,
    ctx: &'a TeenContext,
    running: Running,
    support: bool,
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

impl Runner<'_> {
    async fn run(&self, mut turn: TurnRecord) {
        let outcome = match self.prepare(&mut turn).await {
            Ok(call) => self.stream(&mut turn, call).await,
            Err(refused) => {
                lifecycle::refusal(self.app, &refused);
                Outcome {
                    code: Some(ErrorCode::StorageUnavailable),
                    ..Outcome::of(Finish::Error)
                }
            }
        };
        self.end(turn, outcome).await;
    }

    /// Builds the prompt, and marks the turn durably before a request may leave.
    async fn prepare(&self, turn: &mut TurnRecord) -> Result<ModelCall, Refused> {
        let persona = self
            .app
            .services
            .personas
            .get(&turn.persona)
            .ok_or(Refused::Code(ErrorCode::UnknownPersona))?;
        let mut inner = self.room.inner.lock().await;
        let talk = inner.talk.get_or_insert_default();
        let call = self.call(turn, persona, talk);
        if self.app.settings.remote_models {
            turn.upstream_started = true;
            self.app
                .services
                .conversations
                .update_turn(self.room.teen, turn, &[])
                .await?;
        }
        Ok(call)
    }

    fn call(&self, turn: &TurnRecord, persona: &Persona, talk: &mut Talk) -> ModelCall {
        let services = &self.app.services;
        let message = turn
            .message
            .as_ref()
            .map(|message| message.prompt_text.clone());
        let message = message.unwrap_or_default();
        let recalled = talk.memory.as_mut().and_then(|memory| {
            memory.recall(
                message.reveal(),
                &talk.in_prompt,
                self.app.settings.recall_tokens,
            )
        });
        if let Some(recalled) = &recalled {
            talk.in_prompt.extend(&recalled.turns);
        }
        let insight = services.memory.insight(message.reveal());
        let hints = LocalHints {
            emotion: insight.emotion,
            entities: insight.entities,
            fact: recalled.as_ref().and_then(|recalled| recalled.fact.clone()),
            said: talk.said.clone(),
            offline_turns: talk.offline_turns,
            name: self.ctx.profile.name.clone(),
            seed: seed_of(turn),
        };
        let prompt = prompt::assemble(prompt::Parts {
            persona,
            digest: talk.digest.as_ref(),
            history: &talk.history,
            recalled: recalled.as_ref().map(|recalled| &recalled.block),
            support: self.support,
            message: &message,
        });
        ModelCall {
            id: CallId::from_bits(services.ids.ulid(self.app.now())),
            purpose: CallPurpose::Reply,
            teen: self.room.teen,
            // Filled in by the metering decorator, which holds the key.
            pseudonym: String::new(),
            fallback_from: None,
            session: turn.session,
            turn: turn.id,
            persona: turn.persona.clone(),
            prompt,
            max_tokens: self.app.settings.max_tokens,
            temperature: self.app.settings.temperature,
            local: hints,
        }
    }

    /// Streams the answer into the room.
    async fn stream(&self, turn: &mut TurnRecord, call: ModelCall) -> Outcome {
        let leaks = prompt::leaks(&call.prompt);
        let leaks: Vec<&str> = leaks.iter().map(String::as_str).collect();
        let mut writer = Writer {
            runner: self,
            filter: self.app.services.output.filter(&leaks),
            since_checkpoint: 0,
            checkpoint_at: Instant::now() + self.app.settings.limits.checkpoint_every,
            usage: None,
        };
        self.status(turn, TurnStatus::Thinking);
        let opened = tokio::select! {
            () = self.running.cancel.cancelled() => return self.stopped(),
            opened = self.app.services.model.stream(call) => opened,
        };
        let mut stream: ModelStream = match opened {
            Ok(stream) => stream,
            Err(error) => return failed(&error, turn),
        };
        loop {
            let item = tokio::select! {
                () = self.running.cancel.cancelled() => {
                    return Outcome { usage: writer.usage, ..self.stopped() };
                }
                item = stream.next() => item,
            };
            match writer.take(turn, item).await {
                Ok(None) => {}
                Ok(Some(outcome)) => return outcome,
                Err(refused) => {
                    lifecycle::refusal(self.app, &refused);
                    let code = Some(ErrorCode::StorageUnavailable);
                    return Outcome {
                        code,
                        ..Outcome::of(Finish::Error)
                    };
                }
            }
        }
    }

    fn stopped(&self) -> Outcome {
        match *lock(&self.running.reason) {
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
        let session = inner.open_or_closing()?;
        let seq = session.seq + 1;
        turn.origin = origin;
        turn.state = TurnState::Running;
        turn.seq_start = Some(seq);
        self.app
            .services
            .conversations
            .update_turn(self.room.teen, turn, &[])
            .await?;
        inner.took(seq);
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

    /// Says once a session that the offline persona answers, and whenever another company does.
    async fn notices(
        &self,
        inner: &mut Inner,
        origin: TurnOrigin,
        company: &str,
    ) -> Result<(), Refused> {
        let talk = inner.talk.get_or_insert_default();
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
        let notice = self.app.services.desk.notice(kind, locale);
        let notice = SessionEvent::Notice {
            kind,
            text: notice.text,
            version: notice.version,
        };
        lifecycle::log_events(self.app, self.room, inner, vec![notice]).await
    }

    /// Stores the answer and logs `turn.end`. A store that is down is asked again for a while:
    /// the text is in RAM and must not be lost to a hiccup.
    async fn end(&self, mut turn: TurnRecord, outcome: Outcome) {
        let mut inner = self.room.inner.lock().await;
        turn.state = TurnState::Ended;
        turn.finish = Some(outcome.finish);
        turn.code = outcome.code.map(|code| code.as_str().to_owned());
        turn.usage = outcome.usage.map(in_and_out);
        let seq = inner.session.as_ref().map_or(0, |session| session.seq) + 1;
        if turn.seq_start.is_none() {
            turn.seq_start = Some(seq);
        }
        let seq_end = if turn.seq_start == Some(seq) {
            seq + 1
        } else {
            seq
        };
        turn.seq_end = Some(seq_end);
        let mut wait = Duration::from_millis(50);
        loop {
            match self
                .app
                .services
                .conversations
                .update_turn(self.room.teen, &turn, &[])
                .await
            {
                Ok(()) => break,
                Err(error)
                    if error.is_retryable()
                        && wait < Duration::from_secs(7)
                        && !self.app.is_draining() =>
                {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                Err(error) => {
                    tracing::error!(error.kind = ?error.kind(), cause = source_of(&error), "an answer could not be stored");
                    self.room.view().running = None;
                    return;
                }
            }
        }
        inner.took(seq_end);
        self.room.view().running = None;
        if let Some(session) = inner.session.as_mut() {
            session.last_activity_at = self.app.now();
        }
        self.remember_in_talk(&mut inner, &turn);
        self.publish_end(&turn, seq);
        let labels = TurnLabels {
            origin: origin_name(turn.origin),
            finish: finish_name(outcome.finish),
        };
        self.app.metrics.turns.get_or_create(&labels).inc();
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

/// Writes a stream's items into the room, through the output filter.
struct Writer<'a> {
    runner: &'a Runner<'a>,
    filter: Box<dyn OutputFilter>,
    since_checkpoint: usize,
    checkpoint_at: Instant,
    usage: Option<TokenUsage>,
}

impl Writer<'_> {
    /// Takes one item; `Some` when the answer is over.
    async fn take(
        &mut self,
        turn: &mut TurnRecord,
        item: Option<Result<ModelItem, ModelError>>,
    ) -> Result<Option<Outcome>, Refused> {
        match item {
            Some(Ok(ModelItem::Alive)) => Ok(None),
            Some(Ok(ModelItem::Retrying)) => {
                self.runner.status(turn, TurnStatus::Retrying);
                Ok(None)
            }
            Some(Ok(ModelItem::Fallback)) => {
                self.runner.status(turn, TurnStatus::Fallback);
                Ok(None)
            }
            Some(Ok(ModelItem::Started {
                origin, company, ..
            })) => {
                self.runner.start(turn, origin, &company).await?;
                Ok(None)
            }
            Some(Ok(ModelItem::Text(piece))) => {
                let released = self.filter.push(&text::clean(&piece));
                self.release(turn, released).await
            }
            Some(Ok(ModelItem::Usage(usage))) => {
                self.usage = Some(usage);
                Ok(None)
            }
            Some(Ok(ModelItem::End(finish))) => self.finish(turn, finish).await.map(Some),
            Some(Err(error)) => {
                let released = self.filter.finish();
                if let Some(outcome) = self.release(turn, released).await? {
                    return Ok(Some(outcome));
                }
                Ok(Some(Outcome {
                    usage: self.usage,
                    ..failed(&error, turn)
                }))
            }
            None => self.finish(turn, Finish::Error).await.map(Some),
        }
    }

    async fn finish(&mut self, turn: &mut TurnRecord, finish: Finish) -> Result<Outcome, Refused> {
        let released = self.filter.finish();
        match self.release(turn, released).await? {
            Some(outcome) => Ok(outcome),
            None => Ok(Outcome {
                usage: self.usage,
                ..Outcome::of(finish)
            }),
        }
    }

    /// Shows what the filter let out; a hit that voids the turn ends it with its replacement.
    async fn release(
        &mut self,
        turn: &mut TurnRecord,
        released: Released,
    ) -> Result<Option<Outcome>, Refused> {
        let app = self.runner.app;
        app.metrics
            .output_held_characters
            .observe(held(self.filter.held_back()));
        if let Some(hit) = released.reset {
            let class = class_name(hit.class);
            app.metrics
                .output_blocks
                .get_or_create(&Kind { kind: class })
                .inc();
            tracing::warn!(turn.id = %turn.id, class, "an answer was stopped by the output filter");
            self.reset(turn, &hit.replacement).await?;
            return Ok(Some(Outcome {
                usage: self.usage,
                ..Outcome::of(Finish::Safety)
            }));
        }
        let room = self.runner.room;
        let space = ANSWER_BYTES.saturating_sub(turn.answer.reveal().len());
        let piece = fitting(&released.text, space);
        if !piece.is_empty() {
            let whole = format!("{}{piece}", turn.answer.reveal());
            turn.answer = Text::new(whole);
            self.since_checkpoint += piece.len();
            let mut view = room.view();
            view.feed.append(turn.id, piece);
            view.wake();
        }
        if piece.len() < released.text.len() {
            return Ok(Some(Outcome {
                usage: self.usage,
                ..Outcome::of(Finish::Length)
            }));
        }
        self.checkpoint(turn).await?;
        Ok(None)
    }

    async fn reset(&mut self, turn: &mut TurnRecord, replacement: &str) -> Result<(), Refused> {
        let runner = self.runner;
        let mut inner = runner.room.inner.lock().await;
        let reset = SessionEvent::TurnReset {
            turn: turn.id,
            reason: ResetReason::Safety,
        };
        let events = inner.number(vec![reset]);
        turn.answer = Text::new(replacement.to_owned());
        runner
            .app
            .services
            .conversations
            .update_turn(runner.room.teen, turn, &events)
            .await?;
        inner.took(events.last().map_or(0, |event| event.seq));
        runner.room.publish(&events);
        runner.room.view().feed.append(turn.id, replacement);
        Ok(())
    }

    /// Stores the text so far every half second or 2 KB. A store that is down loses nothing yet:
    /// the text is in RAM.
    async fn checkpoint(&mut self, turn: &TurnRecord) -> Result<(), Refused> {
        let limits = &self.runner.app.settings.limits;
        let due = Instant::now() >= self.checkpoint_at && self.since_checkpoint > 0;
        if !due && self.since_checkpoint < limits.checkpoint_bytes {
            return Ok(());
        }
        self.since_checkpoint = 0;
        self.checkpoint_at = Instant::now() + limits.checkpoint_every;
        let stored =
            self.runner
                .app
                .services
                .conversations
                .update_turn(self.runner.room.teen, turn, &[]);
        match stored.await {
            Err(error) if !error.is_retryable() => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

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
    log: &SessionLog,
) -> Result<(), Refused> {
    let Some(persona) = log.session.persona.clone() else {
        return Ok(());
    };
    lifecycle::begin_talk(app, room, inner, ctx, &persona).await?;
    let talk = inner.talk.get_or_insert_default();
    for turn in log
        .turns
        .iter()
        .filter(|turn| turn.state == TurnState::Ended)
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

fn failed(error: &ModelError, turn: &TurnRecord) -> Outcome {
    tracing::warn!(turn.id = %turn.id, error.kind = ?error.kind, error.phase = ?error.phase, status = error.provider_status, "the model failed");
    let finish = match error.kind {
        ModelErrorKind::Timeout => Finish::Timeout,
        ModelErrorKind::Cancelled => Finish::Cancelled,
        _ => Finish::Error,
    };
    Outcome {
        code: Some(ErrorCode::ModelUnavailable),
        ..Outcome::of(finish)
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

/// The longest piece of `text` that fits into `bytes`.
fn fitting(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or("")
}

/// Choices of the offline persona depend on the turn alone: a repeat gives the same reply.
fn seed_of(turn: &TurnRecord) -> u64 {
    let bits = turn.id.bits();
    u64::try_from((bits ^ (bits >> 64)) & u128::from(u64::MAX)).unwrap_or(0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a few hundred characters at most"
)]
fn held(characters: usize) -> f64 {
    characters as f64
}

const fn class_name(class: innerworld_core::safety::screen::OutputClass) -> &'static str {
    use innerworld_core::safety::screen::OutputClass;
    match class {
        OutputClass::Contact => "contact",
        OutputClass::Leak => "leak",
        OutputClass::HumanClaim => "human_claim",
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
