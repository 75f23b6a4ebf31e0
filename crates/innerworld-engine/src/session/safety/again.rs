//! A message whose safety record was changed by another process meanwhile.

use innerworld_core::safety::desk::{Assessment, Case};

use super::{Room, Screened, TeenContext, case, count, reload};
use crate::app::App;

/// Judges a message again, now that another change of the record was quicker. What it sounded like
/// does not change, and what was shown stays shown.
pub(crate) async fn judge_again(app: &App, room: &Room, ctx: &TeenContext, before: &mut Screened) {
    reload(app, room).await;
    let mut judged = {
        let view = room.view();
        let case = Case {
            // What was offered by the first judgement is not held against the second.
            soft_at: None,
            language_offered: false,
            ..case(room, ctx, &view.safety, app.now())
        };
        before.cause.judge(&app.safeguards().desk, &case)
    };
    let event = |assessment: &Assessment| assessment.frame.as_ref().map(|frame| frame.event);
    if event(&judged) != event(&before.assessment)
        && let Some(frame) = &judged.frame
    {
        room.urgent(&frame.json);
    }
    judged.soft = before.assessment.soft.take();
    let replaced = std::mem::replace(&mut before.assessment, judged);
    // What was shown by the first judgement counts, whatever the second one says; once, if they agree.
    if let Some(shown) = replaced.commit.and_then(|commit| commit.notice) {
        count(app, room, shown).await;
    }
}
