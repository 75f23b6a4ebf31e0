//! Messages of a FIFO queue, as Lambda delivers them, and which of them come again.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::run::{Failure, read};

/// One delivery.
#[derive(Debug, Deserialize)]
pub(crate) struct Delivery {
    #[serde(rename = "Records")]
    messages: Vec<Message>,
}

/// One message.
#[derive(Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "messageId")]
    id: String,
    /// What was sent.
    pub(crate) body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    approximate_receive_count: Option<String>,
}

impl Message {
    /// How often it was delivered, this time included, as far as the queue tells.
    pub(crate) fn deliveries(&self) -> u32 {
        let told = self.attributes.approximate_receive_count.as_deref();
        told.and_then(|count| count.parse().ok()).unwrap_or(1)
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message([redacted])")
    }
}

impl Delivery {
    /// Reads an event.
    pub(crate) fn read(event: Value) -> Result<Self, Failure> {
        read(event, "not messages of a queue")
    }

    /// Handles the messages, one after the other. The first that is not done comes again, and with it all
    /// behind it, or a group would lose its order.
    pub(crate) async fn in_order<'a, F>(
        &'a self,
        is_done: impl Fn(&'a Message) -> F + Send,
    ) -> Value
    where
        F: Future<Output = bool> + Send,
    {
        let mut done = 0;
        for message in &self.messages {
            if !is_done(message).await {
                break;
            }
            done += 1;
        }
        self.answer(done)
    }

    fn answer(&self, done: usize) -> Value {
        let again = self.messages.iter().skip(done);
        let again: Vec<Value> = again
            .map(|message| json!({"itemIdentifier": message.id}))
            .collect();
        json!({"batchItemFailures": again})
    }
}
