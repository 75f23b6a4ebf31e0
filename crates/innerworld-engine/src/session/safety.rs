//! The safety pipeline as this process drives it: screening before everything else, the keeping of
//! the record, resends.

mod again;
mod looked;
mod stopped;
pub(crate) mod unkept;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use innerworld_core::{
    clock::Timestamp,
    conversation::record::SessionEvent,
    error::ErrorKind,
    ids::{EventId, MessageId},
    safety::{
        Category, ChatMode, LocalVerdict, SafetyCommit, SafetyNotice, SafetyRecord, SafetyVerdict,
        Suspicion,
        desk::{Assessment, Case, Desk, Known, Place, resend_after},
        keep::{Keeper, Kept},
        look::{LookFailure, LookVerdict},
        machine::Choice,
    },
};
use innerworld_protocol::{ErrorCode, client::Message, text};

pub(crate) use again::judge_again;
pub(crate) use looked::{look_was_cut_short, looked, question, refused_by_model, suspicion};
pub(crate) use stopped::{count_block, stopped};
pub(crate) use unkept::{is_kept, replay_spool};

use super::{
    lifecycle::{self, Refused, source_of},
    look,
    room::{Inner, RecordView, Room, SafetyView, StopReason},
    teen::TeenContext,
};
use crate::{app::App, metrics::VerdictLabels};

/// What happened to a teen, in a form that can be judged again if the record moved meanwhile.
#[derive(Clone, Debug)]
pub(crate) enum Cause {
    /// A message of which the local tier decides.
    Message(MessageId, LocalVerdict),
    /// A message that a model takes a second look at once it is stored.
    Awaiting(MessageId, LocalVerdict),
    /// What came of the second look.
    Looked(MessageId, LocalVerdict, Result<LookVerdict, LookFailure>),
    Reply(EventId, Choice),
    Ack(EventId),
    /// An answer to this message was stopped, and what it may have been about.
    Stopped(MessageId, Category),
    Tick,
}

impl Cause {
    fn judge(&self, desk: &Desk, case: &Case<'_>) -> Assessment {
        match self {
            Self::Message(id, verdict) => desk.message(case, verdict, *id),
            Self::Awaiting(id, _verdict) => desk.awaiting(case, *id),
            Self::Looked(id, verdict, look) => desk.looked(case, verdict, (*id, look)),
            Self::Reply(event, choice) => desk.reply(case, *event, *choice),
            Self::Ack(event) => desk.ack(case, *event),
            Self::Stopped(id, about) => desk.stopped(case, *about, id.to_bytes()),
            Self::Tick => desk.tick(case),
        }
    }

    /// A message in a language that no rule is written in.
    fn is_of_language(&self) -> bool {
        match self {
            Self::Message(_, LocalVerdict::Escalate { by, .. })
            | Self::Looked(_, LocalVerdict::Escalate { by, .. }, _) => *by == Suspicion::Language,
            _ => false,
        }
    }
}

/// What happened, and what the desk decided about it.
#[derive(Debug)]
pub(crate) struct Screened {
    cause: Cause,
    assessment: Assessment,
}

impl Screened {
    /// The frame that goes out before everything else.
    pub(crate) fn frame(&self) -> Option<&str> {
        self.assessment
            .frame
            .as_ref()
            .map(|frame| frame.json.as_str())
    }

    /// No persona turn follows.
    pub(crate) fn blocks(&self) -> bool {
        self.assessment.stops_persona()
    }

    /// Nothing of it is stored or logged.
    fn is_silent(&self) -> bool {
        let found = &self.assessment;
        found.commit.is_none() && found.soft.is_none() && found.events.is_empty()
    }

    /// The answer carries the support suffix.
    pub(crate) fn support(&self) -> bool {
        self.assessment.verdict == SafetyVerdict::Support
    }

    /// What the local tier suspects, if a model takes a second look.
    pub(crate) fn awaits_look(&self) -> Option<(&LocalVerdict, Category)> {
        match &self.cause {
            Cause::Awaiting(_, verdict @ LocalVerdict::Escalate { category, .. }) => {
                Some((verdict, *category))
            }
            _ => None,
        }
    }

    /// Persona chat is closed, and this message is not itself a new crisis.
    pub(crate) fn journal_only(&self) -> bool {
        self.assessment.journal_only
    }

