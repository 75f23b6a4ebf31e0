//! A talk through the gateway: a client, the programs of all functions that it needs, tables.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use innerworld_core::{clock::Timestamp, ids::TeenId};
use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    fifo_queue::FifoQueue,
    gateway::{Gateway, GatewaySettings, Routes},
    lambda::{Delivery, LambdaService},
    signature::Caller,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest as _};

use crate::{
    functions::{TEEN, complete},
    gateway::Socket,
    place::{Place, address, wall_clock},
    queues::queue,
};

const PROGRAMS: [(&str, &str); 6] = [
    ("authorizer", env!("CARGO_BIN_EXE_authorizer")),
    ("connect-handler", env!("CARGO_BIN_EXE_connect-handler")),
    (
        "conversation-handler",
        env!("CARGO_BIN_EXE_conversation-handler"),
    ),
    ("turn-worker", env!("CARGO_BIN_EXE_turn-worker")),
    (
        "disconnect-handler",
        env!("CARGO_BIN_EXE_disconnect-handler"),
    ),
    ("session-processor", env!("CARGO_BIN_EXE_session-processor")),
];
/// How long a client waits for what it is owed: a program that starts anew reads its models first.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A deployment behind a gateway.
pub(crate) struct Deployed {
    pub(crate) place: Place,
    pub(crate) gateway: Gateway,
    pub(crate) service: LambdaService,
    /// What is told of sessions that ended.
    pub(crate) ended: FifoQueue,
}

impl Deployed {
    pub(crate) async fn new() -> Self {
        let place = Place::new().await;
        complete(&place).await;
        Self::over(place, &[]).await
    }

    /// The functions over this place, told something else too.
    pub(crate) async fn over(place: Place, also: &[(&'static str, String)]) -> Self {
        Self::told(place, |_function| also.to_vec()).await
    }

    /// The same; what else a function is told depends on its name.
    pub(crate) async fn told(
        place: Place,
        also: impl Fn(&str) -> Vec<(&'static str, String)>,
    ) -> Self {
        let service = LambdaService::start().await;
        let settings = GatewaySettings {
            stage: "test".to_owned(),
            routes: Routes::of_the_product(),
            ..GatewaySettings::default()
        };
        let invokes = Arc::new(service.clone());
        let gateway = Gateway::start(settings, invokes, Caller::of_functions()).await;
        let ended = queue("session-ended").await;
        for (name, program) in PROGRAMS {
            let mut told = vec![
                ("SESSION_QUEUE_URL", ended.url().to_owned()),
                ("WEBSOCKET_ENDPOINT", gateway.management_endpoint()),
                ("AWS_ENDPOINT_URL_LAMBDA", service.endpoint()),
            ];
            told.extend(also(name));
            let mut function = place.deployment(name, program, &told);
            // A debug build reads its models for seconds; on AWS that is not part of a call.
            function.timeout = function.timeout.max(PATIENCE);
            service.deploy(function);
        }
        Self {
            place,
            gateway,
            service,
            ended,
        }
    }

    /// A teen's client, let in.
    pub(crate) async fn client(&self) -> Client {
        self.client_of(TEEN).await
    }

    /// This teen's client, let in.
    pub(crate) async fn client_of(&self, teen: TeenId) -> Client {
        Client {
            socket: socket(self, teen).await,
            seen: Vec::new(),
            looked_at: 0,
            is_refused: false,
        }
    }

    /// How a handshake with a token that was issued at `at` is refused.
    pub(crate) async fn refused(&self, at: Timestamp) -> u16 {
        match open(self, TEEN, at).await {
            Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("{other:?}"),
        }
    }
}

/// A socket of this teen, let in.
pub(crate) async fn socket(deployed: &Deployed, teen: TeenId) -> Socket {
    open(deployed, teen, wall_clock()).await.unwrap()
}

async fn open(
    deployed: &Deployed,
    teen: TeenId,
    at: Timestamp,
) -> Result<Socket, tungstenite::Error> {
    let mut request = deployed.gateway.url().into_client_request().unwrap();
    let token = deployed.place.pool.token(teen, at);
    let offered = format!("innerworld.v1, bearer.{token}");
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", offered.parse().unwrap());
    let opened = tokio_tungstenite::connect_async(request).await;
    opened.map(|(socket, _answer)| socket)
}

/// A client that keeps what it was sent, in order.
pub(crate) struct Client {
    socket: Socket,
    pub(crate) seen: Vec<Value>,
    /// How many of them were asked for.
    looked_at: usize,
    /// Whether errors may come.
    is_refused: bool,
}

impl Client {
    pub(crate) async fn send(&mut self, frame: Value) {
        let sent = self.socket.send(Message::text(frame.to_string())).await;
        sent.unwrap();
    }

    /// Says something in a message with this number.
    pub(crate) async fn say(&mut self, number: u8, text: &str) {
        let id = format!("01JD8Q2TZ3V0C9X8B7N6M5K4J{number}");
        self.send(json!({"type": "message", "id": id, "text": text}))
            .await;
    }

    /// The next frame of this type, behind those that were asked for before.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            while let Some(frame) = self.seen.get(self.looked_at) {
                self.looked_at += 1;
                if frame["type"] == kind {
                    return frame.clone();
                }
            }
            self.read(kind).await;
        }
    }

