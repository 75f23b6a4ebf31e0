//! Numbers of accounts and keys that somebody forgot in a file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{terraform::FOLDER, workspace::root};

/// The account that AWS's own examples use.
const EXAMPLE: &str = "123456789012";

/// Beginnings of keys, in halves, so that this file is none.
const KEYS: &[&str] = &[
    concat!("sk-", "or-v1-"),
    concat!("AK", "IA"),
    concat!("AS", "IA"),
    concat!("-----BE", "GIN"),
];

/// Findings in the files below infrastructure/.
pub(super) fn in_files(files: &[PathBuf]) -> Vec<String> {
    let own = files.iter().filter(|file| file.starts_with(FOLDER));
    let mut findings = Vec::new();
    for file in own {
        let Ok(text) = fs::read_to_string(root().join(file)) else {
            continue;
        };
        let found = in_text(file, &text).into_iter();
        findings.extend(found.map(|what| format!("{}: {what}", file.display())));
    }
    findings
}

pub(super) fn in_text(file: &Path, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let is_source = file.extension().is_some_and(|extension| extension == "tf");
    // What a message or a description shows is an example.
    let is_shown = |line: &str| {
        let mut words = ["error_message", "description"].iter();
        words.any(|word| line.trim_start().starts_with(word)) && line.contains(EXAMPLE)
    };
    let lines = text.lines().filter(|line| !is_shown(line));
    let words = lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    let accounts =
        words.filter(|word| word.len() == 12 && word.chars().all(|c| c.is_ascii_digit()));
    // Tests and examples need an account; a module that names one works in no other.
    let accounts = accounts.filter(|account| is_source || !is_invented(account));
    findings.extend(accounts.map(|account| format!("names the account {account}")));
    let keys = KEYS.iter().filter(|key| {
        let mut places = text.match_indices(**key);
        places.any(|(place, _)| {
            let rest = text.split_at(place).1;
            let word = rest
                .split(|c: char| !(c.is_alphanumeric() || c == '-'))
                .next();
            // What a reader is to fill in says so.
            word.is_some_and(|word| word.len() > 15 && !word.ends_with("-your-key"))
        })
    });
    findings.extend(keys.map(|key| format!("holds what looks like a key ({key}…)")));
    findings
}

/// Accounts of examples: that of AWS's documents, and repeated digits.
fn is_invented(account: &str) -> bool {
    let digits: std::collections::BTreeSet<char> = account.chars().collect();
    account == EXAMPLE || digits.len() <= 3
}
