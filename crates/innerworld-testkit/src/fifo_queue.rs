//! FIFO queues of a peer, and the part of Lambda that hands their messages to a function.

#![expect(
    clippy::indexing_slicing,
    reason = "a field that JSON has not is null, which is no panic"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    aws_json,
    lambda::{Invokes, Outcome},
    tasks::{Ending, Tasks},
};

/// Seconds that a feed waits for the next message before it asks again.
const LONG_POLL: u32 = 1;

/// A FIFO queue that nobody else uses.
#[derive(Clone, Debug)]
pub struct FifoQueue {
    at: String,
    url: String,
}

impl FifoQueue {
    /// Makes one at the peer at this address. A message that was handed over is not seen for
    /// `visibility`.
    pub async fn create(at: &str, name: &str, visibility: Duration) -> Self {
        Self::with(at, name, (visibility, json!({}))).await
    }

    /// Makes two: a message that the first handed over `receives` times, and that nobody deleted, lies in
    /// the second.
    pub async fn with_dead_letters(
        at: &str,
        name: &str,
        (visibility, receives): (Duration, u32),
    ) -> (Self, Self) {
        let dead = Self::create(at, &format!("{name}-dlq"), visibility).await;
        let wanted = json!({"QueueUrl": dead.url, "AttributeNames": ["QueueArn"]});
        let told = ask(at, "GetQueueAttributes", wanted).await;
        let policy = json!({
            "deadLetterTargetArn": told["Attributes"]["QueueArn"], "maxReceiveCount": receives,
        });
        let more = json!({"RedrivePolicy": policy.to_string()});
        (Self::with(at, name, (visibility, more)).await, dead)
    }

    async fn with(at: &str, name: &str, (visibility, more): (Duration, Value)) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("f{}-{number}-{name}.fifo", std::process::id());
        let mut attributes = more;
        attributes["FifoQueue"] = "true".into();
        attributes["VisibilityTimeout"] = visibility.as_secs().to_string().into();
        let wanted = json!({"QueueName": name, "Attributes": attributes});
        let made = ask(at, "CreateQueue", wanted).await;
        Self {
            at: at.to_owned(),
            url: made["QueueUrl"].as_str().unwrap().to_owned(),
        }
    }

    /// Sends a message to a group.
    pub async fn send(&self, group: &str, body: &str) {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let message = json!({
            "QueueUrl": self.url, "MessageBody": body, "MessageGroupId": group,
            "MessageDeduplicationId": format!("d{}-{number}", std::process::id()),
        });
        ask(&self.at, "SendMessage", message).await;
    }

    /// Moves every message into another queue, as an operator does with dead letters; how many there were.
    pub async fn redrive(&self, to: &Self) -> usize {
        let mut moved = 0;
        while let Some(event) = self.next(0).await {
            let message = &event["Records"][0];
            let group = message["attributes"]["MessageGroupId"].as_str().unwrap();
            to.send(group, message["body"].as_str().unwrap()).await;
            self.delete(&event).await;
            moved += 1;
        }
        moved
    }

    /// Its address for those who send.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The event with the next message; `None` if none comes within `seconds`. Until its visibility
    /// has run out, the message is not seen any more, nor any other of its group.
    pub async fn next(&self, seconds: u32) -> Option<Value> {
        let wanted = json!({
            "QueueUrl": self.url, "MaxNumberOfMessages": 1, "WaitTimeSeconds": seconds,
            "AttributeNames": ["All"],
        });
        let received = ask(&self.at, "ReceiveMessage", wanted).await;
        let message = received["Messages"].get(0)?;
        let record = json!({
            "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"], "attributes": message["Attributes"],
            "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        });
        Some(json!({"Records": [record]}))
    }

    /// Deletes the message of an event: the next one of its group is seen.
    pub async fn delete(&self, event: &Value) {
        let receipt = &event["Records"][0]["receiptHandle"];
        let body = json!({"QueueUrl": self.url, "ReceiptHandle": receipt});
        ask(&self.at, "DeleteMessage", body).await;
    }

    /// From now on hands every message to a function, and deletes what that has done. With `twice`
    /// every message is handed over a second time when it is done: a queue promises "at least once".
    pub fn feed(&self, invokes: Arc<dyn Invokes>, function: &str, twice: bool) -> Feed {
        let (queue, function) = (self.clone(), function.to_owned());
        let tasks = Tasks::default();
        let running = tasks.clone();
        tasks.spawn(async move {
            loop {
                let Some(event) = queue.next(LONG_POLL).await else {
                    continue;
                };
                let (queue, function) = (queue.clone(), function.clone());
                let invokes = Arc::clone(&invokes);
                running.spawn(async move {
                    for _copy in 0..=usize::from(twice) {
                        if !is_done(&invokes.invoke(&function, event.clone()).await) {
                            // It is seen again when its visibility has run out.
                            return;
                        }
                    }
                    queue.delete(&event).await;
                });
            }
        });
        Feed {
            _ending: Ending(tasks),
        }
    }
}

/// Hands messages of a queue to a function as long as it lives.
#[derive(Debug)]
pub struct Feed {
    _ending: Ending,
}

/// Whether a function has done the one message that it was given.
fn is_done(outcome: &Outcome) -> bool {
    let Outcome::Answered(answer) = outcome else {
        return false;
    };
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let failed = answer["batchItemFailures"].as_array();
    failed.is_none_or(Vec::is_empty)
}

async fn ask(at: &str, operation: &str, body: Value) -> Value {
    let operation = format!("AmazonSQS.{operation}");
    aws_json::call(at, ("sqs", operation.as_str()), body).await
}
