//! A way to a model that takes the quotes off.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::model::{
    call::{ModelCall, RemoteText},
    chat_model::{ChatModel, ModelError, ModelStream},
};

use crate::model_calls::remote;

/// A model that is told what is remembered as plain text: the lines of the quoted blocks as they
/// were said, so that one of them may end its block or pass for somebody else's words.
pub struct Unquoting(Arc<dyn ChatModel>);

impl Unquoting {
    /// Asks `inner`.
    pub fn new(inner: Arc<dyn ChatModel>) -> Self {
        Self(inner)
    }
}

impl std::fmt::Debug for Unquoting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unquoting")
    }
}

#[async_trait]
impl ChatModel for Unquoting {
    async fn stream(&self, mut call: ModelCall) -> Result<ModelStream, ModelError> {
        for block in [&mut call.prompt.digest, &mut call.prompt.recalled] {
            *block = block.as_ref().map(unquoted);
        }
        self.0.stream(call).await
    }
}

fn unquoted(block: &RemoteText) -> RemoteText {
    let lines = block.as_str().lines();
    let plain: Vec<String> = lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| line.to_owned()))
        .collect();
    remote(&plain.join("\n"))
}
