//! An answer that is being made while a model takes a second look at the message: it is read, so
//! that no time is lost, and shown to nobody before the look is back.

use std::{collections::VecDeque, sync::Arc};

use futures_util::{StreamExt as _, future, stream};
use innerworld_core::{
    conversation::record::{Finish, TurnOrigin, TurnRecord},
    model::{
        call::ModelCall,
        chat_model::{ChatModel, ModelError, ModelItem, ModelStream},
    },
};
use innerworld_protocol::server::TurnStatus;

use super::{Outcome, Runner};
use crate::session::{
    lifecycle::Refused,
    look::{Look, Looked},
    room::StopReason,
    safety,
};

/// Items that wait at most; a model that is quicker waits with the rest.
const MOST_HELD: usize = 1_024;

/// Items of an answer, the end of the stream included.
pub(super) type Early = VecDeque<Option<Result<ModelItem, ModelError>>>;

impl Runner<'_> {
    /// Reads the answer until the look is back. `None`: it may be shown.
    pub(super) async fn held_back(
        &self,
        turn: &mut TurnRecord,
        mut look: Look,
        (stream, early): (&mut ModelStream, &mut Early),
    ) -> Result<Option<Outcome>, Refused> {
        self.status(turn, TurnStatus::Screening);
        let looked = loop {
            let more = early.len() < MOST_HELD && !early.back().is_some_and(Option::is_none);
            tokio::select! {
                biased;
                looked = look.back() => break looked,
                () = self.running.cancel.cancelled() => {
                    turn.excluded = true;
                    let reason = self.running.stopped();
                    return Ok(Some(match reason {
                        Some(StopReason::Safety) => blocked(turn),
                        _ => self.stopped(),
                    }));
                }
                item = stream.next(), if more => early.push_back(item),
            }
        };
        turn.second_look = None;
        match looked {
            Looked::Release => Ok(None),
            Looked::Block => Ok(Some(blocked(turn))),
            Looked::Ask(about) => {
                let line = safety::question(self.app, self.room, self.ctx, about);
                self.say_instead(turn, line).await?;
                Ok(Some(Outcome::of(Finish::Safety)))
            }
        }
    }
}

/// A turn that nobody answers: help was shown in its place.
pub(super) fn blocked(turn: &mut TurnRecord) -> Outcome {
    turn.origin = TurnOrigin::Safety;
    turn.excluded = true;
    turn.second_look = None;
    Outcome::of(Finish::Safety)
}

/// The answer of `model`; a refusal is its first and last item.
pub(super) fn answer(model: Arc<dyn ChatModel>, call: ModelCall) -> ModelStream {
    let opening = async move {
        match model.stream(call).await {
            Ok(stream) => stream,
            Err(error) => Box::pin(stream::once(future::ready(Err(error)))) as ModelStream,
        }
    };
    Box::pin(stream::once(opening).flatten())
}

/// What was read early, then what comes.
pub(super) async fn next(
    early: &mut Early,
    stream: &mut ModelStream,
) -> Option<Result<ModelItem, ModelError>> {
    match early.pop_front() {
        Some(item) => item,
        None => stream.next().await,
    }
}
