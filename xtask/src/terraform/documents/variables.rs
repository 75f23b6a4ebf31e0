//! The table of variables in the README, made from the function map and from what the program says of each.

use std::{collections::BTreeMap, fs};

use anyhow::Context as _;

use super::{README, page};
use crate::{
    codegen::{self, Write},
    terraform::map::{self, Function},
    workspace::root,
};

/// What the table stands between.
const BEGIN: &str = "<!-- environment -->";
const END: &str = "<!-- /environment -->";

/// Where each variable has its sentence.
const SENTENCES: &str = "crates/innerworld-lambda/src/map/variable.rs";

/// Writes or compares the table; the page if it differs.
pub(crate) fn all(write: Write) -> anyhow::Result<Option<&'static str>> {
    let source = fs::read_to_string(root().join(SENTENCES))
        .with_context(|| format!("could not read {SENTENCES}"))?;
    let made = filled(&page(README)?, &table(&source, &map::functions()?))?;
    codegen::one(write, README, &made)
}

fn filled(page: &str, table: &str) -> anyhow::Result<String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| {
        let (_old, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.with_context(|| format!("{README} has no place for variables"))?;
    Ok(format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))
}

/// Variables in the order of the source; those that no function is told are left out.
fn table(source: &str, functions: &[Function]) -> String {
    let mut readers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for function in functions {
        for name in &function.environment {
            readers.entry(name).or_default().push(&function.name);
        }
    }
    let mut rows = vec!["| variable | what | functions |\n|---|---|---|\n".to_owned()];
    for (name, sentence) in sentences(source) {
        let Some(of) = readers.get(name.as_str()) else {
            continue;
        };
        let of = if of.len() == functions.len() {
            "all".to_owned()
        } else {
            let names: Vec<_> = of.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        rows.push(format!("| `{name}` | {sentence} | {of} |\n"));
    }
    rows.concat()
}

/// Values of the constants, each with the comment before it.
fn sentences(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut sentence = String::new();
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("///") {
            sentence.push_str(text);
        } else if let Some(value) = line.strip_prefix("pub const ").and_then(text_of) {
            found.push((value.to_owned(), sentence.trim().to_owned()));
            sentence.clear();
        } else {
            sentence.clear();
        }
    }
    found
}

fn text_of(constant: &str) -> Option<&str> {
    constant.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_it_is_and_who_is_told() {
        let functions = map::functions().unwrap();
        let source = "//! Names.\n\n/// The deployment:\n/// `prod`.\npub const A: &str = \"ENVIRONMENT\";\n\
                      /// Port.\npub const B: &str = \"NEPTUNE_PORT\";\n/// None.\npub const C: &str = \"NOBODY\";\n";
        let table = table(source, &functions);
        assert!(
            table.contains("| `ENVIRONMENT` | The deployment: `prod`. | all |\n"),
            "{table}"
        );
        assert!(
            table.contains("| `NEPTUNE_PORT` | Port. | `graph-writer`, `graph-reader` |\n"),
            "{table}"
        );
        assert!(!table.contains("NOBODY"), "{table}");
    }

    #[test]
    fn every_variable_of_a_function_has_a_sentence() {
        let source = fs::read_to_string(root().join(SENTENCES)).unwrap();
        let known = sentences(&source);
        for function in map::functions().unwrap() {
            for name in function.environment {
                let mut known = known.iter();
                assert!(
                    known.any(|(known, text)| *known == name && !text.is_empty()),
                    "{name}"
                );
            }
        }
    }
}
