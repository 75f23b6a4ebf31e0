//! Queues of a test, and the part of Lambda that hands their messages to a function.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::place::call;

/// Seconds for which a message that was handed over is not seen: longer than any test.
const VISIBILITY: &str = "1800";

/// A FIFO queue that nobody else uses.
pub(crate) struct Queue {
    url: String,
}

impl Queue {
    pub(crate) async fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("f{}-{number}-{name}.fifo", std::process::id());
        let attributes = json!({"FifoQueue": "true", "VisibilityTimeout": VISIBILITY});
        let wanted = json!({"QueueName": name, "Attributes": attributes});
        let made = ask("CreateQueue", wanted).await;
        let url = made["QueueUrl"].as_str().unwrap().to_owned();
        Self { url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The event with the next message; `None` if none comes within `seconds`. The message is not
    /// seen any more.
    pub(crate) async fn next(&self, seconds: u32) -> Option<Value> {
        let wanted = json!({
            "QueueUrl": self.url, "MaxNumberOfMessages": 1, "WaitTimeSeconds": seconds,
            "AttributeNames": ["All"],
        });
        let received = ask("ReceiveMessage", wanted).await;
        let message = received["Messages"].get(0)?;
        let record = json!({
            "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"], "attributes": message["Attributes"],
            "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        });
        Some(json!({"Records": [record]}))
    }

    /// Deletes the message of an event: the next one of its group is seen.
    pub(crate) async fn delete(&self, event: &Value) {
        let receipt = &event["Records"][0]["receiptHandle"];
        let body = json!({"QueueUrl": self.url, "ReceiptHandle": receipt});
        ask("DeleteMessage", body).await;
    }
}

async fn ask(operation: &str, body: Value) -> Value {
    let operation = format!("AmazonSQS.{operation}");
    call("SQS", ("sqs", operation.as_str()), body).await
}
