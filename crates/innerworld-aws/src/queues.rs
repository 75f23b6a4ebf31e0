//! FIFO queues between the functions. A body is a pointer, never content.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use innerworld_core::error::{ErrorKind, PortError};

use crate::{fault::failed, open::once};

/// Bytes of a body at most: it points to something.
const BODY: usize = 1_024;
/// Characters of a group or a deduplication id at most; the service takes no more.
const ID: usize = 128;

/// One queue.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at this address. A call is tried once and takes `timeout` at most.
    pub fn new(config: &SdkConfig, url: String, timeout: Duration) -> Self {
        Self {
            client: Client::new(&once(config, timeout)),
            url,
        }
    }

    /// Sends a message. Those of one group are received in order, one after the other. A message
    /// with the `dedup` of one that was sent within the last five minutes, in whatever group, is
    /// not sent again: a saving, nothing to rely on.
    pub async fn send(&self, group: &str, dedup: &str, body: &str) -> Result<(), PortError> {
        const OPERATION: &str = "send a message to a queue";
        let named = |id: &str| !id.is_empty() && id.len() <= ID;
        if !named(group) || !named(dedup) || body.len() > BODY {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        }
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_group_id(group)
            .message_deduplication_id(dedup)
            .message_body(body)
            .send()
            .await
            .map(|_sent| ())
            .map_err(|error| failed(OPERATION, &error))
    }
}
