//! Writing a model's stream into the room, through the output filter.

use innerworld_core::{
    conversation::{
        record::{Finish, ResetReason, SessionEvent, TurnRecord},
        store::Taken,
    },
    model::chat_model::{ModelError, ModelItem, TokenUsage},
    safety::screen::{OutputClass, OutputFilter, Released},
    secret::Text,
};
use innerworld_protocol::{ANSWER_BYTES, server::TurnStatus, text};
use tokio::time::Instant;

use super::{Outcome, Runner};
use crate::session::{
    lifecycle::Refused,
    numbers::{NUMBERINGS, crowded, overtaken},
    safety,
};

/// Writes a stream's items into the room, through the output filter.
pub(super) struct Writer<'a> {
    pub(super) runner: &'a Runner<'a>,
    pub(super) filter: Box<dyn OutputFilter>,
    pub(super) since_checkpoint: usize,
    pub(super) checkpoint_at: Instant,
    pub(super) usage: Option<TokenUsage>,
}

impl Writer<'_> {
    /// Takes one item; `Some` when the answer is over.
    pub(super) async fn take(
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
                let outcome = self.runner.failed(turn, &error).await?;
                Ok(Some(Outcome {
                    usage: self.usage,
                    ..outcome
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
        if released.cut {
            let cut = (&*turn, OutputClass::Contact, None);
            safety::count_block(app, self.runner.room, self.runner.ctx, cut).await;
        }
        if let Some(hit) = released.reset {
            self.reset(turn, &hit.replacement).await?;
            safety::stopped(app, self.runner.room, self.runner.ctx, (turn, &hit)).await;
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
        turn.answer = Text::new(replacement.to_owned());
        let store = &runner.app.services.conversations;
        let mut events = Vec::new();
        for _numbering in 0..NUMBERINGS {
            let numbered = inner.number(vec![reset.clone()]);
            let taken = Taken::by(&numbered);
            let stored = store.update_turn(runner.room.teen, turn, taken).await;
            if !overtaken(runner.app, runner.room, &mut inner, &stored).await? {
                stored?;
                events = numbered;
                break;
            }
        }
        let Some(last) = events.last() else {
            return Err(crowded("void an answer").into());
        };
        inner.took(last.seq);
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
        let stored = self.runner.app.services.conversations.update_turn(
            self.runner.room.teen,
            turn,
            Taken::NOTHING,
        );
        match stored.await {
            Err(error) if !error.is_retryable() => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// The longest piece of `text` that fits into `bytes`.
fn fitting(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or("")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a few hundred characters at most"
)]
fn held(characters: usize) -> f64 {
    characters as f64
}