    pub(crate) fn commit(&self) -> Option<&SafetyCommit> {
        self.assessment.commit.as_ref()
    }

    /// A quiet offer that is counted with the message.
    pub(crate) fn soft(&self) -> Option<&SafetyNotice> {
        self.assessment.soft.as_ref()
    }

    /// Events that ride with the message.
    pub(crate) fn events(&self) -> Vec<SessionEvent> {
        self.assessment.events.clone()
    }

    /// The store has it: the room's copy follows.
    pub(crate) fn committed(&self, room: &Room) {
        if let Some(commit) = self.commit() {
            set_known(room, Some(&commit.record));
        }
    }
}

/// Screens a message. Nothing in here waits: rules, frames and the record are in RAM.
pub(crate) fn screen(app: &App, room: &Room, ctx: &TeenContext, message: &Message) -> Screened {
    let received = tokio::time::Instant::now();
    let now = app.now();
    let safeguards = app.safeguards();
    let desk = &safeguards.desk;
    let views = desk.read(&text::clean(message.text.reveal()));
    let mut view = room.view();
    let verdict = desk.screen(
        &case(room, ctx, &view.safety, now),
        &views,
        &view.safety.heard,
    );
    view.safety.heard.remember(views, now);
    drop(view);
    app.metrics
        .safety_verdicts
        .get_or_create(&labels(&verdict))
        .inc();
    let unsure = matches!(verdict, LocalVerdict::Escalate { .. });
    let cause = if unsure && look::is_on(app, room, ctx) {
        Cause::Awaiting(message.id, verdict)
    } else {
        Cause::Message(message.id, verdict)
    };
    let mut view = room.view();
    let assessment = cause.judge(desk, &case(room, ctx, &view.safety, now));
    if assessment.showed_soft() {
        view.safety.soft_at = Some(now);
        view.safety.language_offered |= cause.is_of_language();
    }
    drop(view);
    if assessment.frame.is_some() {
        app.metrics
            .safety_frame_seconds
            .observe(received.elapsed().as_secs_f64());
        schedule_resend(app, room, 1);
    }
    Screened { cause, assessment }
}

/// Hears messages again that another process screened, oldest first.
pub(crate) fn hear_again<'a>(
    app: &App,
    room: &Room,
    messages: impl Iterator<Item = (Timestamp, &'a str)>,
) {
    let safeguards = app.safeguards();
    for (at, text) in messages {
        let views = safeguards.desk.read(text);
        room.view().safety.heard.remember(views, at);
    }
}

const fn labels(verdict: &LocalVerdict) -> VerdictLabels {
    let (tier, verdict, category) = match verdict {
        LocalVerdict::Pass => ("none", "pass", "none"),
        LocalVerdict::Escalate { category, by, .. } => (by.name(), "escalate", category.name()),
        LocalVerdict::Trigger { category, .. } => ("phrase", "trigger", category.name()),
    };
    VerdictLabels {
        tier,
        verdict,
        category,
    }
}

fn case<'a>(room: &Room, ctx: &'a TeenContext, safety: &'a SafetyView, now: Timestamp) -> Case<'a> {
    let known = match &safety.record {
        // Not read yet: nobody said hello, and then no message is screened.
        RecordView::Unread | RecordView::Unreadable => Known::Unreadable,
        RecordView::Absent => Known::Absent,
        RecordView::Known(record) => Known::Record(record),
    };
    Case {
        teen: room.teen,
        known,
        place: Place::of(&ctx.profile, &ctx.profile.locale, now),
        soft_at: safety.soft_at,
        language_offered: safety.language_offered,
        now,
    }
}

fn set_known(room: &Room, record: Option<&SafetyRecord>) {
    room.view().safety.record = RecordView::of(record);
}

impl RecordView {
    fn of(record: Option<&SafetyRecord>) -> Self {
        match record {
            // Revision 0: all of it still waits in the spool.
            Some(record) if *record != SafetyRecord::default() => {
                Self::Known(Box::new(record.clone()))
            }
            _ => Self::Absent,
        }
    }
}

/// Reads the record before the first message can be screened.
pub(crate) async fn load(app: &App, room: &Room) {
    if matches!(
        room.view().safety.record,
        RecordView::Unread | RecordView::Unreadable
    ) {
        reload(app, room).await;
    }
}

