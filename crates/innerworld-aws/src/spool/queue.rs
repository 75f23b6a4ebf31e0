//! The calls to SQS. The queue is FIFO: the changes of a teen are one group, so they keep their order.

use aws_sdk_sqs::{
    Client,
    types::{MessageSystemAttributeName, QueueAttributeName},
};
use innerworld_core::{
    error::{ErrorKind, PortError},
    hex,
    ids::TeenId,
};

use crate::fault::failed;

/// Messages of one answer; SQS gives no more.
const PAGE: i32 = 10;

/// The queue of one deployment.
pub(crate) struct SpoolQueue {
    client: Client,
    url: String,
}

/// A message that was sent.
pub(super) struct Sent {
    /// The queue's name for it.
    pub(super) id: String,
    /// Rises within a group.
    pub(super) sequence: u128,
}

/// A message that was received.
pub(super) struct Received {
    /// The queue's name for it, the same however often it is received.
    pub(super) id: String,
    /// Rises within a group.
    pub(super) sequence: u128,
    /// What deletes it, until the visibility time-out.
    pub(super) receipt: String,
    /// What was sent.
    pub(super) body: String,
}

impl SpoolQueue {
    pub(crate) fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Sends a change of this teen. Bodies are sealed, so no two are alike: the queue takes none for
    /// a repeat of another.
    pub(super) async fn send(&self, teen: TeenId, body: String) -> Result<Sent, PortError> {
        const OPERATION: &str = "spool a safety change";
        let answer = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_group_id(teen.to_string())
            .message_deduplication_id(hex::sha256(body.as_bytes()))
            .message_body(body)
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        Ok(Sent {
            id: answer
                .message_id
                .ok_or_else(|| PortError::new(ErrorKind::Unavailable, OPERATION))?,
            sequence: sequence(answer.sequence_number.as_deref()),
        })
    }

    /// Messages that no process holds; none may mean that all are held.
    pub(super) async fn receive(&self) -> Result<Vec<Received>, PortError> {
        const OPERATION: &str = "receive spooled safety changes";
        let number = MessageSystemAttributeName::SequenceNumber;
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(PAGE)
            .message_system_attribute_names(number.clone())
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        let messages = answer.messages.unwrap_or_default();
        let received = messages.into_iter().filter_map(|message| {
            let attributes = message.attributes.unwrap_or_default();
            Some(Received {
                id: message.message_id?,
                sequence: sequence(attributes.get(&number).map(String::as_str)),
                receipt: message.receipt_handle?,
                body: message.body?,
            })
        });
        Ok(received.collect())
    }

    /// Deletes a message; `false` if the receipt is too old for that.
    pub(super) async fn delete(&self, receipt: &str) -> Result<bool, PortError> {
        let answer = self
            .client
            .delete_message()
            .queue_url(&self.url)
            .receipt_handle(receipt)
            .send()
            .await;
        let Err(error) = answer else {
            return Ok(true);
        };
        let error = failed("remove a spooled safety change", &error);
        if error.kind() == ErrorKind::Invalid {
            return Ok(false);
        }
        Err(error)
    }

    /// About how many messages there are, held ones included.
    pub(super) async fn count(&self) -> Result<usize, PortError> {
        const OPERATION: &str = "count the spooled safety changes";
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        let numbers = answer.attributes.unwrap_or_default();
        let numbers = numbers.values().map(|number| number.parse::<usize>());
        numbers
            .sum::<Result<usize, _>>()
            .map_err(|cause| PortError::with_source(ErrorKind::Unavailable, OPERATION, cause))
    }
}

fn sequence(number: Option<&str>) -> u128 {
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
