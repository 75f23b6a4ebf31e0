//! Variables: each says what it is, and each validation has a test that it refuses something.

use std::{collections::BTreeMap, path::Path};

use hcl::{Block, Expression};

use super::shown;
use crate::terraform::{
    suite::module_of,
    tree::{File, Tree, label},
};

/// Findings in every variable.
pub(super) fn check(tree: &Tree) -> Vec<String> {
    let refused = refused(tree);
    let mut findings = Vec::new();
    for file in tree.sources() {
        for variable in file.blocks("variable") {
            let found = said(variable).into_iter();
            let untested = untested(file, variable, &refused);
            let name = label(variable, 0).unwrap_or_default();
            let all = found.chain(untested);
            findings.extend(all.map(|what| shown(file, &format!("variable {name}: {what}"))));
        }
    }
    findings
}

/// How many validations there are, and how many of them have a test.
pub(super) fn validations(tree: &Tree) -> (usize, usize) {
    let refused = refused(tree);
    let (mut all, mut covered) = (0, 0);
    for file in tree.sources() {
        for variable in file.blocks("variable") {
            let number = of(variable);
            let tested = tested(file, variable, &refused);
            all += number;
            covered += number.min(tested);
        }
    }
    (all, covered)
}

/// What a variable does not say of itself.
fn said(variable: &Block) -> Vec<String> {
    let attribute = |name: &str| {
        let mut all = variable.body().attributes();
        all.find(|one| one.key() == name)
    };
    let mut findings = Vec::new();
    for name in ["type", "description"] {
        if attribute(name).is_none() {
            findings.push(format!("has no {name}"));
        }
    }
    for validation in variable.body().blocks() {
        let mut messages = validation
            .body()
            .attributes()
            .filter(|one| one.key() == "error_message");
        let message = messages
            .next()
            .map(|one| text(one.expr()))
            .unwrap_or_default();
        let begins = message
            .chars()
            .next()
            .is_some_and(|c| c.is_uppercase() || "`$".contains(c));
        if !begins || !message.ends_with('.') {
            findings.push(format!("its message is no sentence: {message}"));
        }
    }
    findings
}

fn text(expression: &Expression) -> String {
    match expression {
        Expression::String(text) => text.clone(),
        Expression::TemplateExpr(template) => template.to_string(),
        other => hcl::format::to_string(other).unwrap_or_default(),
    }
}

/// Runs that expect a variable to be refused, by folder and variable.
type Refused = BTreeMap<(String, String), usize>;

fn refused(tree: &Tree) -> Refused {
    let mut refused = Refused::new();
    for file in tree.files.iter().filter(|file| file.is_test()) {
        let folder = module_of(&file.path).map_or(Path::new(""), |(folder, _)| folder);
        for run in file.blocks("run") {
            let mut attributes = run.body().attributes();
            let Some(expected) = attributes.find(|one| one.key() == "expect_failures") else {
                continue;
            };
            let folder =
                called(run).map_or_else(|| folder.to_owned(), |source| folder.join(source));
            let names = hcl::format::to_string(expected.expr()).unwrap_or_default();
            let names = names.split(|c: char| !(c.is_alphanumeric() || "._".contains(c)));
            for name in names.filter_map(|name| name.strip_prefix("var.")) {
                let key = (plain(&folder), name.to_owned());
                *refused.entry(key).or_default() += 1;
            }
        }
    }
    refused
}

/// The module that a run is of, if it is another than the one beside the test.
fn called(run: &Block) -> Option<String> {
    let mut blocks = run.body().blocks();
    let module = blocks.find(|block| block.identifier() == "module")?;
    let mut attributes = module.body().attributes();
    let source = attributes.find(|one| one.key() == "source")?;
    Some(text(source.expr()))
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.to_string_lossy().split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part.to_owned()),
        }
    }
    parts.join("/")
}

fn of(variable: &Block) -> usize {
    let blocks = variable.body().blocks();
    blocks
        .filter(|block| block.identifier() == "validation")
        .count()
}

fn tested(file: &File, variable: &Block, refused: &Refused) -> usize {
    let folder = file.path.parent().map(plain).unwrap_or_default();
    let name = label(variable, 0).unwrap_or_default().to_owned();
    refused.get(&(folder, name)).copied().unwrap_or_default()
}

fn untested(file: &File, variable: &Block, refused: &Refused) -> Option<String> {
    let (number, tested) = (of(variable), tested(file, variable, refused));
    (tested < number)
        .then(|| format!("{number} validations, {tested} runs with expect_failures that break one"))
}
