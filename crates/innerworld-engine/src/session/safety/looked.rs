//! What came of a model's second look, carried out.

use innerworld_core::{
    ids::MessageId,
    safety::{
        Category, LocalVerdict, Suspicion,
        look::{LookFailure, LookVerdict},
    },
};

use super::{Cause, carry_out, case, settle, show};
use crate::{
    app::App,
    metrics::VerdictLabels,
    session::{
        look::Looked,
        room::{Inner, Room},
        teen::TeenContext,
    },
};

/// A provider would not answer this message: the teen is asked how they are. Returns the line that
/// stands in place of an answer.
pub(crate) async fn refused_by_model(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    id: MessageId,
) -> String {
    let refused = Err(LookFailure::Refused);
    let verdict = suspicion(Category::Ideation);
    carry_out(app, room, ctx, Cause::Looked(id, verdict, refused)).await;
    question(app, room, ctx, Category::Ideation)
}

/// Carries out what came of a second look.
pub(crate) async fn looked(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    (id, verdict, look): (MessageId, LocalVerdict, Result<LookVerdict, LookFailure>),
) -> Looked {
    let suspected = match &verdict {
        LocalVerdict::Escalate { category, .. } => *category,
        LocalVerdict::Pass | LocalVerdict::Trigger { .. } => Category::Ideation,
    };
    count_look(app, look, suspected);
    let failed = look
        .as_ref()
        .is_err_and(|failure| !failure.leaves_it_to_the_local_tier());
    let assessment = carry_out(app, room, ctx, Cause::Looked(id, verdict, look)).await;
    if assessment.stops_persona() {
        Looked::Block
    } else if failed {
        Looked::Ask(suspected)
    } else {
        Looked::Release
    }
}

/// The process ended before the second look was back.
pub(crate) async fn look_was_cut_short(
    app: &App,
    room: &Room,
    inner: &mut Inner,
    ctx: &TeenContext,
    (id, suspected): (MessageId, Category),
) -> Looked {
    let cut_short = Err(LookFailure::Interrupted);
    count_look(app, cut_short, suspected);
    let cause = Cause::Looked(id, suspicion(suspected), cut_short);
    let judged = show(app, room, ctx, cause);
    settle(app, room, inner, ctx, &judged).await;
    if judged.blocks() {
        Looked::Block
    } else {
        Looked::Ask(suspected)
    }
}

/// What the local tier says of a message that something else found worth a question.
pub(crate) const fn suspicion(category: Category) -> LocalVerdict {
    LocalVerdict::Escalate {
        category,
        score: 1.0,
        by: Suspicion::Scorer,
    }
}

fn count_look(app: &App, look: Result<LookVerdict, LookFailure>, suspected: Category) {
    let (verdict, category) = match look {
        Ok(found) => (found.name(), found.category.unwrap_or(suspected)),
        Err(failure) => (failure.name(), suspected),
    };
    let labels = VerdictLabels {
        tier: "model",
        verdict,
        category: category.name(),
    };
    app.metrics.safety_verdicts.get_or_create(&labels).inc();
}

/// What a teen is asked in place of an answer.
pub(crate) fn question(app: &App, room: &Room, ctx: &TeenContext, about: Category) -> String {
    let view = room.view();
    let case = case(room, ctx, &view.safety, app.now());
    app.safeguards().desk.question(&case, about)
}
