//! What can run a function by its name.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::Outcome;

/// Something that runs functions: real programs, or handlers in the process of a test.
#[async_trait]
pub trait Invokes: Send + Sync {
    /// Gives a function an event and waits for the end of it.
    async fn invoke(&self, function: &str, event: Value) -> Outcome;
}

#[async_trait]
impl<I: Invokes + ?Sized> Invokes for Arc<I> {
    async fn invoke(&self, function: &str, event: Value) -> Outcome {
        (**self).invoke(function, event).await
    }
}

type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// Handlers in the process of a test, by the names of their functions. They have no timeout, and
/// nobody kills them.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<String, Handler>);

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Handlers {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a handler for `function`. What it says in place of an answer becomes the `errorMessage`
    /// of a function error.
    #[must_use]
    pub fn with<H, F>(mut self, function: &str, handler: H) -> Self
    where
        H: Fn(Value) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Value, String>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |event| {
            let said = handler(event);
            Box::pin(async move {
                match said.await {
                    Ok(answer) => Outcome::Answered(answer.to_string()),
                    Err(message) => {
                        let error = json!({"errorType": "Error", "errorMessage": message});
                        Outcome::Failed(error.to_string())
                    }
                }
            })
        });
        self.0.insert(function.to_owned(), handler);
        self
    }
}

#[async_trait]
impl Invokes for Handlers {
    async fn invoke(&self, function: &str, event: Value) -> Outcome {
        match self.0.get(function) {
            Some(handler) => handler(event).await,
            None => Outcome::Unknown,
        }
    }
}
