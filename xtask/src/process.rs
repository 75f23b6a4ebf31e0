//! Runs other programs: announces them, streams what they print, and counts the tests in it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, bail};

/// Tests that a program reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Passed.
    pub(crate) passed: u32,
    /// Failed.
    pub(crate) failed: u32,
    /// Not run.
    pub(crate) skipped: u32,
}

impl Counts {
    /// Adds another report.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// `cargo`, as it was when this program was started.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(super::workspace::root());
    command
}

/// A line of this program's own.
pub(crate) fn say(text: &str) {
    // Nothing can be done if standard output is gone.
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}

/// Runs a command to its end; fails if it does.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    announce(command);
    let status = command.status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("{} ended with {status}", name(command));
    }
    Ok(())
}

/// Runs a command quietly and gives its output; fails, showing the errors, if it does.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| not_started(command))?;
    if !output.status.success() {
        bail!(
            "{} failed:\n{}",
            name(command),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a test runner, shows what it prints and counts its tests. A runner that fails without a
/// count is one failure.
pub(crate) fn count(command: &mut Command) -> anyhow::Result<Counts> {
    announce(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| not_started(command))?;
    let stdout = child.stdout.take().context("no standard output")?;
    let stderr = child.stderr.take().context("no standard error")?;
    let other = thread::spawn(move || tee(stderr, std::io::stderr()));
    let mut counts = tee(stdout, std::io::stdout());
    if let Ok(more) = other.join() {
        counts.add(more);
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    Ok(counts)
}

fn tee(from: impl std::io::Read, mut to: impl Write) -> Counts {
    let mut counts = Counts::default();
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        counts.add(summary_line(&line));
        writeln!(to, "{line}").unwrap_or_default();
    }
    counts
}

/// Reads the closing lines of nextest, of Rust's own runner, of pytest and of Node's (TAP).
fn summary_line(line: &str) -> Counts {
    if let Some(counts) = tap_line(line) {
        return counts;
    }
    let plain = line.trim().trim_matches('=').trim();
    let rest = if let Some((_, rest)) = plain.split_once("tests run:") {
        rest
    } else if let Some((_, rest)) = plain.split_once("test run:") {
        rest
    } else if let Some(rest) = line.strip_prefix("test result:") {
        // Nextest shows what a failed test printed further in: that is counted already.
        rest
    } else if line.starts_with("====") && plain.contains(" in ") {
        plain
    } else {
        return Counts::default();
    };
    let words: Vec<&str> = rest
        .split([' ', ',', ';', '(', ')'])
        .filter(|w| !w.is_empty())
        .collect();
    let mut counts = Counts::default();
    for pair in words.windows(2) {
        let [number, word] = pair else { continue };
        let Ok(number) = number.parse::<u32>() else {
            continue;
        };
        match *word {
            "passed" => counts.passed += number,
            "failed" | "error" | "errors" => counts.failed += number,
            "skipped" | "ignored" => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

/// `# pass 7`, at the beginning of a line: what a test prints itself is indented.
fn tap_line(line: &str) -> Option<Counts> {
    let (word, number) = line.strip_prefix("# ")?.split_once(' ')?;
    let number = number.parse().ok()?;
    let mut counts = Counts::default();
    match word {
        "pass" => counts.passed = number,
        "fail" | "cancelled" => counts.failed = number,
        "skipped" | "todo" => counts.skipped = number,
        _ => return None,
    }
    Some(counts)
}

fn announce(command: &Command) {
    let arguments = command
        .get_args()
        .map(|a| a.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    say(&format!("$ {} {arguments}", name(command)));
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn not_started(command: &Command) -> String {
    format!("could not start {}", name(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_every_runner() {
        let of = |passed, failed, skipped| Counts {
            passed,
            failed,
            skipped,
        };
        let nextest =
            "     Summary [   0.012s] 3 tests run: 2 passed (1 slow), 1 failed, 4 skipped";
        assert_eq!(summary_line(nextest), of(2, 1, 4));
        assert_eq!(
            summary_line("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured"),
            of(3, 0, 1)
        );
        let within_nextest = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured";
        assert_eq!(summary_line(within_nextest), of(0, 0, 0));
        assert_eq!(
            summary_line("===== 1 failed, 5 passed in 2.01s ====="),
            of(5, 1, 0)
        );
        assert_eq!(summary_line("# pass 7"), of(7, 0, 0));
        assert_eq!(summary_line("# fail 2"), of(0, 2, 0));
        assert_eq!(summary_line("# tests 9"), of(0, 0, 0));
        assert_eq!(summary_line("# Subtest: fail 3"), of(0, 0, 0));
        assert_eq!(summary_line("5 passed the exam in 2 days"), of(0, 0, 0));
    }
}
