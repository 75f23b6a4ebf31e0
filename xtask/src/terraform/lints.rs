//! Rules of the files of infrastructure/ that can be seen without Terraform.

mod language;
mod secrets;
#[cfg(test)]
mod tests;
mod variables;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    FOLDER,
    tree::{File, Tree, label},
};
use crate::workspace::root;

/// Lines above which a reader would want a file split.
const MAX_LINES: usize = 250;

/// What a module consists of.
const OF_A_MODULE: &[&str] = &[
    "main.tf",
    "variables.tf",
    "outputs.tf",
    "versions.tf",
    "README.md",
];

/// The root that only passes on what it is told.
const THIN: &str = "environments/prod/main.tf";

/// Modules that may be absent: where nothing is inside a network, and where there is no graph database.
const MAY_BE_ABSENT: &[&str] = &["networking", "neptune"];

/// Findings in the whole tree; `files` are those under version control.
pub(crate) fn check(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let tree = Tree::read(&root().join(FOLDER))?;
    let mut findings = in_tree(&tree);
    findings.extend(complete(&tree, |path| {
        root().join(FOLDER).join(path).exists()
    }));
    findings.extend(kept_out(files));
    findings.extend(secrets::in_files(files));
    Ok(findings)
}

/// Validations of variables, and how many of them have a test.
pub(super) fn validations(tree: &Tree) -> (usize, usize) {
    variables::validations(tree)
}

/// What can be told from the files alone.
fn in_tree(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for file in &tree.files {
        findings.extend(of_file(file).into_iter().map(|what| shown(file, &what)));
    }
    findings.extend(variables::check(tree));
    findings
}

/// A finding with its place.
fn shown(file: &File, what: &str) -> String {
    format!("{FOLDER}/{}: {what}", file.path.display())
}

fn of_file(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    if file.text.lines().count() > MAX_LINES {
        findings.push(format!("more than {MAX_LINES} lines: split it by topic"));
    }
    if file.is_test() {
        return findings;
    }
    if is_module(&file.path) && file.blocks("provider").next().is_some() {
        findings.push("a module has no provider of its own".to_owned());
    }
    for module in file.blocks("module") {
        let name = label(module, 0).unwrap_or_default();
        let counts = module.body().attributes().any(|one| one.key() == "count");
        if counts && !MAY_BE_ABSENT.contains(&name) {
            findings.push(format!("module {name} is always there: no count"));
        }
    }
    if file.path == Path::new(THIN) {
        findings.extend(crossed(file));
    }
    findings.extend(language::newer(file));
    findings.extend(without_reason(&file.text));
    findings
}

/// Variables that are passed on under another name than their own: no plan shows it.
fn crossed(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    for attribute in file
        .blocks("module")
        .flat_map(|module| module.body().attributes())
    {
        let (name, value) = (attribute.key(), hcl::format::to_string(attribute.expr()));
        if name != "source" && value.is_ok_and(|value| value != format!("var.{name}")) {
            findings.push(format!("{name} is not var.{name}"));
        }
    }
    findings
}

fn is_module(path: &Path) -> bool {
    path.starts_with("modules")
}

/// Whether a module has all its files, and tests.
fn complete(tree: &Tree, there: impl Fn(&Path) -> bool) -> Vec<String> {
    let folders = tree.sources().filter_map(|file| file.path.parent());
    let modules: BTreeSet<&Path> = folders.filter(|folder| is_module(folder)).collect();
    let mut findings = Vec::new();
    for module in modules {
        let missing = OF_A_MODULE.iter().filter(|name| !there(&module.join(name)));
        let place = module.display();
        findings.extend(missing.map(|name| format!("{FOLDER}/{place}: has no {name}")));
        let mut tests = tree.files.iter().filter(|file| file.is_test());
        if !tests.any(|test| test.path.parent() == Some(&module.join("tests"))) {
            findings.push(format!("{FOLDER}/{place}: has no tests"));
        }
    }
    findings
}

/// What holds an operator's own values or Terraform's state.
fn kept_out(files: &[PathBuf]) -> Vec<String> {
    let names = files.iter().filter(|file| {
        let name = file.to_string_lossy();
        let values = name.ends_with(".tfvars") || name.ends_with(".tfvars.json");
        values || name.contains(".tfstate") || name.contains(".terraform")
    });
    names
        .map(|file| format!("{}: does not belong under version control", file.display()))
        .collect()
}

/// Rights on every resource whose lines before do not say why.
fn without_reason(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let wide = lines.iter().enumerate().filter(|(_, line)| {
        let value = line
            .strip_prefix("Resource")
            .map(|rest| rest.trim_start_matches([' ', '=']));
        matches!(value, Some("\"*\"" | "[\"*\"]"))
    });
    let reasoned = |number: usize| {
        // A comment stands before the statement, or within it. Where somebody is let in, it is the policy of a
        // thing, and `*` that thing.
        let before = lines.iter().take(number).rev().take(8);
        before
            .into_iter()
            .any(|line| line.starts_with('#') || line.starts_with("Principal"))
    };
    wide.filter(|(number, _)| !reasoned(*number))
        .map(|(number, _)| format!("line {}: `*` without a reason", number + 1))
        .collect()
}
