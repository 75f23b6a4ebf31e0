//! A socket of a scenario: what comes over it, as a client sees it.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{Socket, Stage, form};

/// How long a client waits for what it is owed: a process that starts anew reads its models first.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client's socket with what it heard so far.
pub(super) struct Line {
    socket: Socket,
    /// Read, and not looked at yet.
    waiting: VecDeque<Value>,
    /// Frames that it has, under what tells one from another: type and number, or type and event, since
    /// help is shown before it has a number.
    had: Vec<(String, Value, Value)>,
    /// Answers as far as it has them: from which character on, and the text.
    texts: BTreeMap<String, (u64, String)>,
    /// The code of the last fatal frame.
    fatal: Option<u16>,
    closed: bool,
    behind_a_gateway: bool,
}

impl Line {
    pub(super) fn over(socket: Socket, stage: &impl Stage) -> Self {
        Self {
            socket,
            waiting: VecDeque::new(),
            had: Vec::new(),
            texts: BTreeMap::new(),
            fatal: None,
            closed: false,
            behind_a_gateway: stage.is_behind_a_gateway(),
        }
    }

    pub(super) async fn say(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next frame: deltas of an answer joined, passing frames left out. Also whether the client has it
    /// already.
    pub(super) async fn next(&mut self, at: &str) -> (Value, bool) {
        let mut joined: Option<(Value, String)> = None;
        loop {
            let frame = match self.read(at).await {
                Ok(frame) => frame,
                Err(code) => panic!("{at}: closed with {code}"),
            };
            let other = |joined: &(Value, String)| frame.get("turn") != Some(&joined.0);
            let ends_text =
                text_of(&frame, "type") != "turn.delta" || joined.as_ref().is_some_and(other);
            match text_of(&frame, "type") {
                kind if passes(kind) => {}
                _ if ends_text && joined.is_some() => {
                    self.waiting.push_front(frame);
                    let (turn, text) = joined.unwrap_or_default();
                    return (json!({"type": "text", "turn": turn, "text": text}), false);
                }
                "turn.delta" => {
                    if let Some(piece) = self.piece(at, &frame) {
                        let turn = frame.get("turn").cloned().unwrap_or_default();
                        joined
                            .get_or_insert((turn, String::new()))
                            .1
                            .push_str(&piece);
                    }
                }
                _ => {
                    let had = self.notes(at, &frame);
                    return (frame, had);
                }
            }
        }
    }

    /// Reads what is left, of which the client must have everything.
    pub(super) async fn rest(mut self, at: &str) {
        let greeted = self.had.iter().any(|(kind, _, _)| kind == "welcome");
        if !greeted || self.closed {
            return;
        }
        self.say(json!({"type": "ping"}).to_string()).await;
        loop {
            let frame = match self.read(at).await {
                Ok(frame) => frame,
                Err(code) => panic!("{at}: closed with {code} in the end"),
            };
            match text_of(&frame, "type") {
                "pong" => return,
                kind if passes(kind) => {}
                "turn.delta" => assert_eq!(self.piece(at, &frame), None, "{at}: nobody expects it"),
                _ => assert!(self.notes(at, &frame), "{at}: nobody expects {frame}"),
            }
        }
    }

    /// What a delta adds to an answer; `None` if nothing. What the client has must come as it came before.
    fn piece(&mut self, at: &str, delta: &Value) -> Option<String> {
        let piece = text_of(delta, "d");
        let from = delta.get("off").and_then(Value::as_u64).unwrap();
        let turn = text_of(delta, "turn").to_owned();
        let (first, text) = self.texts.entry(turn).or_insert((from, String::new()));
        let has = *first + count(text);
        assert!(from <= has, "{at}: a piece is missing before {from}");
        assert!(
            self.behind_a_gateway || from == has,
            "{at}: {from} comes again"
        );
        // A client that came back in the middle does not know what was before.
        let skipped = usize::try_from(first.saturating_sub(from)).unwrap();
        let known = text
            .chars()
            .skip(usize::try_from(from.saturating_sub(*first)).unwrap());
        let overlap = piece.chars().skip(skipped).zip(known);
        assert!(
            overlap.clone().all(|(again, before)| again == before),
            "{at}: another text"
        );
        let new: String = piece.chars().skip(skipped + overlap.count()).collect();
        text.push_str(&new);
        (!new.is_empty()).then_some(new)
    }

    /// Notes a frame; `true` if it came before and may. Then it must be what it was.
    fn notes(&mut self, at: &str, frame: &Value) -> bool {
        if frame.get("fatal") == Some(&json!(true)) {
            let code = frame.get("close").and_then(Value::as_u64);
            self.fatal = code.and_then(|code| code.try_into().ok());
        }
        let kind = text_of(frame, "type").to_owned();
        let marks = ["seq", "event"].map(|key| frame.get(key).cloned().unwrap_or_default());
        let marks = marks
            .into_iter()
            .filter(|mark| !mark.is_null() && *mark != 0);
        let mut had = false;
        for mark in marks {
            let before = self
                .had
                .iter()
                .find(|(known, of, _)| *known == kind && *of == mark);
            if let Some((_, _, before)) = before.filter(|_| self.behind_a_gateway) {
                had = true;
                assert_eq!(
                    form::difference(before, frame),
                    None,
                    "{at}: {frame}, before {before}"
                );
            }
            self.had.push((kind.clone(), mark, frame.clone()));
        }
        had
    }

    /// The code that it is closed with; nothing may come before.
    pub(super) async fn close(&mut self, at: &str) -> u16 {
        match self.read(at).await {
            Ok(frame) => panic!("{at}: not closed, but {frame}"),
            Err(code) if self.behind_a_gateway => self.fatal.unwrap_or(code),
            Err(code) => code,
        }
    }

    /// The next frame, or the close code.
    async fn read(&mut self, at: &str) -> Result<Value, u16> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Ok(frame);
            }
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            let Ok(message) = message else {
                panic!("{at}: nothing came");
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    match frame.get("frames").and_then(Value::as_array) {
                        Some(frames) => self.waiting.extend(frames.iter().cloned()),
                        None => return Ok(frame),
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    self.closed = true;
                    return Err(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.closed = true;
                    return Err(1006);
                }
            }
        }
    }
}

/// Frames that tell of the moment, and of which none is owed.
fn passes(kind: &str) -> bool {
    matches!(kind, "turn.status" | "pong")
}

fn count(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap()
}

/// A text of a frame that always has it.
fn text_of<'a>(frame: &'a Value, key: &str) -> &'a str {
    frame.get(key).and_then(Value::as_str).unwrap()
}
