//! Conversations as data: the files of `tests/scenarios/`, played on any runtime.
//!
//! A runtime gives sockets ([`Stage`]); what must come over them stands in the file. What came is given
//! back in a normal form, so that runtimes can be compared frame by frame: it has no times and no
//! measured figures, ids are numbered as they appear, and the pieces of an answer are one text.

mod form;
mod line;

use std::{collections::BTreeMap, fs, path::Path};

use async_trait::async_trait;
use innerworld_core::{clock::Timestamp, identity::consent::MemoryMode, ids::IdSource as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use self::{form::Form, line::Line};
use crate::SeededIds;

/// A client's socket.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A runtime that a scenario is played on, with one teen who is let in.
#[async_trait]
pub trait Stage: Send {
    /// Opens a socket of the teen.
    async fn connect(&mut self) -> Socket;

    /// Waits until nothing goes on behind the socket.
    async fn settled(&mut self);

    /// Whether a gateway stands before the processes. It closes with codes of its own: there the last fatal
    /// frame says which code it is. And a frame may come again on a socket that has it, since several
    /// processes send over it: a client drops what it has.
    fn is_behind_a_gateway(&self) -> bool;
}

/// A scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// Answers of the model, in order.
    #[serde(default)]
    pub replies: Vec<String>,
    /// The teen's memory mode.
    #[serde(default)]
    pub memory: MemoryMode,
    step: Vec<Step>,
}

/// One step: exactly one of these, and what must come of it.
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
}

impl Scenario {
    /// Every scenario of a folder with its file's name, in order.
    pub fn all(folder: &Path) -> Vec<(String, Self)> {
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        let mut files: Vec<_> = files
            .filter(|file| file.extension().is_some_and(|kind| kind == "toml"))
            .collect();
        files.sort();
        assert!(!files.is_empty(), "there are scenarios");
        let read = |file: std::path::PathBuf| {
            let text = fs::read_to_string(&file).unwrap();
            let scenario = toml::from_str(&text);
            let scenario = scenario.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (
                file.file_stem().unwrap().to_string_lossy().into_owned(),
                scenario,
            )
        };
        files.into_iter().map(read).collect()
    }

    /// What must come of it in normal form, as the socket server's test keeps it.
    pub fn expected(folder: &Path, name: &str) -> Vec<Value> {
        let kept = folder.join("frames").join(format!("{name}.snap"));
        let kept = fs::read_to_string(kept).unwrap();
        let (_head, frames) = kept.split_once("\n---\n").unwrap();
        serde_json::from_str(frames).unwrap()
    }

    /// Plays it; gives what came, in normal form. A frame that is not the expected one fails the test.
    pub async fn play(&self, name: &str, stage: &mut impl Stage) -> Vec<Value> {
        let mut play = Play {
            line: None,
            kept: None,
            names: BTreeMap::new(),
            ids: SeededIds::named(name),
            form: Form::default(),
        };
        for (number, step) in self.step.iter().enumerate() {
            let at = format!("{name} ({}), step {}", self.title, number + 1);
            play.step(&at, step, stage).await;
        }
        play.leave(name, stage).await;
        play.form.frames
    }
}

/// A scenario that is being played.
struct Play {
    line: Option<Line>,
    kept: Option<Line>,
    names: BTreeMap<String, String>,
    ids: SeededIds,
    form: Form,
}

impl Play {
    async fn step(&mut self, at: &str, step: &Step, stage: &mut impl Stage) {
        if step.connect && step.keep {
            self.kept = self.line.take();
        }
        if step.connect || step.cut {
            self.leave(at, stage).await;
        }
        if step.connect {
            self.line = Some(Line::over(stage.connect().await, stage));
        }
        if let Some(text) = self.said(step) {
            self.line.as_mut().unwrap().say(text).await;
        }
        let mut line = self.line.take();
        self.hear(at, line.as_mut(), (&step.expect, step.closed))
            .await;
        self.line = line;
        let mut kept = self.kept.take();
        self.hear(at, kept.as_mut(), (&step.kept_expect, step.kept_closed))
            .await;
        self.kept = kept;
    }

    /// Drops the socket, over which nothing may have come that no step expects.
    async fn leave(&mut self, at: &str, stage: &mut impl Stage) {
        if let Some(line) = self.line.take() {
            stage.settled().await;
            line.rest(at).await;
        }
    }

    /// What the step sends.
    fn said(&mut self, step: &Step) -> Option<String> {
        if let Some(frame) = &step.send {
            return Some(self.filled(frame).to_string());
        }
        if let Some((name, letters)) = &step.long {
            let id = self.id(name);
            let text = "a".repeat(*letters);
            return Some(json!({"type": "message", "id": id, "text": text}).to_string());
        }
        step.raw.clone()
    }

    /// Reads what a socket must get.
    async fn hear(
        &mut self,
        at: &str,
        line: Option<&mut Line>,
        (expected, closed): (&[Value], Option<u16>),
    ) {
        let Some(line) = line else {
            assert!(expected.is_empty() && closed.is_none(), "{at}: no socket");
            return;
        };
        for wanted in expected {
            let frame = loop {
                let (frame, had) = line.next(at).await;
                let fits = self.misfit(wanted, &frame).is_none();
                // A client drops what it has.
                if fits || !had {
                    break frame;
                }
            };
            let misfit = self.misfit(wanted, &frame);
            assert_eq!(misfit, None, "{at}: {frame}");
            self.learn(wanted, &frame);
            self.form.add(&frame);
        }
        if let Some(code) = closed {
            assert_eq!(line.close(at).await, code, "{at}: the close code");
            self.form.add(&json!({"type": "closed", "code": code}));
        }
    }

    /// The first key whose value is not the expected one.
    fn misfit(&self, wanted: &Value, frame: &Value) -> Option<String> {
        let wanted = wanted.as_object().unwrap();
        let differs = |(key, wanted): &(&String, &Value)| {
            let found = &frame[key.as_str()];
            match named(wanted) {
                None => *wanted != found,
                Some(name) => match (self.names.get(name), found.as_str()) {
                    (_, None) => true,
                    (Some(known), Some(found)) => known != found,
                    (None, Some(_)) => false,
                },
            }
        };
        wanted
            .iter()
            .find(differs)
            .map(|(key, wanted)| format!("{key} should be {wanted}"))
    }

    /// `$name` takes the value at its first use.
    fn learn(&mut self, wanted: &Value, frame: &Value) {
        for (key, wanted) in wanted.as_object().unwrap() {
            if let Some(name) = named(wanted)
                && !self.names.contains_key(name)
            {
                let found = frame[key].as_str().unwrap().to_owned();
                self.names.insert(name.to_owned(), found);
            }
        }
    }

    fn id(&mut self, name: &str) -> String {
        let ids = &self.ids;
        let fresh = || {
            let bits = ids.ulid(Timestamp::from_millis(1_764_000_000_000));
            innerworld_core::ids::MessageId::from_bits(bits).to_string()
        };
        let known = self.names.entry(name.to_owned());
        known.or_insert_with(fresh).clone()
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
}

/// The name of a value that is learnt.
fn named(wanted: &Value) -> Option<&str> {
    wanted.as_str().filter(|text| text.starts_with('$'))
}
