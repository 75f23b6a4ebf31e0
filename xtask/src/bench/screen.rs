//! `cargo xtask bench screen`: how often the local safety tier fires on messages in which nobody is in
//! danger, and how fast it is.

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Args;
use innerworld_language::safety::{Judge, RiskScreen};
use serde::{Deserialize, Serialize};

use super::{figure, recall::conversations, timed};
use crate::process::say;

/// Screen messages; count what fires
#[derive(Debug, Args)]
pub(crate) struct Screen {
    /// Messages: lines of JSON, each a text or an object with `text`; or conversations in the
    /// format of the `LoCoMo` data set
    data: PathBuf,
    /// Print the messages on which a rule fired
    #[arg(long)]
    show: bool,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

/// A line of a file of messages.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Text(String),
    Object { text: String },
}

/// A message, and the session in which the same person said others before it.
pub(super) struct Message {
    pub(super) text: String,
    pub(super) session: Option<String>,
}

/// The figures of a run.
#[derive(Debug, Default, Serialize)]
struct Figures {
    messages: usize,
    triggers: usize,
    per_1000: f64,
    escalations: usize,
    by_rule: BTreeMap<String, usize>,
    p50_us: f64,
    p99_us: f64,
    messages_per_s: f64,
}

impl Screen {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let screen = RiskScreen::shipped()?;
        screen.compile()?;
        let messages = self.messages()?;
        let mut judge = Judge::new(&screen);
        let mut figures = Figures {
            messages: messages.len(),
            ..Figures::default()
        };
        let mut times = Vec::with_capacity(messages.len());
        for message in &messages {
            let (said, us) = timed(|| judge.judge(&message.text, message.session.as_deref()));
            times.push(us);
            figures.escalations += usize::from(said.verdict == "escalate");
            if let Some(rule) = said.rule {
                if self.show {
                    say(&format!("{rule}: {}", message.text));
                }
                figures.triggers += 1;
                *figures.by_rule.entry(rule).or_default() += 1;
            }
        }
        figures.close(times);
        figures.print();
        if self.json {
            say(&serde_json::to_string(&figures)?);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn messages(&self) -> anyhow::Result<Vec<Message>> {
        let path = &self.data;
        let text = fs::read_to_string(path)
            .with_context(|| format!("could not read {}", path.display()))?;
        if text.trim_start().starts_with('[') {
            return Ok(of_conversations(&conversations::read(path)?));
        }
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let read = |(number, line): (usize, &str)| {
            let line: Line = serde_json::from_str(line)
                .with_context(|| format!("line {} holds no message", number + 1))?;
            let (Line::Text(text) | Line::Object { text }) = line;
            Ok(Message {
                text,
                session: None,
            })
        };
        lines.enumerate().map(read).collect()
    }
}

/// Every turn of recorded conversations.
pub(super) fn of_conversations(conversations: &[conversations::Conversation]) -> Vec<Message> {
    let numbered = conversations.iter().enumerate();
    let turns = numbered.flat_map(|(number, conversation)| {
        let turns = conversation.turns.iter();
        turns.map(move |turn| (number, turn))
    });
    turns
        .filter_map(|(number, turn)| {
            Some(Message {
                text: turn.text.as_ref()?.reveal().clone(),
                session: Some(format!("{number} {} {}", turn.session, turn.name.reveal())),
            })
        })
        .collect()
}

impl Figures {
    fn close(&mut self, mut times: Vec<f64>) {
        let all_us: f64 = times.iter().sum();
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(times.len() * share / 100).copied();
        self.p50_us = at(50).unwrap_or_default();
        self.p99_us = at(99).unwrap_or_default();
        self.per_1000 = figure(self.triggers) * 1e3 / figure(self.messages.max(1));
        self.messages_per_s = figure(self.messages) * 1e6 / all_us.max(1.0);
    }

    fn print(&self) {
        say(&format!(
            "{} messages: {} triggers, {:.2} per 1,000; {} escalations",
            self.messages, self.triggers, self.per_1000, self.escalations
        ));
        for (rule, number) in &self.by_rule {
            say(&format!("  {number:5}  {rule}"));
        }
        say(&format!(
            "{:.0} messages a second on one core; p50 {:.1} µs, p99 {:.1} µs",
            self.messages_per_s, self.p50_us, self.p99_us
        ));
    }
}
