//! A turn as HTTP shows it: in a session's list, and in an export.

use innerworld_core::{
    conversation::record::{Finish, TurnOrigin, TurnRecord},
    ids::{MessageId, TurnId},
    persona::PersonaId,
    secret::Text,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::event;

/// A turn, as far as it is kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TurnBody {
    /// Its id.
    #[schemars(with = "String")]
    pub id: TurnId,
    /// The message's id.
    #[schemars(with = "Option<String>")]
    pub message: Option<MessageId>,
    /// What the teen said.
    #[schemars(with = "Option<String>")]
    pub text: Option<Text>,
    /// Who answered.
    #[schemars(with = "String")]
    pub persona: PersonaId,
    /// Model, offline persona, fixed text or the safety protocol.
    #[schemars(with = "String")]
    pub origin: TurnOrigin,
    /// The answer.
    #[schemars(with = "String")]
    pub answer: Text,
    /// How it ended; absent while it runs.
    #[schemars(with = "Option<String>")]
    pub finish: Option<Finish>,
    /// Made by a machine.
    pub ai_generated: bool,
    /// When.
    pub at: String,
}

impl From<&TurnRecord> for TurnBody {
    fn from(turn: &TurnRecord) -> Self {
        Self {
            id: turn.id,
            message: turn.message.as_ref().map(|message| message.id),
            text: turn.message.as_ref().map(|message| message.text.clone()),
            persona: turn.persona.clone(),
            origin: turn.origin,
            answer: turn.answer.clone(),
            finish: turn.finish,
            ai_generated: event::ai_generated(turn.origin),
            at: turn.created_at.to_rfc3339(),
        }
    }
}
