//! Conversations as data: every file of `tests/scenarios/` through the socket server.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use innerworld_core::{identity::consent::MemoryMode, ids::TeenId};
use innerworld_testkit::scripted_model::{ScriptedModel, ScriptedReply};
use serde::Deserialize;
use serde_json::Value;

use crate::world::{Socket, World, receive, send, settings};

/// A scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it shows.
    title: String,
    /// Answers of the model, in order.
    #[serde(default)]
    replies: Vec<String>,
    /// The teen's memory mode.
    #[serde(default)]
    memory: MemoryMode,
    /// Overrides of limits.
    #[serde(default)]
    daily_s: Option<u64>,
    step: Vec<Step>,
}

/// One step: exactly one of these.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    /// Opens a socket (closing the one before).
    connect: bool,
    /// With `connect`: the older socket stays open beside the new one.
    keep: bool,
    /// What the kept socket must get next.
    kept_expect: Vec<Value>,
    /// The kept socket must be closed with this code.
    kept_closed: Option<u16>,
    /// Cuts the socket without a word.
    cut: bool,
    /// Sends this frame; `$name` stands for an id that is made at its first use.
    send: Option<Value>,
    /// Sends these bytes.
    raw: Option<String>,
    /// Sends a text of this many letters as message `$name`.
    long: Option<(String, usize)>,
    /// These frames must come next, in this order: each key given must be equal.
    expect: Vec<Value>,
    /// The socket must be closed with this code.
    closed: Option<u16>,
    /// Moves the clock.
    advance_s: Option<u64>,
}

struct Run {
    world: World,
    teen: TeenId,
    socket: Option<Socket>,
    kept: Option<Socket>,
    held: Option<Value>,
    names: BTreeMap<String, String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_runs_through_the_socket_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are scenarios");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let scenario: Scenario =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        Box::pin(play(&name, scenario)).await;
    }
}

async fn play(name: &str, scenario: Scenario) {
    let replies = scenario
        .replies
        .iter()
        .map(|text| ScriptedReply::text(text));
    let model = Arc::new(ScriptedModel::new(replies));
    let mut settings = settings();
    if let Some(daily) = scenario.daily_s {
        settings.limits.daily = Duration::from_secs(daily);
    }
    let world = World::start(Arc::clone(&model) as _, settings).await;
    let teen = world.teen(1, scenario.memory).await;
    let mut run = Run {
        world,
        teen,
        socket: None,
        kept: None,
        held: None,
        names: BTreeMap::new(),
    };
    for (number, step) in scenario.step.iter().enumerate() {
        let at = format!("{name} ({}), step {}", scenario.title, number + 1);
        run.step(&at, step).await;
    }
    assert!(
        model.most_calls_per_message() <= 1,
        "{name}: a message was paid for twice"
    );
}

impl Run {
    async fn step(&mut self, at: &str, step: &Step) {
        if step.connect {
            let token = self.world.token(self.teen, Duration::from_secs(3_600));
            self.held = None;
            self.kept = if step.keep { self.socket.take() } else { None };
            self.socket = Some(self.world.socket(&token).await.unwrap());
        }
        if step.cut {
            self.socket = None;
        }
        if let Some(frame) = &step.send {
            let frame = self.filled(frame);
            send(self.socket.as_mut().unwrap(), &frame).await;
        }
        if let Some(raw) = &step.raw {
            use futures_util::SinkExt as _;
            let message = tokio_tungstenite::tungstenite::Message::text(raw.clone());
            self.socket.as_mut().unwrap().send(message).await.unwrap();
        }
        if let Some((name, letters)) = &step.long {
            let id = self.id(name);
            let frame =
                serde_json::json!({"type": "message", "id": id, "text": "a".repeat(*letters)});
            send(self.socket.as_mut().unwrap(), &frame).await;
        }
        if let Some(seconds) = step.advance_s {
            self.world.clock.advance(Duration::from_secs(seconds));
        }
        for expected in &step.expect {
            let frame = self.next(at).await;
            self.compare(at, expected, &frame);
        }
        for expected in &step.kept_expect {
            let frame = receive(self.kept.as_mut().unwrap()).await.unwrap();
            self.compare(at, expected, &frame);
        }
        if let Some(code) = step.kept_closed {
            let closed = receive(self.kept.as_mut().unwrap()).await;
            assert_eq!(
                closed,
                Err(code),
                "{at}: the close code of the older socket"
            );
        }
        if let Some(code) = step.closed {
            let closed = receive(self.socket.as_mut().unwrap()).await;
            assert_eq!(closed, Err(code), "{at}: the close code");
        }
    }

    /// The next frame in normal form: deltas joined, passing frames left out.
    async fn next(&mut self, at: &str) -> Value {
        let mut joined: Option<Value> = None;
        loop {
            let frame = match self.held.take() {
                Some(frame) => frame,
                None => match receive(self.socket.as_mut().unwrap()).await {
                    Ok(frame) => frame,
                    Err(code) => panic!("{at}: closed with {code}"),
                },
            };
            match frame["type"].as_str().unwrap() {
                "turn.status" | "pong" | "ack" => {}
                "turn.delta" => {
                    let piece = frame["d"].as_str().unwrap();
                    let text = joined
                        .as_ref()
                        .map_or("", |joined| joined["text"].as_str().unwrap());
                    let text = format!("{text}{piece}");
                    joined = Some(serde_json::json!({"type": "text", "text": text}));
                }
                _ => match joined {
                    Some(joined) => {
                        self.held = Some(frame);
                        return joined;
                    }
                    None => return frame,
                },
            }
        }
    }

    fn id(&mut self, name: &str) -> String {
        let fresh = || {
            let bits = self.world.app.services.ids.ulid(self.world.app.now());
            innerworld_core::ids::MessageId::from_bits(bits).to_string()
        };
        self.names
            .entry(name.to_owned())
            .or_insert_with(fresh)
            .clone()
    }

    fn filled(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with('$') => Value::String(self.id(text)),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, value)| (key.clone(), self.filled(value)))
                .collect(),
            other => other.clone(),
        }
    }

    /// `$name` takes the value at its first use and must equal it afterwards.
    fn compare(&mut self, at: &str, expected: &Value, frame: &Value) {
        for (key, wanted) in expected.as_object().unwrap() {
            let found = &frame[key];
            match wanted.as_str().filter(|text| text.starts_with('$')) {
                Some(name) => {
                    let found = found
                        .as_str()
                        .unwrap_or_else(|| panic!("{at}: no {key} in {frame}"));
                    let known = self
                        .names
                        .entry(name.to_owned())
                        .or_insert_with(|| found.to_owned());
                    assert_eq!(known, found, "{at}: {key} of {frame}");
                }
                None => assert_eq!(wanted, found, "{at}: {key} of {frame}"),
            }
        }
    }
}