    /// Reads one message.
    async fn read(&mut self, kind: &str) {
        let read = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        let Ok(Some(Ok(Message::Text(text)))) = read else {
            let seen: Vec<_> = self.seen.iter().map(|frame| &frame["type"]).collect();
            panic!("{kind} never came, {read:?} did; before it {seen:?}");
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        let frames = match frame["frames"].as_array() {
            Some(frames) => frames.clone(),
            None => vec![frame],
        };
        for frame in &frames {
            assert!(self.is_refused || frame["type"] != "error", "{frame}");
        }
        self.seen.extend(frames);
    }

    /// Says hello.
    pub(crate) async fn hello(&mut self) {
        self.send(hello()).await;
    }

    /// What is said last before the socket closes.
    pub(crate) async fn last_words(&mut self) -> Value {
        let mut last = Value::Null;
        loop {
            let read = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match read.expect("the socket closes") {
                Some(Ok(Message::Text(text))) => last = serde_json::from_str(&text).unwrap(),
                Some(Ok(_other)) => {}
                Some(Err(_)) | None => return last,
            }
        }
    }

    /// Says hello, and accepts what is disclosed.
    async fn begin(&mut self) {
        self.send(hello()).await;
        let disclosure = self.until("disclosure").await;
        if disclosure["ack_required"] == true {
            self.send(json!({"type": "disclosure.ack", "version": disclosure["version"]}))
                .await;
        }
    }

    /// The numbers of frames, as a client keeps them: one that is not above the newest is dropped.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let mut kept = Vec::new();
        for frame in self.seen.iter().filter(|frame| frame["type"] != "welcome") {
            let number = frame["seq"].as_u64().unwrap_or_default();
            if kept.last().copied().unwrap_or_default() < number {
                kept.push(number);
            }
        }
        kept
    }

    /// How many answers have ended.
    fn ends(&self) -> usize {
        let ends = self.seen.iter().filter(|frame| frame["type"] == "turn.end");
        let turns: std::collections::BTreeSet<_> =
            ends.filter_map(|frame| frame["turn"].as_str()).collect();
        turns.len()
    }

    /// The text of the newest answer, put together as clients do.
    pub(crate) fn answer(&self, turn: &Value) -> String {
        let mut text = String::new();
        for frame in self.seen.iter().filter(|frame| frame["turn"] == *turn) {
            match frame["type"].as_str() {
                Some("turn.delta") => {
                    let have = u64::try_from(text.chars().count()).unwrap();
                    let off = frame["off"].as_u64().unwrap();
                    assert!(off <= have, "a piece is missing: {have}, then {off}");
                    let known = usize::try_from(have - off).unwrap();
                    text.extend(frame["d"].as_str().unwrap().chars().skip(known));
                }
                Some("turn.snapshot") => frame["text"].as_str().unwrap().clone_into(&mut text),
                _ => {}
            }
        }
        text
    }
}

