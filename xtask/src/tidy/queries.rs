//! Queries that are put together at run time: a text in one of them could become a part of it. Values
//! are parameters, and what differs otherwise is chosen among whole statements.
//!
//! Reads the shipped sources, not their tests: a string that reads like SQL may not be handed to what
//! builds strings, and what a database prepares may not be an expression that makes one. Pieces that
//! the compiler joins (`concat!`, constants) are whole statements to whoever runs them.

mod source;

use std::{
    fs,
    path::{Path, PathBuf},
};

use self::source::Literal;
use crate::workspace::root;

/// How statements begin.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE ",
    "ATTACH ",
    "CREATE ",
    "DELETE FROM ",
    "DROP ",
    "INSERT ",
    "PRAGMA ",
    "REPLACE INTO ",
    "SELECT ",
    "UPDATE ",
    "VACUUM",
    "WITH ",
];
/// What stands within them.
const CLAUSES: &[&str] = &[
    " AND ",
    " FROM ",
    " IN (",
    " LIMIT ",
    " OR ",
    " ORDER BY ",
    " SET ",
    " VALUES ",
    " WHERE ",
];
/// What is called with a string before it makes another one.
const BUILDERS: &[&str] = &[
    "format!(",
    "format_args!(",
    "push_str(",
    "String::from(",
    "replace(",
    "join(",
    "+",
    "+=",
];
/// Macros whose string comes second.
const WRITERS: &[&str] = &["write!(", "writeln!("];
/// What makes another string out of the one before it.
const CHANGES: &[&str] = &[
    "+",
    ".to_owned()",
    ".to_string()",
    ".into()",
    ".replace(",
    ".repeat(",
    ".concat()",
    ".join(",
];
/// The one crate that names a database.
const DATABASE: &str = "crates/innerworld-embedded";
/// Its calls that take a statement.
const PREPARES: &[&str] = &[".prepare(", ".prepare_cached(", ".execute_batch("];

/// Findings in `files`.
pub(super) fn check(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| is_shipped(file)) {
        let text = fs::read_to_string(root().join(file))?;
        // Unit tests stand at the end of their file.
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let mut found = pasted(shipped);
        if file.starts_with(DATABASE) {
            found.extend(made(shipped));
        }
        findings.extend(found.into_iter().map(|(line, why)| {
            format!(
                "{}:{line}: {why}: give values as parameters",
                file.display()
            )
        }));
    }
    Ok(findings)
}

/// A source of a crate that is no test of it.
fn is_shipped(file: &Path) -> bool {
    let in_crates = file.starts_with("crates") && !file.starts_with("crates/innerworld-testkit");
    let parts: Vec<_> = file.iter().filter_map(|part| part.to_str()).collect();
    in_crates
        && file.extension().is_some_and(|extension| extension == "rs")
        && parts.contains(&"src")
        && !parts.contains(&"tests")
        && !parts.contains(&"tests.rs")
}

/// Lines on which a string of a query is handed to what builds strings.
fn pasted(text: &str) -> Vec<(usize, &'static str)> {
    let (code, literals) = source::read(text);
    let queries = literals.iter().filter(|one| is_query(&one.text));
    queries
        .filter(|query| is_built(&code, query))
        .map(|query| (line_of(&code, query.from), "a query is put together"))
        .collect()
}

/// Lines on which what is prepared is neither a string nor the name of one.
fn made(text: &str) -> Vec<(usize, &'static str)> {
    let (code, _) = source::read(text);
    let mut found = Vec::new();
    for call in PREPARES {
        for (at, _) in code.match_indices(call) {
            let rest = code.get(at + call.len()..).unwrap_or_default().trim_start();
            if rest.starts_with('&') || is_made(rest) {
                found.push((line_of(&code, at), "a statement is an expression"));
            }
        }
    }
    found
}

fn is_query(text: &str) -> bool {
    let spaced = format!(
        " {} ",
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    let begins = STATEMENTS
        .iter()
        .any(|word| spaced.trim_start().starts_with(word));
    // Two of them are no accident; one is a word of a sentence.
    let holds = CLAUSES.iter().filter(|word| spaced.contains(*word)).count();
    begins && spaced.trim().contains(' ')
        || holds >= 2
        || (holds == 1 && spaced.contains(['=', '?']))
}

fn is_built(code: &str, literal: &Literal) -> bool {
    let before = code.get(..literal.from).unwrap_or_default().trim_end();
    let before = before.strip_suffix('&').unwrap_or(before);
    let after = code.get(literal.to..).unwrap_or_default().trim_start();
    let second = before
        .strip_suffix(',')
        .and_then(|rest| rest.rsplit_once('('))
        .is_some_and(|(call, first)| {
            let call = format!("{call}(");
            !first.contains([';', '{']) && WRITERS.iter().any(|writer| call.ends_with(writer))
        });
    second
        || BUILDERS.iter().any(|builder| before.ends_with(builder))
        || CHANGES.iter().any(|change| after.starts_with(change))
}

/// Whether the first argument of a call is a call itself: of a macro that builds, or of a method.
fn is_made(rest: &str) -> bool {
    let argument = rest.split([',', ')', '"']).next().unwrap_or_default();
    let built = BUILDERS.iter().any(|builder| argument.starts_with(builder));
    built
        || [".as_str(", ".as_ref(", ".clone("]
            .iter()
            .any(|call| argument.contains(call))
}

fn line_of(code: &str, at: usize) -> usize {
    1 + code.get(..at).unwrap_or_default().matches('\n').count()
}

#[cfg(test)]
mod tests;
