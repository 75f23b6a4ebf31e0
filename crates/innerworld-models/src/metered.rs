//! Writes the usage ledger around every call of a hop.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::{
    clock::Clock,
    ids::TeenId,
    model::{
        call::ModelCall,
        chat_model::{ChatModel, ModelError, ModelErrorKind, ModelItem, ModelStream, TokenUsage},
        pseudonym::Pseudonyms,
    },
    usage::{UsageLedger, UsageRecord, UsageState},
};
use tokio::{runtime::Handle, time::Instant};
use tokio_util::task::TaskTracker;

use crate::{consent_gate::ConsentVersions, estimate};

/// What the ledger needs from the process.
#[derive(Clone)]
pub struct Meter {
    /// Where records are kept.
    pub ledger: Arc<dyn UsageLedger>,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Names of teens.
    pub pseudonyms: Arc<Pseudonyms>,
    /// Records that are still being completed; a drain waits for it.
    pub tasks: TaskTracker,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Meter({} records being completed)", self.tasks.len())
    }
}

/// What is the same for every call of a hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeteredHop {
    /// Configured name of the provider.
    pub provider: String,
    /// Its host.
    pub base_host: String,
    /// The model asked for.
    pub model: String,
    /// Privacy flags that are sent, or the agreement that stands for them.
    pub flags: String,
    /// Versions of the consent texts that allow the calls.
    pub consent_versions: ConsentVersions,
}

/// Records each call of `inner`: `started` is durable before the request leaves, and the record is
/// completed however the stream ends, also when it is dropped. A ledger that cannot be written
/// lets no request out. Also gives the call its pseudonym.
pub struct Metered {
    inner: Arc<dyn ChatModel>,
    meter: Meter,
    hop: MeteredHop,
}

impl Metered {
    /// Meters `inner`.
    pub fn new(inner: Arc<dyn ChatModel>, meter: Meter, hop: MeteredHop) -> Self {
        Self { inner, meter, hop }
    }

    fn record(&self, call: &ModelCall) -> UsageRecord {
        let hop = self.hop.clone();
        UsageRecord {
            call: call.id,
            state: UsageState::Started,
            started_at: self.meter.clock.now(),
            pseudonym: call.pseudonym.clone(),
            session: call.session,
            turn: call.turn,
            purpose: call.purpose,
            persona: call.persona.clone(),
            prompt_version: call.prompt.version.clone(),
            provider: hop.provider,
            base_host: hop.base_host,
            model_asked: hop.model,
            model_answered: None,
            generation: None,
            tokens: TokenUsage::default(),
            first_token_ms: None,
            duration_ms: None,
            retries: 0,
            http_status: None,
            finish: None,
            cancelled: false,
            fallback_from: call.fallback_from.clone(),
            flags: hop.flags,
            consent_version: hop.consent_versions.of(call.purpose).1.to_owned(),
        }
    }
}

impl std::fmt::Debug for Metered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Metered({} of {})", self.hop.model, self.hop.provider)
    }
}

#[async_trait]
impl ChatModel for Metered {
    async fn stream(&self, mut call: ModelCall) -> Result<ModelStream, ModelError> {
        if call.pseudonym.is_empty() {
            call.pseudonym = self
                .meter
                .pseudonyms
                .name(call.teen, self.meter.clock.now());
        }
        let record = self.record(&call);
        if let Err(error) = self.meter.ledger.started(call.teen, &record).await {
            tracing::error!(
                error.kind = ?error.kind(),
                "the usage ledger could not be written; no request leaves"
            );
            return Err(ModelError::early(ModelErrorKind::Unavailable));
        }
        let mut open = Open {
            meter: self.meter.clone(),
            teen: call.teen,
            prompt_tokens: estimate::prompt_tokens(&call.prompt),
            record,
            since: Instant::now(),
            characters: 0,
            usage: None,
            runtime: Handle::current(),
        };
        match self.inner.stream(call).await {
            Ok(stream) => Ok(Box::pin(stream.inspect(move |item| open.observe(item)))),
            Err(error) => {
                open.failed(&error);
                Err(error)
            }
        }
    }
}

/// A record that is not complete yet; dropping it completes it.
struct Open {
    meter: Meter,
    teen: TeenId,
    prompt_tokens: u32,
    record: UsageRecord,
    since: Instant,
    characters: usize,
    usage: Option<TokenUsage>,
    runtime: Handle,
}

impl Open {
    fn observe(&mut self, item: &Result<ModelItem, ModelError>) {
        match item {
            Ok(ModelItem::Started {
                generation, model, ..
            }) => {
                self.record.generation.clone_from(generation);
                self.record.model_answered = Some(model.clone());
                self.record.http_status = Some(200);
            }
            Ok(ModelItem::Retrying) => self.record.retries = self.record.retries.saturating_add(1),
            Ok(ModelItem::Text(text)) => {
                let elapsed = millis(self.since);
                self.record.first_token_ms.get_or_insert(elapsed);
                self.characters += text.chars().count();
            }
            Ok(ModelItem::Usage(usage)) => self.usage = Some(*usage),
            Ok(ModelItem::End(finish)) => self.ended(finish_name(*finish)),
            Ok(ModelItem::Alive | ModelItem::Fallback) => {}
            Err(error) => self.failed(error),
        }
    }

    fn failed(&mut self, error: &ModelError) {
        if error.provider_status.is_some() {
            self.record.http_status = error.provider_status;
        }
        self.ended(error.kind.name());
    }

    fn ended(&mut self, finish: &str) {
        self.record.finish.get_or_insert_with(|| finish.to_owned());
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut record = self.record.clone();
        record.state = UsageState::Done;
        record.duration_ms = Some(millis(self.since));
        record.cancelled = record.finish.is_none();
        record.finish.get_or_insert_with(|| "cancelled".to_owned());
        record.tokens = match self.usage {
            Some(usage) => usage,
            // Text was made, so it is paid for, whatever the provider failed to say.
            None if self.characters > 0 => estimate::usage(self.prompt_tokens, self.characters),
            None => TokenUsage::default(),
        };
        let (ledger, teen) = (Arc::clone(&self.meter.ledger), self.teen);
        let complete = async move {
            if let Err(error) = ledger.finished(teen, &record).await {
                tracing::error!(
                    error.kind = ?error.kind(),
                    "a usage record could not be completed; it is closed as unknown later"
                );
            }
        };
        // Outlives the call on purpose, and a drain waits for it through the tracker.
        drop(self.meter.tasks.spawn_on(complete, &self.runtime));
    }
}

fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

const fn finish_name(finish: innerworld_core::conversation::record::Finish) -> &'static str {
    use innerworld_core::conversation::record::Finish;
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Cancelled => "cancelled",
        Finish::Safety => "safety",
        Finish::Error => "error",
        Finish::Timeout => "timeout",
        Finish::Interrupted => "interrupted",
    }
}
