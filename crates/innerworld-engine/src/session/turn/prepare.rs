//! The prompt of a turn, and the mark that a provider may be asked.

use innerworld_core::{
    conversation::{record::TurnRecord, store::Taken},
    ids::CallId,
    model::call::{CallPurpose, LocalHints, ModelCall},
    persona::{card::Persona, prompt},
};
use innerworld_protocol::ErrorCode;

use super::Runner;
use crate::session::{choice, lifecycle::Refused, room::Talk};

impl Runner<'_> {
    /// Builds the prompt, and marks the turn durably before a request may leave.
    pub(super) async fn prepare(&self, turn: &mut TurnRecord) -> Result<ModelCall, Refused> {
        let persona = self
            .app
            .services
            .personas
            .get(&turn.persona)
            .ok_or(Refused::Code(ErrorCode::UnknownPersona))?;
        let mut inner = self.room.inner.lock().await;
        let stale = std::mem::take(&mut self.room.view().memory_stale);
        if stale || inner.talk.is_none() {
            let talk = inner.talk.get_or_insert_default();
            (talk.digest, talk.history, talk.in_prompt) = (None, Vec::new(), Vec::new());
            choice::begin_talk(self.app, self.room, &mut inner, self.ctx, &turn.persona).await?;
        }
        let talk = inner.talk.get_or_insert_default();
        let call = self.call(turn, persona, talk);
        if self.app.settings.remote_models {
            turn.upstream_started = true;
            self.app
                .services
                .conversations
                .update_turn(self.room.teen, turn, Taken::NOTHING)
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
        // What was cut off a long history may be recalled again.
        let shown = prompt::first_shown(&talk.history);
        let in_prompt = talk.in_prompt.get(shown..).unwrap_or_default();
        let budget = self.app.settings.recall_tokens;
        let memory = talk.memory.as_mut();
        let recalled = memory.and_then(|memory| memory.recall(message.reveal(), in_prompt, budget));
        let fact = match recalled.as_ref().and_then(|recalled| recalled.fact.clone()) {
            Some(fact) => Some(fact),
            None => talk
                .memory
                .as_ref()
                .and_then(|memory| memory.fact_about(message.reveal())),
        };
        let insight = services.memory.insight(message.reveal());
        let hints = LocalHints {
            emotion: insight.emotion,
            entities: insight.entities,
            fact,
            known: talk
                .memory
                .as_ref()
                .map_or_else(Vec::new, |memory| memory.known().to_vec()),
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
            support: turn.support,
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
            json: None,
            max_tokens: self.app.settings.max_tokens,
            temperature: self.app.settings.temperature,
            local: hints,
        }
    }
}

/// Choices of the offline persona depend on the turn alone: a repeat gives the same reply.
fn seed_of(turn: &TurnRecord) -> u64 {
    let bits = turn.id.bits();
    u64::try_from((bits ^ (bits >> 64)) & u128::from(u64::MAX)).unwrap_or(0)
}
