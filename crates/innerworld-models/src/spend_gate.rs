//! A limit on what a model may cost in a day.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::{
    calendar,
    clock::Clock,
    model::{
        call::ModelCall,
        chat_model::{ChatModel, ModelError, ModelErrorKind, ModelItem, ModelStream, TokenUsage},
    },
};

/// What tokens cost, in billionths of a US dollar each. A dollar per million tokens is 1,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// A prompt token, cached ones included.
    pub input_nanousd: u64,
    /// An answer token.
    pub output_nanousd: u64,
}

impl Price {
    /// What a call cost: as the provider says, else by this price.
    fn of(self, usage: TokenUsage) -> u64 {
        let prompt = [usage.input, usage.cache_read, usage.cache_write];
        let prompt: u64 = prompt.into_iter().map(u64::from).sum();
        let output = u64::from(usage.output).saturating_mul(self.output_nanousd);
        let ours = prompt
            .saturating_mul(self.input_nanousd)
            .saturating_add(output);
        usage.cost_nanousd.unwrap_or(ours)
    }
}

/// What was spent on a day (UTC), since this process began; models that share it share the limit.
pub struct Spend {
    price: Price,
    limit_nanousd: u64,
    clock: Arc<dyn Clock>,
    today: Mutex<(String, u64)>,
}

impl Spend {
    /// At most `limit_nanousd` a day.
    pub fn new(price: Price, limit_nanousd: u64, clock: Arc<dyn Clock>) -> Self {
        Self {
            price,
            limit_nanousd,
            clock,
            today: Mutex::default(),
        }
    }

    fn is_over(&self) -> bool {
        self.today().1 >= self.limit_nanousd
    }

    fn add(&self, usage: TokenUsage) {
        let mut today = self.today();
        today.1 = today.1.saturating_add(self.price.of(usage));
        if today.1 >= self.limit_nanousd {
            tracing::warn!(
                "the day's limit for extraction is spent; sessions stay with the local tier"
            );
        }
    }

    fn today(&self) -> MutexGuard<'_, (String, u64)> {
        let day = calendar::day_in("UTC", self.clock.now()).to_string();
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if today.0 != day {
            *today = (day, 0);
        }
        today
    }
}

impl std::fmt::Debug for Spend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Spend({} billionths of a dollar a day)",
            self.limit_nanousd
        )
    }
}

/// Lets no call out once the day's limit is spent. The call that crosses it is still paid.
pub struct SpendGate {
    inner: Arc<dyn ChatModel>,
    spend: Arc<Spend>,
}

impl SpendGate {
    /// Guards `inner`.
    pub fn new(inner: Arc<dyn ChatModel>, spend: Arc<Spend>) -> Self {
        Self { inner, spend }
    }
}

impl std::fmt::Debug for SpendGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SpendGate({:?})", self.spend)
    }
}

#[async_trait]
impl ChatModel for SpendGate {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        if self.spend.is_over() {
            return Err(ModelError::early(ModelErrorKind::Budget));
        }
        let spend = Arc::clone(&self.spend);
        let stream = self.inner.stream(call).await?;
        Ok(Box::pin(stream.inspect(move |item| {
            if let Ok(ModelItem::Usage(usage)) = item {
                spend.add(*usage);
            }
        })))
    }
}
