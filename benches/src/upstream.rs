//! A model server on this machine that answers from a script and counts what it is asked.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use futures_util::stream;
use innerworld_core::model::call::Scrubber;
use serde_json::{Value, json};

use crate::locomo::MISSING_REPLY;

/// The script, and what was asked.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Lines>>);

#[derive(Clone)]
struct Upstream {
    script: Script,
    /// Between two words: an answer lasts long enough to be cut in its middle.
    pace: Duration,
}

#[derive(Default)]
struct Lines {
    /// By the message as it leaves the server: answers in order of their use.
    answers: HashMap<String, Vec<String>>,
    /// To whatever else is asked.
    otherwise: Option<String>,
    /// How often each message was asked for.
    calls: HashMap<String, usize>,
}

impl Script {
    /// Answers `message` with `reply`; the same message again gets the next one.
    pub(crate) fn add(&self, scrubber: &dyn Scrubber, message: &str, reply: &str) {
        let key = scrubber.scrub(message);
        self.lines()
            .answers
            .entry(key)
            .or_default()
            .push(reply.to_owned());
    }

    /// Answers whatever else is asked with `reply`.
    #[cfg(feature = "aws")]
    pub(crate) fn otherwise(&self, reply: &str) {
        self.lines().otherwise = Some(reply.to_owned());
    }

    fn answer(&self, message: &str) -> String {
        let mut lines = self.lines();
        let calls = lines.calls.entry(message.to_owned()).or_default();
        let before = *calls;
        *calls += 1;
        let answers = lines.answers.get(message).map_or(&[][..], Vec::as_slice);
        let answer = answers.get(before).or(answers.last());
        let answer = answer.or(lines.otherwise.as_ref()).cloned();
        answer.unwrap_or_else(|| MISSING_REPLY.to_owned())
    }

    /// All calls, and the most that one message caused beyond its number in the script. What else is
    /// asked, such as what a session was about, is no message.
    pub(crate) fn counted(&self) -> (usize, usize) {
        let lines = self.lines();
        let all = lines.calls.values().sum();
        let most = lines
            .calls
            .iter()
            .filter(|(message, _)| lines.answers.contains_key(*message))
            .map(|(message, calls)| {
                let said = lines.answers.get(message).map_or(1, Vec::len);
                // The same words said twice may be asked for twice.
                1 + calls.saturating_sub(said)
            })
            .max();
        (all, most.unwrap_or(0))
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the model server; it ends with the runtime.
pub(crate) async fn start(
    script: Script,
    pace: Duration,
    tasks: &mut tokio::task::JoinSet<()>,
) -> anyhow::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr().context("no address")?;
    let routes = Router::new()
        .route("/v1/chat/completions", post(complete))
        .with_state(Upstream { script, pace });
    tasks.spawn(async move {
        axum::serve(listener, routes).await.ok();
    });
    Ok(address)
}

async fn complete(State(upstream): State<Upstream>, Json(body): Json<Value>) -> Response {
    let message = last_text(&body).unwrap_or_default();
    let answer = upstream.script.answer(&message);
    let pace = upstream.pace;
    let chunks = stream::unfold(events(&answer).into_iter(), move |mut events| async move {
        let event = events.next()?;
        tokio::time::sleep(pace).await;
        Some((
            Ok::<_, Infallible>(Bytes::from(format!("data: {event}\n\n"))),
            events,
        ))
    });
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(chunks),
    )
        .into_response()
}

/// The answer as a stream's events, word by word.
fn events(answer: &str) -> Vec<String> {
    let words = answer.split_inclusive(' ');
    let mut events: Vec<String> = words
        .map(|word| json!({"choices": [{"delta": {"content": word}, "index": 0}]}).to_string())
        .collect();
    let finish = json!({"choices": [{"delta": {}, "finish_reason": "stop", "index": 0}]});
    let usage = json!({
        "choices": [],
        "usage": {"prompt_tokens": 100, "completion_tokens": events.len()},
    });
    events.extend([finish.to_string(), usage.to_string(), "[DONE]".to_owned()]);
    events
}

/// The message: the last part of the last entry.
fn last_text(body: &Value) -> Option<String> {
    let content = body.get("messages")?.as_array()?.last()?.get("content")?;
    let text = match content {
        Value::Array(parts) => parts.last()?.get("text")?,
        other => other,
    };
    text.as_str().map(str::to_owned)
}
