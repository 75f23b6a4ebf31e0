//! Leaves a failing model alone for a while.

mod circuit;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::model::{
    call::ModelCall,
    chat_model::{ChatModel, ModelError, ModelErrorKind, ModelItem, ModelStream},
};

pub use self::circuit::Circuit;

/// Refuses calls at once while the circuit of its base URL and model is open.
pub struct Breaker {
    inner: Arc<dyn ChatModel>,
    circuit: Arc<Circuit>,
}

impl Breaker {
    /// Wraps `inner`; hops to the same base URL and model share `circuit`.
    pub fn new(inner: Arc<dyn ChatModel>, circuit: Arc<Circuit>) -> Self {
        Self { inner, circuit }
    }
}

impl std::fmt::Debug for Breaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Breaker({:?})", self.circuit)
    }
}

#[async_trait]
impl ChatModel for Breaker {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        let pass = Circuit::enter(&self.circuit)
            .ok_or_else(|| ModelError::early(ModelErrorKind::Unavailable))?;
        let mut pass = Some(pass);
        match self.inner.stream(call).await {
            Ok(stream) => Ok(Box::pin(stream.inspect(move |item| match item {
                // The first word says that it works; what breaks after it counts all the same.
                Ok(ModelItem::Text(_)) => {
                    if let Some(pass) = &mut pass {
                        pass.succeeded();
                    }
                }
                Err(error) => {
                    if let Some(pass) = pass.take() {
                        pass.failed(error.kind);
                    }
                }
                Ok(_) => {}
            }))),
            Err(error) => {
                if let Some(pass) = pass.take() {
                    pass.failed(error.kind);
                }
                Err(error)
            }
        }
    }
}
