//! `innerworld safety`: what the local safety tier says of messages in a file. Works on this machine
//! alone; nothing is kept, and nothing is sent anywhere.

mod classify;
mod eval;
mod report;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use innerworld_language::safety::RiskScreen;

/// The longest line of a file: far more than a message.
const LONGEST_LINE: usize = 1024 * 1024;
/// The name of standard input.
const STDIN: &str = "-";

/// Arguments of `safety`.
#[derive(Debug, Args)]
pub(crate) struct Safety {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write each message back with what is said of it: verdict, category, score, tier
    Classify(classify::Classify),
    /// Count how often danger is found where it is, and where it is not
    Eval(eval::Eval),
}

impl Safety {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Classify(action) => action.run(),
            Action::Eval(action) => action.run(),
        }
    }
}

fn screen() -> anyhow::Result<RiskScreen> {
    RiskScreen::shipped().context("this program is damaged: get or build it again")
}

/// Reads the lines of a file, or of standard input for `-`, and hands each that is not empty with its
/// number to `take`.
fn each_line(
    file: &Path,
    mut take: impl FnMut(usize, &str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let name = file.display();
    let mut lines: Box<dyn BufRead> = if file.as_os_str() == STDIN {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(
            File::open(file).with_context(|| format!("could not open {name}"))?,
        ))
    };
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut limited = io::Read::take(&mut lines, u64::try_from(LONGEST_LINE)? + 1);
        let read = limited
            .read_until(b'\n', &mut bytes)
            .with_context(|| format!("could not read {name}"))?;
        if read == 0 {
            break;
        }
        if read > LONGEST_LINE {
            bail!("line {number} of {name} is longer than {LONGEST_LINE} bytes");
        }
        let Ok(line) = std::str::from_utf8(&bytes) else {
            bail!("line {number} of {name} is not UTF-8 text");
        };
        let line = line.trim_start_matches('\u{feff}').trim();
        if !line.is_empty() {
            take(number, line).with_context(|| format!("line {number} of {name}"))?;
        }
    }
    Ok(())
}
