//! What a scripted model plays.

use std::time::Duration;

use innerworld_core::{
    conversation::record::{Finish, TurnOrigin},
    model::chat_model::{ModelError, ModelErrorKind, ModelItem, ModelPhase, TokenUsage},
};

/// One step of a reply.
#[derive(Clone, Debug)]
pub enum Step {
    /// Yields the item.
    Item(ModelItem),
    /// Waits.
    Delay(Duration),
    /// Yields the error and ends.
    Error(ModelError),
    /// Never goes on.
    Hang,
}

/// One reply, as steps.
#[derive(Clone, Debug, Default)]
pub struct ScriptedReply {
    pub(super) steps: Vec<Step>,
    refused: Option<ModelErrorKind>,
}

impl ScriptedReply {
    /// These steps and nothing else.
    pub fn steps(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            refused: None,
        }
    }

    /// `text` word by word, then usage and the end.
    pub fn text(text: &str) -> Self {
        let mut reply = Self::words(text);
        let words = u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX);
        reply.steps.extend([
            Step::Item(ModelItem::Usage(TokenUsage {
                input: 100,
                output: words,
                ..TokenUsage::default()
            })),
            Step::Item(ModelItem::End(Finish::Stop)),
        ]);
        reply
    }

    /// `text` word by word, then silence: for cuts, cancels and clocks.
    pub fn hanging_after(text: &str) -> Self {
        let mut reply = Self::words(text);
        reply.steps.push(Step::Hang);
        reply
    }

    /// `text` word by word, then an error.
    pub fn breaking_after(text: &str, kind: ModelErrorKind) -> Self {
        let mut reply = Self::words(text);
        reply.steps.push(Step::Error(ModelError {
            kind,
            phase: ModelPhase::AfterFirstToken,
            provider_status: None,
            retry_after: None,
        }));
        reply
    }

    /// An error instead of a stream.
    pub fn refusing(kind: ModelErrorKind) -> Self {
        Self {
            steps: Vec::new(),
            refused: Some(kind),
        }
    }

    /// An error as the first item of the stream.
    pub fn failing(error: ModelError) -> Self {
        Self::steps([Step::Error(error)])
    }

    /// Waits `delay` before each piece of text.
    #[must_use]
    pub fn every(mut self, delay: Duration) -> Self {
        self.steps = self
            .steps
            .into_iter()
            .flat_map(|step| {
                let text = matches!(step, Step::Item(ModelItem::Text(_)));
                text.then_some(Step::Delay(delay)).into_iter().chain([step])
            })
            .collect();
        self
    }

    /// Waits `delay` before everything.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.steps.insert(0, Step::Delay(delay));
        self
    }

    pub(super) fn refusal(&self) -> Option<ModelError> {
        self.refused.map(ModelError::early)
    }

    fn words(text: &str) -> Self {
        let started = Step::Item(ModelItem::Started {
            generation: Some("gen-scripted".to_owned()),
            model: "scripted".to_owned(),
            origin: TurnOrigin::Model,
            company: "Scripted Inc.".to_owned(),
        });
        let pieces = text
            .split_inclusive(' ')
            .map(|piece| Step::Item(ModelItem::Text(piece.to_owned())));
        Self::steps(std::iter::once(started).chain(pieces))
    }
}
