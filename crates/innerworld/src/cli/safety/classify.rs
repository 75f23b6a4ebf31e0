//! `innerworld safety classify`.

mod object;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use innerworld_language::safety::Judge;
use serde_json::{Value, json};

use self::object::Object;
use super::{each_line, screen};
use crate::cli::output;

/// Arguments of `safety classify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line is a JSON object with `text`, and comes back with\n  \
    verdict   pass, escalate (worth a second look) or trigger\n  \
    category  what it may be about, null on pass\n  \
    score     how much it sounds like danger, 0 to 1\n  \
    tier      phrase, scorer, window (the last six messages together), language, or null\n\
    behind its own fields. Lines of the same `session` are read one after another; others alone."
)]
pub(crate) struct Classify {
    /// File with one JSON object a line, or - for standard input
    file: PathBuf,
}

impl Classify {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let screen = screen()?;
        let mut judge = Judge::new(&screen);
        each_line(&self.file, |_number, line| {
            let mut message: Object =
                serde_json::from_str(line).context("a JSON object is expected")?;
            let text = message.get("text").and_then(Value::as_str);
            let text = text.context("the object has no `text`")?;
            let session = message.get("session").and_then(Value::as_str);
            let said = judge.judge(text, session);
            let score = (f64::from(said.score) * 1e6).round() / 1e6;
            for (name, value) in [
                ("verdict", json!(said.verdict)),
                ("category", json!(said.category)),
                ("score", json!(score)),
                ("tier", json!(said.tier)),
            ] {
                message.put_last(name, value);
            }
            output::json(&message)
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
