//! A deployment whose sweeper a test calls, with queues to look into and rows to make older.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use innerworld_core::ids::SessionId;
use innerworld_testkit::lambda::{Invokes as _, Outcome};
use serde_json::{Value, json};

use crate::{
    place::{call, wall_clock},
    talk::{Client, Deployed},
};

const SWEEPER: &str = "session-sweeper";
/// Long enough for a debug build to read its files.
const PATIENCE: Duration = Duration::from_secs(60);

/// A deployment with a sweeper.
pub(super) struct Swept {
    pub(super) deployed: Deployed,
    pub(super) sessions: String,
    pub(super) privacy: String,
}

impl Swept {
    pub(super) async fn new() -> Self {
        let deployed = Deployed::new().await;
        let swept = Self {
            deployed,
            sessions: queue("sessions").await,
            privacy: queue("privacy").await,
        };
        let deployed = &swept.deployed;
        let told = [
            ("WEBSOCKET_ENDPOINT", deployed.gateway.management_endpoint()),
            ("AWS_ENDPOINT_URL_LAMBDA", deployed.service.endpoint()),
            ("SESSION_QUEUE_URL", swept.sessions.clone()),
            ("PRIVACY_QUEUE_URL", swept.privacy.clone()),
        ];
        let program = env!("CARGO_BIN_EXE_session-sweeper");
        let mut function = deployed.place.deployment(SWEEPER, program, &told);
        function.timeout = function.timeout.max(PATIENCE);
        deployed.service.deploy(function);
        swept
    }

    /// Every message is handed to a program that cannot make anything of it.
    pub(super) fn lose_messages(&self) {
        let (place, service) = (&self.deployed.place, &self.deployed.service);
        let program = env!("CARGO_BIN_EXE_cognito-custom-message");
        let mut nobody = place.deployment("cognito-custom-message", program, &[]);
        "nobody".clone_into(&mut nobody.name);
        service.deploy(nobody);
        let told = [
            (
                "WEBSOCKET_ENDPOINT",
                self.deployed.gateway.management_endpoint(),
            ),
            ("AWS_ENDPOINT_URL_LAMBDA", service.endpoint()),
            ("TURN_WORKER_FUNCTION", "nobody".to_owned()),
        ];
        let program = env!("CARGO_BIN_EXE_conversation-handler");
        let mut function = place.deployment("conversation-handler", program, &told);
        function.timeout = function.timeout.max(PATIENCE);
        service.deploy(function);
    }

    /// One round; what it says that it did.
    pub(super) async fn round(&self) -> Value {
        let event = json!({
            "version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}",
        });
        self.call(event).await
    }

    /// Calls the sweeper.
    pub(super) async fn call(&self, event: Value) -> Value {
        let service = &self.deployed.service;
        match service.invoke(SWEEPER, event).await {
            Outcome::Answered(body) => serde_json::from_str(&body).unwrap(),
            other => panic!("{other:?}: {}", service.written(SWEEPER)),
        }
    }

    /// Makes a session due, and as if so long nothing had been said in it.
    pub(super) async fn make_due(&self, session: SessionId, quiet: Duration) {
        let last = wall_clock().minus(quiet).as_millis().to_string();
        let values = [
            ("sweep_at", json!({"N": last})),
            ("last_activity_at", json!({"N": last})),
        ];
        self.set(session, "meta", &values).await;
    }

    /// Changes an item of a session.
    pub(super) async fn set(&self, session: SessionId, item: &str, values: &[(&str, Value)]) {
        let place = &self.deployed.place;
        let key = json!({"session_id": {"S": session.to_string()}, "item": {"S": item}});
        place.set(&place.names().sessions, key, values).await;
    }
}

/// The session that a client was welcomed to.
pub(super) fn session_of(client: &Client) -> SessionId {
    let welcome = client.seen.iter().find(|frame| frame["type"] == "welcome");
    let session = welcome.unwrap()["session"].as_str().unwrap();
    session.parse().unwrap()
}

/// A queue nobody else uses.
pub(super) async fn queue(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("s{}-{number}-{name}.fifo", std::process::id());
    let wanted = json!({"QueueName": name, "Attributes": {"FifoQueue": "true"}});
    let made = call("SQS", ("sqs", "AmazonSQS.CreateQueue"), wanted).await;
    made["QueueUrl"].as_str().unwrap().to_owned()
}

/// Messages of a queue: their names and what was sent.
pub(super) async fn received(queue: &str) -> Vec<(String, String)> {
    let wanted = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
    let got = call("SQS", ("sqs", "AmazonSQS.ReceiveMessage"), wanted).await;
    let messages = got["Messages"].as_array().cloned().unwrap_or_default();
    let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
    let messages = messages.iter();
    messages
        .map(|message| (text(message, "MessageId"), text(message, "Body")))
        .collect()
}

/// The bodies of a queue's messages.
pub(super) async fn bodies(queue: &str) -> Vec<Value> {
    let messages = received(queue).await.into_iter();
    messages
        .map(|(_name, body)| serde_json::from_str(&body).unwrap())
        .collect()
}
