//! `cargo xtask bench crisis`: crisis frames while everything is down, and counters under crashes.

use std::{ffi::OsString, fmt::Write as _, fs, path::Path, process::ExitCode};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::{
    page::{machine_of, today},
    safety,
};
use crate::{
    process::{cargo, output, say},
    running,
    workspace::{root, target},
};

/// The figures of the last run that was kept.
const FIGURES: &str = "safety/crisis.json";
/// The test that injects crashes, and how it is told how many.
const CRASHES: &str = "crashes::every_notice_that_was_shown_is_counted_once";
const HOW_MANY: &str = "INNERWORLD_TEST_CRASHES";
/// Heading of the scorecard's section.
const HEADING: &str = "## While everything is down\n";

/// Measure crisis frames while store, model and network are down, and counters under crashes
#[derive(Debug, Args)]
pub(crate) struct Crisis {
    /// Messages in danger
    #[arg(long, default_value_t = 10_000)]
    runs: u32,
    /// Crashes and failures of stores, injected between any two steps
    #[arg(long, default_value_t = 10_000)]
    crashes: u32,
    /// Keep the figures, and write them into docs/reference/safety-scorecard.md
    #[arg(long)]
    write: bool,
}

impl Crisis {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let record = target()?.join("crisis.json");
        let arguments = vec![
            OsString::from("bench"),
            "crisis".into(),
            "--runs".into(),
            self.runs.to_string().into(),
            "--record".into(),
            record.clone().into(),
        ];
        let met = running::is_met(arguments, true)?;
        let frames: Value = serde_json::from_str(&read(&record)?)?;
        let crashes = self.crashes()?;
        let figures = json!({
            "on": today(), "machine": machine_of("release"), "frames": frames, "crashes": crashes,
        });
        say(&section(&figures));
        if self.write {
            ensure!(met, "figures that do not meet the demands are not kept");
            let text = format!("{}\n", serde_json::to_string_pretty(&figures)?);
            fs::write(root().join(FIGURES), text)
                .with_context(|| format!("{FIGURES} could not be written"))?;
            write_page(&figures)?;
        }
        Ok(if met {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Runs the test that injects crashes; it fails where a count is not exact.
    fn crashes(&self) -> anyhow::Result<Value> {
        let said = output(
            cargo()
                .args(["test", "--quiet", "--package", "innerworld", "--test", "it"])
                .args(["--", "--exact", "--nocapture", CRASHES])
                .env(HOW_MANY, self.crashes.to_string()),
        )?;
        let figures = said
            .lines()
            .find_map(|line| line.split("figures ").nth(1))
            .context("the test told no figures")?;
        Ok(serde_json::from_str(figures)?)
    }
}

/// The section of the scorecard; `None` before the first run that was kept.
pub(super) fn last_section() -> anyhow::Result<Option<String>> {
    let path = root().join(FIGURES);
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(section(&serde_json::from_str(&read(&path)?)?)))
}

fn section(figures: &Value) -> String {
    let text = |path: &str| match figures.pointer(path) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "?".to_owned(),
    };
    let ms = |path: &str| {
        let value = figures.pointer(path).and_then(Value::as_f64);
        value.map_or_else(|| "?".to_owned(), |value| format!("{value:.1} ms"))
    };
    let mut page = format!(
        "{HEADING}\nWritten by `cargo xtask bench crisis --write` on {}. {}\n\n| | figure | demand |\n|---|---|---|\n",
        text("/on"),
        text("/machine")
    );
    let rows = [
        (
            "crisis frames sent with store, model and network down",
            format!("{} of {}", text("/frames/sent"), text("/frames/runs")),
            "all of 10,000",
        ),
        (
            "from sending the message to having the frame, half",
            ms("/frames/p50_ms"),
            "-",
        ),
        ("the same, 99 %", ms("/frames/p99_ms"), "at most 50 ms"),
        ("the same, slowest", ms("/frames/slowest_ms"), "-"),
        (
            "crises counted once the store is back, of teens in one",
            format!("{} of {}", text("/frames/counted"), text("/frames/teens")),
            "all, once",
        ),
        (
            "crashes and failures of stores injected between two steps",
            format!(
                "{} crashes, {} failures, {} repeats over other sockets",
                text("/crashes/crashes"),
                text("/crashes/failures"),
                text("/crashes/repeats")
            ),
            "10,000 together",
        ),
        (
            "notices shown in them: crisis, question, quiet help",
            format!(
                "{}, {}, {}",
                text("/crashes/shown/crisis"),
                text("/crashes/shown/ask"),
                text("/crashes/shown/soft")
            ),
            "-",
        ),
        (
            "counters equal to what was shown",
            text("/crashes/exact"),
            "exact",
        ),
    ];
    for (what, figure, demand) in rows {
        let _infallible = writeln!(page, "| {what} | {figure} | {demand} |");
    }
    page.push_str(
        "\nThe operating system refuses the server every write; the one configured model is where nobody listens. \
         A crash is the end of the process before or after any of its calls to a store, and a teen's app sends again what was not accepted.\n",
    );
    page
}

/// Puts the section in the place of the one before it.
fn write_page(figures: &Value) -> anyhow::Result<()> {
    let path = root().join(safety::PAGE);
    let page = read(&path)?;
    let (before, rest) = page.split_once(HEADING).unwrap_or((&page, ""));
    let after = rest.find("\n## ").and_then(|at| rest.get(at..));
    let text = format!(
        "{}\n\n{}{}",
        before.trim_end(),
        section(figures),
        after.unwrap_or_default()
    );
    fs::write(&path, text).with_context(|| format!("{} could not be written", safety::PAGE))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} could not be read", path.display()))
}