fn hello() -> Value {
    json!({
        "type": "hello", "protocol": 1, "locale": "en-US",
        "client": {"name": "tests", "version": "1"},
    })
}

#[expect(
    clippy::print_stderr,
    reason = "a failed test is read by whoever looks for its cause"
)]
impl Drop for Deployed {
    /// A failed test shows what the programs wrote.
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (name, _program) in PROGRAMS {
                eprintln!("{name}: {}", self.service.written(name));
            }
            eprintln!("calls: {:?}", self.gateway.failed_calls());
            eprintln!("lost: {:?}", self.service.lost());
        }
    }
}

#[tokio::test]
async fn a_teen_talks_through_the_functions() {
    let deployed = Deployed::new().await;
    let mut client = opened(&deployed).await;
    let welcome = client.seen.iter().find(|frame| frame["type"] == "welcome");
    assert_eq!(welcome.unwrap()["resumed"], "new");
    client.say(3, "I have an exam tomorrow").await;
    let accepted = client.until("accepted").await;
    assert_eq!(accepted["dup"], false);
    let end = loop {
        let end = client.until("turn.end").await;
        if end["turn"] == accepted["turn"] {
            break end;
        }
    };
    assert_eq!(end["finish"], "stop");
    let text = client.answer(&accepted["turn"]);
    assert_eq!(
        u64::try_from(text.chars().count()).unwrap(),
        end["len"].as_u64().unwrap()
    );
    assert!(!text.is_empty());
    client.send(json!({"type": "session.end"})).await;
    let ended = client.until("session.ended").await;
    assert_eq!(ended["reason"], "client");
    assert_eq!(ended["turns"], 1);
    assert_eq!(deployed.gateway.failed_calls(), []);
    for (name, _program) in PROGRAMS {
        let written = deployed.service.written(name);
        assert!(!written.contains("exam"), "{name}: {written}");
        assert!(!written.contains("ERROR"), "{name}: {written}");
    }
}

/// Talks up to the persona's opening line.
pub(crate) async fn opened(deployed: &Deployed) -> Client {
    opened_by(deployed, TEEN).await
}

/// The same for this teen.
pub(crate) async fn opened_by(deployed: &Deployed, teen: TeenId) -> Client {
    let mut client = deployed.client_of(teen).await;
    client.begin().await;
    // Frames that are under way at the same time may be handled in any order.
    deployed.gateway.settled().await;
    client
        .send(json!({"type": "persona.choose", "persona": "courage"}))
        .await;
    client.until("turn.end").await;
    client
}

#[tokio::test]
async fn a_crisis_is_met_with_help_and_no_answer() {
    let deployed = Deployed::new().await;
    let mut client = opened(&deployed).await;
    client.say(3, "i want to kill myself").await;
    let crisis = client.until("safety.crisis").await;
    assert!(!crisis["resources"].as_array().unwrap().is_empty());
    let accepted = client.until("accepted").await;
    let end = client.until("turn.end").await;
    assert_eq!(
        (&end["turn"], &end["finish"]),
        (&accepted["turn"], &json!("safety"))
    );
    client
        .send(json!({"type": "safety.ack", "event": crisis["event"]}))
        .await;
    deployed.gateway.settled().await;
    deployed.service.settled().await;
    assert_eq!(deployed.service.events("turn-worker"), 0, "nobody answers");
    let record = deployed.place.aws.safety().load(TEEN).await.unwrap();
    assert!(record.is_some(), "the state is kept");
    assert_eq!(deployed.gateway.failed_calls(), []);
}

#[tokio::test]
async fn help_that_cannot_be_posted_is_counted() {
    let deployed = Deployed::new().await;
    let mut client = opened(&deployed).await;
    let connections = deployed.gateway.connections();
    deployed.gateway.refuse_posts(&connections[0], 429, 1);
    client.say(3, "i want to kill myself").await;
    // Who cannot take it comes back, and says it again.
    deployed.gateway.over(&connections[0]).await;
    deployed.gateway.settled().await;
    let written = deployed.service.written("conversation-handler");
    assert!(written.contains("\"crisis_frame_failed\":1"), "{written}");
    assert!(!written.contains("kill"), "{written}");
}

