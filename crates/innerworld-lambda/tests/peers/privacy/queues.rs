//! Queues of a deployment, at the peer of SQS.

use innerworld_testkit::records::Records;
use serde_json::{Value, json};

use crate::place::{address, call};

/// Where the queues are.
pub(super) fn endpoint() -> String {
    address("INNERWORLD_TEST_SQS")
}

async fn ask(operation: &str, body: Value) -> Value {
    let target = format!("AmazonSQS.{operation}");
    call("SQS", ("sqs", &target), body).await
}

/// One FIFO queue.
pub(super) struct TestQueue {
    pub(super) url: String,
}

impl TestQueue {
    pub(super) async fn new(name: &str) -> Self {
        let name = format!("{name}-{:032x}.fifo", Records::named(&unique()).bits());
        let body = json!({"QueueName": name, "Attributes": {
            "FifoQueue": "true", "VisibilityTimeout": "2",
        }});
        let made = ask("CreateQueue", body).await;
        Self {
            url: made["QueueUrl"].as_str().unwrap().to_owned(),
        }
    }

    /// The next message, with the receipt that deletes it; `None` if there is none.
    pub(super) async fn next(&self) -> Option<(String, String)> {
        let asked = json!({"QueueUrl": self.url, "MaxNumberOfMessages": 1, "WaitTimeSeconds": 0});
        let received = ask("ReceiveMessage", asked).await;
        let message = received["Messages"].get(0)?;
        let text = |field: &str| message[field].as_str().unwrap().to_owned();
        Some((text("Body"), text("ReceiptHandle")))
    }

    pub(super) async fn delete(&self, receipt: &str) {
        let body = json!({"QueueUrl": self.url, "ReceiptHandle": receipt});
        ask("DeleteMessage", body).await;
    }
}

/// Another name each time, in each process.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}", std::process::id())
}

/// A delivery of one message.
pub(super) fn delivery(body: &str) -> String {
    json!({"Records": [{
        "messageId": "m0", "eventSource": "aws:sqs", "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
    }]})
    .to_string()
}
