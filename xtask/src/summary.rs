//! Runs named steps one after the other, tells how long each took, and closes with one line that
//! a program can read.

use std::{process::ExitCode, time::Duration};

use clap::builder::styling::AnsiColor;

use crate::process::{Counts, say};

/// Results so far.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    rows: Vec<(String, Counts, Duration)>,
}

impl Summary {
    /// Runs a step that passes or fails as a whole.
    pub(crate) fn step(&mut self, name: &str, run: impl FnOnce() -> anyhow::Result<()>) {
        self.counted(name, || {
            run().map(|()| Counts {
                passed: 1,
                ..Counts::default()
            })
        });
    }

    /// Runs a step that counts its own tests; an error is one failure.
    #[expect(
        clippy::disallowed_methods,
        reason = "there is no runtime whose time a test could pause"
    )]
    pub(crate) fn counted(&mut self, name: &str, run: impl FnOnce() -> anyhow::Result<Counts>) {
        say(&paint(AnsiColor::Cyan, &format!("\n== {name}")));
        let started = std::time::Instant::now();
        let counts = run().unwrap_or_else(|error| {
            say(&paint(AnsiColor::Red, &format!("{name} failed: {error:#}")));
            Counts {
                failed: 1,
                ..Counts::default()
            }
        });
        self.rows.push((name.to_owned(), counts, started.elapsed()));
    }

    /// Prints the table and the closing line.
    pub(crate) fn close(self) -> ExitCode {
        let mut total = Counts::default();
        say("");
        for (name, counts, took) in &self.rows {
            let (color, word) = match counts {
                Counts { failed: 1.., .. } => (AnsiColor::Red, "failed"),
                Counts { passed: 0, .. } => (AnsiColor::Yellow, "skipped"),
                Counts { .. } => (AnsiColor::Green, "passed"),
            };
            let word = paint(color, &format!("{word:8}"));
            say(&format!("{word} {name:12} {:7.1} s", took.as_secs_f64()));
            total.add(*counts);
        }
        let Counts {
            passed,
            failed,
            skipped,
        } = total;
        say(&format!(
            "xtask: {passed} passed, {failed} failed, {skipped} skipped"
        ));
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Colours a text on a terminal; never when `NO_COLOR` is set or the output is not watched.
fn paint(color: AnsiColor, text: &str) -> String {
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    if choice == anstream::ColorChoice::Never {
        return text.to_owned();
    }
    let style = color.on_default().bold();
    format!("{style}{text}{style:#}")
}
