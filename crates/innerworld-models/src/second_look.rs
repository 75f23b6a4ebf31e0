//! Takes a second look at messages by a paid model: the call, what is tried when it fails, and when to
//! stop. A teen waits for it, so everything is short.
//!
//! Each hop is the whole stack of a reply's hop (consent, ledger, breaker, client); what an answer is
//! worth is decided in core. Nothing here logs or keeps a word of either side.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::{
    clock::Clock,
    ids::{CallId, IdSource},
    model::{
        call::{CallPurpose, JsonAnswer, LocalHints, ModelCall, Prompt, RemoteText},
        chat_model::{ModelError, ModelErrorKind, ModelItem},
    },
    safety::look::{
        ANSWER_TOKENS, LookFailure, LookOrder, LookVerdict, SafetyModel,
        answer::{self, MAX_BYTES},
        request,
    },
};
use tokio::time::timeout;

use crate::{
    config::{Clocks, ProviderLimits, RetryLimits},
    fallback::Hop,
};

/// The clocks of a second look: none is longer than `deadline`, and the next model is tried in place
/// of a retry.
#[must_use]
pub fn hasty(limits: &ProviderLimits, deadline: Duration) -> ProviderLimits {
    let clocks = limits.clocks;
    ProviderLimits {
        clocks: Clocks {
            connect: clocks.connect.min(deadline),
            headers: deadline,
            first_token: deadline,
            idle: deadline,
            liveness: deadline,
            total: deadline,
            settle: clocks.settle.min(deadline / 10),
        },
        retry: RetryLimits {
            most: 0,
            ..limits.retry
        },
        ..limits.clone()
    }
}

/// Looks at messages by the models of one company.
pub struct SecondLook {
    /// The model to ask, and the one to ask when it fails.
    pub hops: Vec<Hop>,
    /// The company that receives the last turns of a talk.
    pub company: String,
    /// How long a look may take, all hops together.
    pub deadline: Duration,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Ids of calls.
    pub ids: Arc<dyn IdSource>,
}

impl std::fmt::Debug for SecondLook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.hops).finish()
    }
}

#[async_trait]
impl SafetyModel for SecondLook {
    fn company(&self) -> &str {
        &self.company
    }

    async fn look(&self, order: LookOrder) -> Result<LookVerdict, LookFailure> {
        let looked = timeout(self.deadline, self.ask_all(&order)).await;
        looked.unwrap_or(Err(LookFailure::Timeout))
    }
}

impl SecondLook {
    /// One model, then the next. A text that one refused is not sent to another.
    async fn ask_all(&self, order: &LookOrder) -> Result<LookVerdict, LookFailure> {
        let mut call = self.call(order);
        let mut last = LookFailure::Unavailable;
        for hop in &self.hops {
            let asked = ask(hop, call.clone()).await;
            match asked.and_then(|text| answer::read(&text)) {
                Err(failure @ (LookFailure::NoConsent | LookFailure::Refused)) => {
                    return Err(failure);
                }
                Err(failure) => {
                    tracing::warn!(model.name = %hop.name, error.kind = failure.name(), "a second look failed");
                    last = failure;
                    call.fallback_from = Some(hop.name.clone());
                }
                Ok(found) => return Ok(found),
            }
        }
        Err(last)
    }

    fn call(&self, order: &LookOrder) -> ModelCall {
        let now = self.clock.now();
        let data = request::data(&order.lines);
        ModelCall {
            id: CallId::from_bits(self.ids.ulid(now)),
            purpose: CallPurpose::Safety,
            teen: order.teen,
            // Filled in by the metering decorator, which holds the key.
            pseudonym: String::new(),
            session: order.session,
            turn: order.turn,
            persona: order.persona.clone(),
            prompt: Prompt {
                system: RemoteText::authored(request::SYSTEM),
                digest: None,
                opening: RemoteText::authored(""),
                history: Vec::new(),
                recalled: None,
                support: None,
                // Every line was scrubbed when it was stored.
                message: RemoteText::from_scrubbed_record(&data.into()),
                version: format!("safety-{}", request::VERSION),
            },
            json: Some(JsonAnswer {
                name: request::SCHEMA_NAME,
                schema: request::SCHEMA,
            }),
            max_tokens: ANSWER_TOKENS,
            temperature: 0.0,
            fallback_from: None,
            local: LocalHints::default(),
        }
    }
}

async fn ask(hop: &Hop, call: ModelCall) -> Result<String, LookFailure> {
    let mut stream = hop
        .model
        .stream(call)
        .await
        .map_err(|error| failure(&error))?;
    let mut text = String::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(ModelItem::Text(piece)) => {
                text.push_str(&piece);
                if text.len() > MAX_BYTES {
                    return Err(LookFailure::Malformed);
                }
            }
            Ok(_) => {}
            Err(error) => return Err(failure(&error)),
        }
    }
    Ok(text)
}

const fn failure(error: &ModelError) -> LookFailure {
    match error.kind {
        ModelErrorKind::NoConsent => LookFailure::NoConsent,
        ModelErrorKind::Refused => LookFailure::Refused,
        ModelErrorKind::Timeout => LookFailure::Timeout,
        // An answer without text.
        ModelErrorKind::Truncated => LookFailure::Malformed,
        _ => LookFailure::Unavailable,
    }
}
