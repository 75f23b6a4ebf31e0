//! What a bench says: progress and a table for people, one JSON object as the last line for tools.

use std::io::Write as _;

use serde_json::Value;

/// One line to standard output. A closed pipe is the reader's choice.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").is_ok() {
        out.flush().ok();
    }
}

/// One line of progress, to standard error.
pub(crate) fn progress(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").ok();
}

/// Two columns.
pub(crate) fn table(rows: &[(&str, String)]) {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in rows {
        say(&format!("  {name:width$}  {value}"));
    }
}

/// The object that tools read.
pub(crate) fn json(value: &Value) {
    say(&value.to_string());
}

/// The end of what a program wrote, for whoever looks for the cause of a failure.
pub(crate) fn last_lines(program: &str, written: &str) {
    const LINES: usize = 20;
    let lines: Vec<&str> = written.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
        progress(&format!("{program}: {line}"));
    }
}
