//! Reads recorded conversations in the format of the `LoCoMo` data set: two speakers, sessions.
//! Only the words that were said are read.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::Value;

/// The persona's line where the recording has none.
pub(crate) const MISSING_REPLY: &str = "I see. Tell me more about that.";

/// One conversation of many sessions. Without `Debug`: it holds what people said.
pub(crate) struct Conversation {
    /// The file's name for it.
    pub(crate) id: String,
    /// Sessions in order: what the teen said, and what was answered.
    pub(crate) sessions: Vec<Vec<Exchange>>,
}

impl Conversation {
    /// Messages of the teen in it.
    pub(crate) fn messages(&self) -> usize {
        self.sessions.iter().map(Vec::len).sum()
    }
}

/// A message and its answer.
#[derive(Clone)]
pub(crate) struct Exchange {
    /// What the teen says.
    pub(crate) message: String,
    /// What the model answers.
    pub(crate) reply: String,
}

#[derive(Deserialize)]
struct Sample {
    sample_id: String,
    conversation: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Line {
    speaker: String,
    text: String,
}

/// Reads every conversation of a file.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Conversation>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} could not be read", path.display()))?;
    let samples: Vec<Sample> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a list of conversations", path.display()))?;
    if samples.is_empty() {
        bail!("{} holds no conversation", path.display());
    }
    samples.into_iter().map(conversation).collect()
}

fn conversation(sample: Sample) -> anyhow::Result<Conversation> {
    let teen = sample.conversation.get("speaker_a").and_then(Value::as_str);
    let teen = teen.context("a conversation without speaker_a")?.to_owned();
    let mut numbered = Vec::new();
    for (key, value) in &sample.conversation {
        let number = key
            .strip_prefix("session_")
            .and_then(|rest| rest.parse::<u32>().ok());
        if let Some(number) = number {
            let lines: Vec<Line> = serde_json::from_value(value.clone())
                .with_context(|| format!("{key} is not a list of lines"))?;
            numbered.push((number, exchanges(&teen, lines)));
        }
    }
    numbered.sort_by_key(|(number, _)| *number);
    let sessions = numbered.into_iter().map(|(_, session)| session);
    Ok(Conversation {
        id: sample.sample_id,
        sessions: sessions.filter(|session| !session.is_empty()).collect(),
    })
}

/// Pairs lines up. A leading line of the other speaker is dropped; several in a row are one
/// answer.
fn exchanges(teen: &str, lines: Vec<Line>) -> Vec<Exchange> {
    let mut out: Vec<Exchange> = Vec::new();
    for line in lines {
        let text = line.text.trim();
        if text.is_empty() {
            continue;
        }
        if line.speaker == teen {
            out.push(Exchange {
                message: text.to_owned(),
                reply: String::new(),
            });
        } else if let Some(last) = out.last_mut() {
            if !last.reply.is_empty() {
                last.reply.push(' ');
            }
            last.reply.push_str(text);
        }
    }
    for exchange in &mut out {
        if exchange.reply.is_empty() {
            MISSING_REPLY.clone_into(&mut exchange.reply);
        }
    }
    out
}