/// Reads the record anew: somebody else changed it, or it could not be read before.
pub(crate) async fn reload(app: &App, room: &Room) {
    if !unkept::flush(app, room, &keeper(app)).await {
        // What is in RAM is newer than what can be read.
        return;
    }
    match keeper(app).load(room.teen).await {
        Ok(record) => set_known(room, record.as_ref()),
        Err(error) => {
            tracing::error!(error.kind = ?error.kind(), cause = source_of(&error), "a safety record could not be read; persona chat is closed for this teen");
            room.view().safety.record = RecordView::Unreadable;
        }
    }
}

/// Keeps what a refused message changed: the frame was shown, so state and count must follow. No
/// second look is taken at a message that is not stored: the local tier decides. `false` if it is kept in
/// memory only: then the message must come again.
pub(crate) async fn settle_without_turn(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    screened: &Screened,
) -> bool {
    if let Cause::Awaiting(id, verdict) = &screened.cause {
        carry_out(app, room, ctx, Cause::Message(*id, verdict.clone())).await;
        return unkept::is_empty(room);
    }
    let mut inner = room.inner.lock().await;
    settle(app, room, &mut inner, ctx, screened).await;
    unkept::is_empty(room)
}

/// Stores a change with its count and logs its events.
async fn settle(app: &App, room: &Room, inner: &mut Inner, ctx: &TeenContext, judged: &Screened) {
    let Screened { cause, assessment } = judged;
    if assessment.stops_persona() && assessment.frame.is_some() {
        room.stop_turn(None, StopReason::Safety);
    }
    if let Some(commit) = assessment.commit.clone() {
        keep(app, room, ctx, cause, commit).await;
    }
    if let Some(notice) = assessment.soft.clone() {
        count(app, room, notice).await;
    }
    if !assessment.events.is_empty() && inner.open().is_ok() {
        let logged = lifecycle::log_events(app, room, inner, assessment.events.clone()).await;
        if let Err(refused) = logged {
            lifecycle::refusal(app, &refused);
        }
    }
}

/// Counts what changes no record: in the store, the spool, or in memory until one of them takes it.
async fn count(app: &App, room: &Room, notice: SafetyNotice) {
    let counted = keeper(app).count(room.teen, notice.clone()).await;
    if counted.is_err_and(|error| error.kind() != ErrorKind::Denied) {
        unkept::hold(room, SafetyCommit::counting(room.teen, notice));
    }
}

/// Compare-and-set, judged again on a conflict, spooled while the store is away.
async fn keep(app: &App, room: &Room, ctx: &TeenContext, cause: &Cause, commit: SafetyCommit) {
    let now = app.now();
    let moved = AtomicBool::new(false);
    let redo = |stored: Option<&SafetyRecord>| {
        moved.store(true, Ordering::Relaxed);
        let safety = SafetyView {
            record: RecordView::of(stored),
            ..SafetyView::default()
        };
        cause
            .judge(&app.safeguards().desk, &case(room, ctx, &safety, now))
            .commit
    };
    let held = commit.clone();
    match keeper(app).keep(commit, &redo, now).await {
        Ok(Kept::Stored(record)) => set_known(room, Some(&record)),
        Ok(Kept::Nothing(record)) => set_known(room, record.as_ref()),
        Ok(Kept::Spooled(record)) => {
            tracing::error!("a safety change could not be stored and waits in the spool");
            set_known(room, Some(&record));
        }
        Err(error) if error.kind() == ErrorKind::Denied => {}
        Err(error) => {
            tracing::error!(error.kind = ?error.kind(), cause = source_of(&error), "a safety change could be neither stored nor spooled and waits in memory");
            set_known(room, Some(&held.record));
            unkept::hold(room, held);
            return;
        }
    }
    // What was shown by the first judgement counts, whatever the second one says; once, if they agree.
    if let Some(shown) = held.notice.filter(|_notice| moved.into_inner()) {
        count(app, room, shown).await;
    }
}

fn keeper(app: &App) -> Keeper {
    Keeper::new(
        Arc::clone(&app.services.safety),
        Arc::clone(&app.services.spool),
    )
}

