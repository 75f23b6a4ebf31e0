//! The second look at a message, by a model. It goes on beside the answer, of which nobody sees
//! anything before the look is back (safety.md 4).

use std::sync::Arc;

use innerworld_core::{
    calendar::{day_in, start_of},
    clock::Timestamp,
    conversation::record::TurnRecord,
    identity::consent::{self, Purpose},
    ids::MessageId,
    model::call::{CallPurpose, RemoteText},
    safety::{
        Category, LocalVerdict,
        look::{DEADLINE, Line, LookFailure, LookOrder, LookVerdict, SafetyModel, TURNS},
    },
    secret::Text,
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use super::{
    lifecycle::source_of,
    room::{Inner, Room, Talk},
    safety,
    teen::TeenContext,
};
use crate::app::App;

/// What a look means for the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// The answer may be shown.
    Release,
    /// Nobody knows: in place of an answer the teen is asked how they are.
    Ask(Category),
    /// No answer.
    Block,
}

/// A look under way, or one that is back.
#[derive(Debug)]
pub(crate) struct Look(oneshot::Receiver<Looked>);

impl Look {
    /// One that is back.
    pub(crate) fn done(looked: Looked) -> Self {
        let (back, look) = oneshot::channel();
        // The other end is in hand.
        back.send(looked).ok();
        Self(look)
    }

    /// Waits for it. Cancelling the wait loses nothing.
    pub(crate) async fn back(&mut self) -> Looked {
        let lost = Looked::Ask(Category::Ideation);
        (&mut self.0).await.unwrap_or(lost)
    }
}

/// What is looked at, and why.
#[derive(Debug)]
pub(crate) struct Occasion {
    message: MessageId,
    local: LocalVerdict,
    order: LookOrder,
}

impl Occasion {
    /// The message of `turn` in the talk before it, of which the local tier says `local`.
    pub(crate) fn of(
        room: &Room,
        inner: &Inner,
        turn: &TurnRecord,
        local: LocalVerdict,
    ) -> Option<Self> {
        let message = turn.message.as_ref()?;
        Some(Self {
            message: message.id,
            local,
            order: LookOrder {
                teen: room.teen,
                session: turn.session,
                turn: turn.id,
                persona: turn.persona.clone(),
                lines: lines(inner.talk.as_deref(), &message.prompt_text),
            },
        })
    }
}

/// The last turns of a talk, and the message.
fn lines(talk: Option<&Talk>, message: &Text) -> Vec<Line> {
    let history = talk.map_or(&[][..], |talk| &talk.history);
    let from = history.len().saturating_sub(TURNS - 1);
    let earlier = history.get(from..).unwrap_or_default().iter();
    let earlier = earlier.flat_map(|turn| {
        [(true, &turn.user), (false, &turn.assistant)].map(|(by_teen, text)| Line {
            by_teen,
            text: text.clone(),
        })
    });
    let message = Line {
        by_teen: true,
        text: RemoteText::from_scrubbed_record(message),
    };
    earlier.chain([message]).collect()
}

/// Whether messages of this teen that need it get a second look. The gate in front of the provider
/// asks for the consent again.
pub(crate) fn is_on(app: &App, room: &Room, ctx: &TeenContext) -> bool {
    let Some(model) = &app.services.safety_model else {
        return false;
    };
    let version = app.services.catalogue.version(Purpose::SafetyModel);
    let (purpose, company) = (Purpose::SafetyModel, model.company());
    let agreed = consent::granted(&ctx.consents, purpose, company, version).is_some();
    let today = today(app);
    let looks = room.view().safety.looks;
    let used = looks.map_or(0, |(day, used)| if day == today { used } else { 0 });
    agreed && used < app.settings.looks_a_day
}

fn today(app: &App) -> Timestamp {
    start_of("UTC", day_in("UTC", app.now()))
}

/// Begins to look. What it finds takes effect whatever becomes of the turn meanwhile.
pub(crate) fn begin(
    app: &Arc<App>,
    room: &Arc<Room>,
    ctx: &TeenContext,
    occasion: Occasion,
) -> Look {
    let model = app.services.safety_model.clone();
    let (back, look) = oneshot::channel();
    let (app, room, ctx) = (Arc::clone(app), Arc::clone(room), ctx.clone());
    app.clone().tasks.spawn(async move {
        let began = Instant::now();
        let found = match model {
            Some(model) => {
                let look = take(&app, &room, &*model, occasion.order);
                let found = timeout(DEADLINE, look).await;
                found.unwrap_or(Err(LookFailure::Timeout))
            }
            None => Err(LookFailure::Off),
        };
        app.metrics
            .safety_look_seconds
            .observe(began.elapsed().as_secs_f64());
        let what = (occasion.message, occasion.local, found);
        let looked = Box::pin(safety::looked(&app, &room, &ctx, what)).await;
        // Nobody waits any more if the turn was cancelled.
        back.send(looked).ok();
    });
    Look(look)
}

async fn take(
    app: &App,
    room: &Room,
    model: &dyn SafetyModel,
    order: LookOrder,
) -> Result<LookVerdict, LookFailure> {
    count_in(app, room).await?;
    model.look(order).await
}

/// Takes one of the day's looks. They are counted in the ledger, which a restart does not forget.
async fn count_in(app: &App, room: &Room) -> Result<(), LookFailure> {
    let today = today(app);
    let is_counted = |looks: Option<(_, u32)>| looks.is_some_and(|(day, _)| day == today);
    let counted = is_counted(room.view().safety.looks);
    let before = if counted {
        0
    } else {
        let ledger = &app.services.usage;
        let calls = ledger.calls(room.teen, CallPurpose::Safety, today);
        calls.await.map_err(|error| {
            tracing::error!(error.kind = ?error.kind(), cause = source_of(&error), "the second looks of a day could not be counted");
            LookFailure::Unavailable
        })?
    };
    let mut view = room.view();
    if !is_counted(view.safety.looks) {
        view.safety.looks = Some((today, before));
    }
    match &mut view.safety.looks {
        Some((_, looks)) if *looks < app.settings.looks_a_day => {
            *looks += 1;
            Ok(())
        }
        _ => Err(LookFailure::Limit),
    }
}
