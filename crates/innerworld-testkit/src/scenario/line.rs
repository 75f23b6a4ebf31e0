//! A socket of a scenario: what comes over it, as a client sees it.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{Socket, Stage};

/// How long a client waits for what it is owed: a process that starts anew reads its models first.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client's socket with what it heard so far.
pub(super) struct Line {
    socket: Socket,
    /// Read, and not looked at yet.
    waiting: VecDeque<Value>,
    /// Types of the frames that it has, with their numbers and the events that they tell of: help is
    /// shown before it has a number.
    had: Vec<(String, Value)>,
    /// Characters that it has of each answer.
    texts: BTreeMap<String, u64>,
    /// The code of the last fatal frame.
    fatal: Option<u16>,
    has_close_codes: bool,
    repeats: bool,
}

impl Line {
    pub(super) fn over(socket: Socket, stage: &impl Stage) -> Self {
        Self {
            socket,
            waiting: VecDeque::new(),
            had: Vec::new(),
            texts: BTreeMap::new(),
            fatal: None,
            has_close_codes: stage.has_close_codes(),
            repeats: stage.repeats_frames(),
        }
    }

    pub(super) async fn say(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next frame: deltas joined, passing frames left out. Also whether the client has it already.
    pub(super) async fn next(&mut self, at: &str) -> (Value, bool) {
        let mut joined: Option<String> = None;
        loop {
            let frame = match self.read().await {
                Ok(frame) => frame,
                Err(code) => panic!("{at}: closed with {code}"),
            };
            match text_of(&frame, "type") {
                "turn.status" | "pong" | "ack" => {}
                "turn.delta" => {
                    if let Some(piece) = self.piece(&frame) {
                        joined.get_or_insert_default().push_str(&piece);
                    }
                }
                _ => {
                    if let Some(text) = joined {
                        self.waiting.push_front(frame);
                        return (json!({"type": "text", "text": text}), false);
                    }
                    let had = self.notes(&frame);
                    return (frame, had);
                }
            }
        }
    }

    /// What a delta adds to an answer; `None` if nothing.
    fn piece(&mut self, delta: &Value) -> Option<String> {
        let text = text_of(delta, "d");
        if !self.repeats {
            return Some(text.to_owned());
        }
        let from = delta["off"].as_u64().unwrap();
        let turn = text_of(delta, "turn").to_owned();
        let has = self.texts.entry(turn).or_insert(from);
        assert!(from <= *has, "a piece is missing before {from}");
        let known = usize::try_from(*has - from).unwrap();
        let new: String = text.chars().skip(known).collect();
        *has += u64::try_from(new.chars().count()).unwrap();
        (!new.is_empty()).then_some(new)
    }

    /// Notes a frame; `true` if it came before and may.
    fn notes(&mut self, frame: &Value) -> bool {
        if frame["fatal"] == true {
            self.fatal = frame["close"]
                .as_u64()
                .and_then(|code| code.try_into().ok());
        }
        let kind = text_of(frame, "type");
        let marks = [&frame["seq"], &frame["event"]];
        let marks = marks
            .into_iter()
            .filter(|mark| !mark.is_null() && **mark != 0);
        let mut had = false;
        for mark in marks {
            let this = (kind.to_owned(), mark.clone());
            had |= self.had.contains(&this);
            self.had.push(this);
        }
        had && self.repeats
    }

    /// The code that it is closed with; nothing may come before.
    pub(super) async fn close(&mut self, at: &str) -> u16 {
        match self.read().await {
            Ok(frame) => panic!("{at}: not closed, but {frame}"),
            Err(code) if self.has_close_codes => code,
            Err(code) => self.fatal.unwrap_or(code),
        }
    }

    /// The next frame, or the close code.
    async fn read(&mut self) -> Result<Value, u16> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Ok(frame);
            }
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.unwrap() {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    match frame.get("frames").and_then(Value::as_array) {
                        Some(frames) => self.waiting.extend(frames.iter().cloned()),
                        None => return Ok(frame),
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }
}

/// A text of a frame that always has it.
fn text_of<'a>(frame: &'a Value, key: &str) -> &'a str {
    frame.get(key).and_then(Value::as_str).unwrap()
}