/// Carries out a change that no message caused.
async fn carry_out(app: &App, room: &Room, ctx: &TeenContext, cause: Cause) -> Assessment {
    let judged = show(app, room, ctx, cause);
    if !judged.is_silent() {
        let mut inner = room.inner.lock().await;
        settle(app, room, &mut inner, ctx, &judged).await;
    }
    judged.assessment
}

/// Judges what happened; a frame goes out at once.
fn show(app: &App, room: &Room, ctx: &TeenContext, cause: Cause) -> Screened {
    let now = app.now();
    let assessment = {
        let mut view = room.view();
        let assessment = cause.judge(&app.safeguards().desk, &case(room, ctx, &view.safety, now));
        if assessment.showed_soft() {
            view.safety.soft_at = Some(now);
            view.safety.language_offered |= cause.is_of_language();
        }
        assessment
    };
    if let Some(frame) = &assessment.frame {
        room.urgent(&frame.json);
        schedule_resend(app, room, 1);
    }
    Screened { cause, assessment }
}

/// Whether no persona may speak to this teen now.
pub(crate) fn is_closed(app: &App, room: &Room, ctx: &TeenContext) -> bool {
    let view = room.view();
    let case = case(room, ctx, &view.safety, app.now());
    app.safeguards().desk.mode(&case) != ChatMode::Companion
}

/// `safety.ack`. One that comes twice, or late, changes nothing.
pub(crate) async fn acknowledge(app: &App, room: &Room, ctx: &TeenContext, event: EventId) {
    carry_out(app, room, ctx, Cause::Ack(event)).await;
}

/// `safety.reply`.
pub(crate) async fn reply(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    event: EventId,
    choice: &str,
) -> Result<(), Refused> {
    let choice = Choice::parse(choice).ok_or(Refused::Code(ErrorCode::InvalidMessage))?;
    carry_out(app, room, ctx, Cause::Reply(event, choice)).await;
    Ok(())
}

/// Exits whose time came, questions that are due, resends.
pub(crate) async fn tick(app: &App, room: &Room, ctx: &TeenContext) {
    if matches!(room.view().safety.record, RecordView::Unreadable) || !unkept::is_empty(room) {
        reload(app, room).await;
    }
    carry_out(app, room, ctx, Cause::Tick).await;
    let now = app.now();
    let due = room.view().safety.resend_at.is_some_and(|at| now >= at);
    if let Some(frame) = due.then(|| pending(app, room, ctx)).flatten() {
        room.urgent(&frame);
        let sent = room.view().safety.sent + 1;
        schedule_resend(app, room, sent);
    }
}

fn schedule_resend(app: &App, room: &Room, sent: u32) {
    let mut view = room.view();
    view.safety.sent = sent;
    view.safety.resend_at = Some(app.now().plus(resend_after(sent)));
}

/// The frame that waits for its acknowledgement.
fn pending(app: &App, room: &Room, ctx: &TeenContext) -> Option<String> {
    let view = room.view();
    let frame = app
        .safeguards()
        .desk
        .pending(&case(room, ctx, &view.safety, app.now()));
    frame.map(|frame| frame.json)
}

/// What follows `welcome` at once: the unacknowledged frame, or a quiet offer where one is due at
/// the start of a session.
pub(crate) async fn at_start(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
    fresh: bool,
) -> Option<String> {
    schedule_resend(app, room, 1);
    if fresh {
        room.view().safety.language_offered = false;
    }
    if let Some(frame) = pending(app, room, ctx) {
        return Some(frame);
    }
    let session = inner.session.as_ref().filter(|_session| fresh)?.id;
    let now = app.now();
    let assessment = {
        let view = room.view();
        app.safeguards()
            .desk
            .session_start(&case(room, ctx, &view.safety, now), session)
    };
    if assessment.showed_soft() {
        room.view().safety.soft_at = Some(now);
    }
    let judged = Screened {
        cause: Cause::Tick,
        assessment,
    };
    settle(app, room, inner, ctx, &judged).await;
    judged.assessment.frame.map(|frame| frame.json)
}

/// Whether the day's clock stands still.
pub(crate) fn pauses_clock(app: &App, room: &Room, ctx: &TeenContext) -> bool {
    let view = room.view();
    app.safeguards()
        .desk
        .pauses_budget(&case(room, ctx, &view.safety, app.now()))
}