/// The tables are away: whoever needs help gets it from the program alone, also from one that starts
/// meanwhile and has never seen them.
#[tokio::test]
async fn a_crisis_is_met_with_help_while_the_tables_are_away() {
    let place = Place::new().await;
    complete(&place).await;
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_DYNAMODB")).await;
    let deployed = Deployed::told(place, |function| match function {
        "conversation-handler" => vec![("AWS_ENDPOINT_URL_DYNAMODB", proxy.base_url())],
        _ => Vec::new(),
    })
    .await;
    let mut client = opened(&deployed).await;
    deployed.gateway.settled().await;
    proxy.cut_after(0, Cut::Request);
    client.is_refused = true;
    client.say(3, "i want to kill myself").await;
    let warm = client.until("safety.crisis").await;
    assert!(!warm["resources"].as_array().unwrap().is_empty());
    let refused = client.until("error").await;
    assert_eq!(
        (&refused["code"], &refused["retryable"]),
        (&json!("storage_unavailable"), &json!(true))
    );
    // The one that runs is ended for this.
    deployed.service.written("conversation-handler");
    client.say(4, "i want to kill myself").await;
    client.until("safety.crisis").await;
    proxy.mend();
    client.say(3, "i want to kill myself").await;
    let kept = client.until("safety.crisis").await;
    assert_eq!(kept["event"], warm["event"], "it is the same");
    client.until("accepted").await;
}

#[tokio::test]
async fn two_messages_in_a_row_are_answered_in_order() {
    let deployed = Deployed::new().await;
    let mut client = opened(&deployed).await;
    client.say(3, "I have an exam tomorrow").await;
    client.until("accepted").await;
    client.say(4, "and my sister has one too").await;
    // A repeated end counts once: the second answer is the last thing that is sent.
    while client.ends() < 3 {
        client.until("turn.end").await;
    }
    let seen = client.numbers();
    let expected: Vec<u64> = (1..=seen.last().copied().unwrap()).collect();
    assert_eq!(
        seen, expected,
        "in order, as a client keeps them, and none is missing"
    );
    assert_eq!(deployed.gateway.failed_calls(), []);
}

#[tokio::test]
async fn who_comes_back_is_sent_what_they_missed() {
    let deployed = Deployed::new().await;
    let first = opened(&deployed).await;
    let welcome = first.seen.iter().find(|frame| frame["type"] == "welcome");
    let welcome = welcome.unwrap().clone();
    let seen = first.numbers();
    drop(first);
    let mut second = deployed.client().await;
    let last = json!({"epoch": welcome["epoch"], "seq": 2});
    let mut again = hello();
    again["session"] = welcome["session"].clone();
    again["last"] = last;
    second.send(again).await;
    let resumed = second.until("welcome").await;
    assert_eq!(resumed["resumed"], "full");
    assert_eq!(resumed["session"], welcome["session"]);
    while second.numbers().last() != seen.last() {
        second.until("turn.end").await;
    }
    assert_eq!(
        second.numbers(),
        (3..=*seen.last().unwrap()).collect::<Vec<_>>()
    );
    assert_eq!(deployed.gateway.failed_calls(), []);
}

#[tokio::test]
async fn a_call_that_comes_twice_makes_one_answer() {
    let deployed = Deployed::new().await;
    deployed.service.deliver(Delivery {
        twice: true,
        ..Delivery::default()
    });
    let mut client = deployed.client().await;
    client.begin().await;
    client
        .send(json!({"type": "persona.choose", "persona": "courage"}))
        .await;
    client.until("turn.end").await;
    client.say(3, "I have an exam tomorrow").await;
    let accepted = client.until("accepted").await;
    let end = client.until("turn.end").await;
    assert_eq!(end["turn"], accepted["turn"]);
    deployed.service.settled().await;
    let starts = client
        .seen
        .iter()
        .filter(|frame| frame["type"] == "turn.start" && frame["turn"] == accepted["turn"]);
    assert_eq!(starts.count(), 1);
    assert_eq!(deployed.service.events("turn-worker"), 2);
}
