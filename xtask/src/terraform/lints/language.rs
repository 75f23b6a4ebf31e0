//! Terraform 1.5 is enough for everything but the tests: what came later is found here, since no such
//! Terraform runs them.

use hcl::{Block, Expression};

use crate::terraform::tree::{File, label};

/// Words of later versions, and which.
const NEWER: &[(&str, &str)] = &[
    ("use_lockfile", "1.10"),
    ("provider::", "1.8"),
    ("templatestring(", "1.9"),
    ("issensitive(", "1.8"),
    ("ephemeralasnull(", "1.10"),
    ("ephemeral.", "1.10"),
];

/// Blocks of later versions.
const NEWER_BLOCKS: &[(&str, &str)] = &[("removed", "1.7"), ("ephemeral", "1.10")];

/// What needs a later Terraform.
pub(super) fn newer(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    let code = file
        .text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    for line in code {
        let words = NEWER.iter().filter(|(word, _)| line.contains(word));
        findings.extend(words.map(|(word, since)| format!("{word} needs Terraform {since}")));
    }
    for (name, since) in NEWER_BLOCKS {
        if file.blocks(name).next().is_some() {
            findings.push(format!("a block {name} needs Terraform {since}"));
        }
    }
    for block in file.body.blocks() {
        findings.extend(write_only(block));
        if block.identifier() == "import" && has(block, "for_each") {
            findings.push("an import of several needs Terraform 1.7".to_owned());
        }
        if block.identifier() == "variable" {
            findings.extend(of_variable(block));
        }
    }
    findings
}

fn has(block: &Block, attribute: &str) -> bool {
    block.body().attributes().any(|one| one.key() == attribute)
}

/// Arguments that end with `_wo` are written and never kept.
fn write_only(block: &Block) -> Vec<String> {
    let all = block.body().attributes().map(hcl::Attribute::key);
    let found = all.filter(|name| name.ends_with("_wo") || name.ends_with("_wo_version"));
    found
        .map(|name| format!("{name} needs Terraform 1.11"))
        .collect()
}

fn of_variable(block: &Block) -> Vec<String> {
    let own = label(block, 0).unwrap_or_default();
    let mut findings = Vec::new();
    if has(block, "ephemeral") {
        findings.push(format!("variable {own}: ephemeral needs Terraform 1.10"));
    }
    for validation in block.body().blocks() {
        for attribute in validation.body().attributes() {
            let others = named(attribute.expr())
                .into_iter()
                .filter(|name| *name != own);
            findings.extend(others.map(|other| {
                format!("variable {own}: a validation that looks at {other} needs Terraform 1.9")
            }));
        }
    }
    findings
}

/// What an expression refers to: names of variables, and whole words for the rest.
fn named(expression: &Expression) -> Vec<String> {
    let text = hcl::format::to_string(expression).unwrap_or_default();
    let mut names = Vec::new();
    for start in ["var.", "local.", "data."] {
        for (place, _) in text.match_indices(start) {
            let (before, after) = text.split_at(place);
            let within_word =
                before.ends_with(|last: char| last.is_alphanumeric() || "._-".contains(last));
            let name = after.strip_prefix(start).unwrap_or_default();
            let name = name
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next();
            if !within_word {
                let shown = name.unwrap_or_default();
                names.push(if start == "var." {
                    shown.to_owned()
                } else {
                    format!("{start}{shown}")
                });
            }
        }
    }
    names
}
