//! Answers that the output filter stopped: shown in metrics, counted, and the teen is asked how they are
//! where the class asks.

use innerworld_core::{
    conversation::record::TurnRecord,
    safety::{
        Category,
        screen::{OutputClass, OutputHit},
    },
};

use super::{App, Cause, Room, TeenContext, carry_out, case, count};
use crate::metrics::Kind;

/// An answer was voided.
pub(crate) async fn stopped(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    (turn, hit): (&TurnRecord, &OutputHit),
) {
    count_block(app, room, ctx, (turn, hit.class, hit.about)).await;
    let Some(message) = turn.message.as_ref().filter(|_message| hit.class.asks()) else {
        return;
    };
    let about = hit.about.unwrap_or(Category::Ideation);
    carry_out(app, room, ctx, Cause::Stopped(message.id, about)).await;
}

/// Counts what was stopped: once for each message and class, however often it is tried.
pub(crate) async fn count_block(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    (turn, class, about): (&TurnRecord, OutputClass, Option<Category>),
) {
    let name = class.name();
    app.metrics
        .output_blocks
        .get_or_create(&Kind { kind: name })
        .inc();
    if class == OutputClass::Leak {
        app.metrics.output_leaks.inc();
        tracing::error!(turn.id = %turn.id, "an answer held a part of its prompt and was stopped: look at what the model was asked");
    } else {
        tracing::warn!(turn.id = %turn.id, class = name, "an answer was stopped by the output filter");
    }
    let answered = match &turn.message {
        Some(message) => message.id.to_bytes(),
        None => turn.id.to_bytes(),
    };
    let notice = {
        let view = room.view();
        let case = case(room, ctx, &view.safety, app.now());
        app.safeguards().desk.block(&case, (class, about), answered)
    };
    count(app, room, notice).await;
}
