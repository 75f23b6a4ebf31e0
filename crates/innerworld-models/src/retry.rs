//! Trying the same model again, only before the first token (models.md 4).

mod bucket;
mod shrink;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::{
    ids::IdSource,
    model::{
        call::ModelCall,
        chat_model::{
            ChatModel, ModelError, ModelErrorKind, ModelItem, ModelPhase, ModelStream, TokenUsage,
        },
    },
};
use tokio::time::{Instant, sleep, timeout_at};

pub use self::bucket::RetryBucket;
use self::shrink::Shrinking;
use crate::{
    config::RetryLimits,
    produce::{Outlet, open, produce},
};

/// Retries passing failures of the inner model, with a random pause, inside the first-token clock
/// and the process-wide bucket; a prompt that is too long is made shorter, twice at most.
pub struct Retry {
    inner: Arc<dyn ChatModel>,
    rules: Rules,
}

#[derive(Clone)]
struct Rules {
    limits: RetryLimits,
    first_token: Duration,
    bucket: Arc<RetryBucket>,
    ids: Arc<dyn IdSource>,
}

impl Retry {
    /// Wraps `inner`; `first_token` is its first-token clock, which retries never exceed.
    pub fn new(
        inner: Arc<dyn ChatModel>,
        limits: RetryLimits,
        first_token: Duration,
        bucket: Arc<RetryBucket>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self {
            inner,
            rules: Rules {
                limits,
                first_token,
                bucket,
                ids,
            },
        }
    }
}

impl std::fmt::Debug for Retry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Retry({:?})", self.rules.limits)
    }
}

#[async_trait]
impl ChatModel for Retry {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        let (inner, rules) = (Arc::clone(&self.inner), self.rules.clone());
        Ok(produce(|out| async move {
            rules.run(&*inner, call, &out).await;
        }))
    }
}

impl Rules {
    async fn run(&self, inner: &dyn ChatModel, mut call: ModelCall, out: &Outlet) {
        self.bucket.called();
        let deadline = Instant::now() + self.first_token;
        let mut shrinking = Shrinking::default();
        let mut tried = Tried::default();
        loop {
            let stream = open(inner, call.clone()).await;
            let Some(error) = attempt(stream, deadline, &mut tried.spent, out).await else {
                return;
            };
            let shorter =
                error.kind == ModelErrorKind::ContextTooLong && shrinking.shorten(&mut call.prompt);
            let pause = if shorter {
                Some(Duration::ZERO)
            } else {
                self.pause(&error, &mut tried)
            };
            let pause = pause.filter(|pause| Instant::now() + *pause < deadline);
            let Some(pause) = pause else {
                if let Some(spent) = tried.spent {
                    out.item(ModelItem::Usage(spent)).await;
                }
                out.error(error).await;
                return;
            };
            out.item(ModelItem::Retrying).await;
            sleep(pause).await;
        }
    }

    /// How long to wait before trying again; `None` if it may not be tried again.
    fn pause(&self, error: &ModelError, tried: &mut Tried) -> Option<Duration> {
        let most = match error.kind {
            ModelErrorKind::Unavailable | ModelErrorKind::Throttled | ModelErrorKind::Timeout => {
                self.limits.most
            }
            // An answer without text: one more try, then the next hop.
            ModelErrorKind::Truncated => self.limits.most.min(1),
            _ => 0,
        };
        let asked = error.retry_after.unwrap_or_default();
        let early = error.phase == ModelPhase::BeforeFirstToken;
        if !early || tried.retries >= most || asked > self.limits.obey || !self.bucket.take() {
            return None;
        }
        tried.retries += 1;
        Some(asked.max(self.jitter()))
    }

    /// A pause drawn evenly between the two limits, so that clients do not come back in step.
    fn jitter(&self) -> Duration {
        let mut bytes = [0_u8; 4];
        self.ids.fill(&mut bytes);
        let span = self.limits.max_delay.saturating_sub(self.limits.min_delay);
        let share = f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX);
        self.limits.min_delay + span.mul_f64(share)
    }
}

/// What earlier attempts of this call used up.
#[derive(Default)]
struct Tried {
    retries: u8,
    spent: Option<TokenUsage>,
}

/// Passes one attempt on. Returns its error if nothing was shown yet; everything else went out.
async fn attempt(
    mut stream: ModelStream,
    deadline: Instant,
    spent: &mut Option<TokenUsage>,
    out: &Outlet,
) -> Option<ModelError> {
    let mut shown = false;
    loop {
        let item = if shown {
            stream.next().await
        } else {
            match timeout_at(deadline, stream.next()).await {
                Ok(item) => item,
                Err(_elapsed) => return Some(ModelError::early(ModelErrorKind::Timeout)),
            }
        };
        match item {
            Some(Ok(ModelItem::Usage(usage))) => *spent = Some(sum(*spent, usage)),
            Some(Ok(item)) => {
                shown |= matches!(item, ModelItem::Text(_));
                let over = matches!(item, ModelItem::End(_));
                if over && let Some(spent) = spent.take() {
                    out.item(ModelItem::Usage(spent)).await;
                }
                out.item(item).await;
                if over {
                    return None;
                }
            }
            Some(Err(error)) if shown => {
                if let Some(spent) = spent.take() {
                    out.item(ModelItem::Usage(spent)).await;
                }
                out.error(error).await;
                return None;
            }
            Some(Err(error)) => return Some(error),
            None if shown => return None,
            None => return Some(ModelError::early(ModelErrorKind::Truncated)),
        }
    }
}

/// Usage of several attempts together: each was paid for.
fn sum(before: Option<TokenUsage>, usage: TokenUsage) -> TokenUsage {
    let Some(before) = before else { return usage };
    let cost = [before.cost_nanousd, usage.cost_nanousd];
    TokenUsage {
        input: before.input.saturating_add(usage.input),
        cache_read: before.cache_read.saturating_add(usage.cache_read),
        cache_write: before.cache_write.saturating_add(usage.cache_write),
        output: before.output.saturating_add(usage.output),
        reasoning: before.reasoning.saturating_add(usage.reasoning),
        cost_nanousd: cost.into_iter().flatten().reduce(u64::saturating_add),
        estimated: before.estimated || usage.estimated,
    }
}
