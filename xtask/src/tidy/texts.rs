//! Rules of files: size, paths of machines, commands that a reader is told to run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{process::cargo, workspace::root};

/// Lines of a Rust file above which a reader would want it split.
const MAX_LINES: usize = 500;

/// Texts that name one person's machine. Written in halves, so that this file passes.
const MACHINES: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
];

/// Findings in `files`.
pub(super) fn check(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for file in files {
        let Ok(text) = fs::read_to_string(root().join(file)) else {
            continue;
        };
        let name = file.display();
        if is(file, "rs") && text.lines().count() > MAX_LINES {
            findings.push(format!("{name}: more than {MAX_LINES} lines: split it"));
        }
        for machine in MACHINES.iter().filter(|machine| text.contains(**machine)) {
            findings.push(format!("{name}: names a path of one machine ({machine}…)"));
        }
        if is(file, "md") {
            findings.extend(commands(file, &text));
        }
    }
    let main = fs::read_to_string(root().join("crates/innerworld/src/main.rs"))?;
    if main.lines().count() > 40 {
        findings.push("crates/innerworld/src/main.rs: only wires things up (40 lines)".to_owned());
    }
    Ok(findings)
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

/// Commands in the code blocks of a page that do not exist: each verb is asked for its help.
fn commands(file: &Path, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            continue;
        }
        let line = line.trim_start().trim_start_matches("$ ");
        if in_code && !command_exists(line) {
            findings.push(format!(
                "{}: there is no such command: {line}",
                file.display()
            ));
        }
    }
    findings
}

fn command_exists(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (package, verb) = match words.as_slice() {
        ["cargo", "xtask", verb, ..] => ("xtask", *verb),
        ["cargo", "run", "--release", "--", verb, ..] | ["innerworld", verb, ..] => {
            ("innerworld", *verb)
        }
        _ => return true,
    };
    let verb_is_word = verb.starts_with(|c: char| c.is_ascii_lowercase());
    !verb_is_word
        || cargo()
            .args(["run", "--quiet", "--package", package, "--", verb, "--help"])
            .output()
            .is_ok_and(|output| output.status.success())
}
