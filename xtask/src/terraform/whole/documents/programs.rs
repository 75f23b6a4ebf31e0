//! Each program that the pages call, and what is checked of its words.

use std::{fs, path::Path};

use super::{Known, calls};
use crate::{
    terraform::{FOLDER, plans::Profile, tree::label},
    workspace::root,
};

/// What a reader fills in: the output that has it, or nothing if none has.
const PLACEHOLDERS: &[(&str, Option<&str>)] = &[
    ("<websocket-api-id>", Some("websocket_api_id")),
    ("<authorizer-id>", Some("authorizer_id")),
    ("<neptune-sg-id>", Some("neptune_security_group_id")),
    ("<token>", None),
    ("<kms-key-id>", None),
];

/// Where the verbs of the executable have their flags, and the commands of xtask theirs.
const VERBS: &str = "crates/innerworld/src/cli";
const TASKS: &str = "xtask/src";

/// What is wrong with a command.
pub(super) fn of_step(known: &Known<'_>, folder: &str, words: &[String]) -> Vec<String> {
    let [program, rest @ ..] = words else {
        return Vec::new();
    };
    let mut findings = match program.as_str() {
        "cd" => of_place(rest.first(), Path::new("")),
        "cp" => of_place(rest.first(), Path::new(folder)),
        "terraform" => of_terraform(known, folder, rest),
        "aws" => calls::of_words(known, rest),
        "innerworld" => of_verb(VERBS, rest),
        "cargo" => of_cargo(rest),
        // One at a time: what follows is a command of its own.
        "xargs" => match rest {
            [n, one, command @ ..] if n == "-n" && one == "1" => of_step(known, folder, command),
            _ => vec!["only `xargs -n 1` is known".to_owned()],
        },
        "curl" | "jq" => Vec::new(),
        other => vec![format!("nobody checks {other}")],
    };
    findings.extend(rest.iter().filter_map(|word| unfilled(known, folder, word)));
    findings
}

fn of_place(place: Option<&String>, folder: &Path) -> Vec<String> {
    let Some(place) = place else {
        return vec!["names no place".to_owned()];
    };
    let there = root().join(folder).join(place).exists();
    let missing = (!there).then(|| format!("{place} is not there"));
    missing.into_iter().collect()
}

/// A word in angle brackets that no output fills.
fn unfilled(known: &Known<'_>, folder: &str, word: &str) -> Option<String> {
    if !word.starts_with('<') {
        return None;
    }
    let mut all = PLACEHOLDERS.iter();
    match all.find(|(placeholder, _)| *placeholder == word) {
        None => Some(format!("nothing says what {word} is")),
        Some((_, Some(output))) if !is_declared(known, folder, "output", output) => {
            Some(format!("there is no output {output}"))
        }
        Some(_) => None,
    }
}

fn is_declared(known: &Known<'_>, folder: &str, kind: &str, name: &str) -> bool {
    let folder = Path::new(folder);
    let folder = folder.strip_prefix(FOLDER).unwrap_or(folder);
    let files = known.world.tree.sources();
    files
        .filter(|file| file.path.parent() == Some(folder))
        .flat_map(|file| file.blocks(kind))
        .any(|block| label(block, 0) == Some(name))
}

fn of_terraform(known: &Known<'_>, folder: &str, words: &[String]) -> Vec<String> {
    let [verb, rest @ ..] = words else {
        return vec!["names no command".to_owned()];
    };
    let mut findings = Vec::new();
    let below = Path::new(folder).strip_prefix(FOLDER);
    if !below.is_ok_and(|below| known.world.tree.modules().contains(below)) {
        findings.push(format!("{folder} is no root"));
    }
    if !["init", "plan", "apply", "output", "destroy"].contains(&verb.as_str()) {
        findings.push(format!("terraform {verb} is not known"));
    }
    for word in rest {
        let wrong = match word.split_once('=') {
            Some(("-var", setting)) => {
                let name = setting.split('=').next().unwrap_or_default();
                let there = is_declared(known, folder, "variable", name);
                (!there).then(|| format!("there is no variable {name}"))
            }
            Some(("-target", address)) => not_made(known, address),
            Some(("-out", file)) => not_a_plan(file),
            None if ["-raw", "-json"].contains(&word.as_str()) => None,
            None if verb == "output" => not_said(known, (folder, word), rest),
            None if verb == "apply" => not_a_plan(word),
            _ => Some(format!("nobody checks {word}")),
        };
        findings.extend(wrong);
    }
    findings
}

/// An unknown target is silently nothing for Terraform.
fn not_made(known: &Known<'_>, address: &str) -> Option<String> {
    let within = format!("{address}.");
    let plan = known.world.plan(Profile::Recommended).ok()?;
    let mut made = plan.resources.iter();
    let there = made.any(|one| one.address.starts_with(&within));
    (!there).then(|| format!("nothing is made at {address}"))
}

/// Plans stay out of git by the end of their names.
fn not_a_plan(file: &str) -> Option<String> {
    let is_plan = Path::new(file)
        .extension()
        .is_some_and(|end| end == "tfplan");
    (!is_plan).then(|| format!("{file} is no .tfplan"))
}

/// `-raw` prints texts, numbers and truth values alone.
fn not_said(known: &Known<'_>, (folder, name): (&str, &str), words: &[String]) -> Option<String> {
    if !is_declared(known, folder, "output", name) {
        return Some(format!("there is no output {name}"));
    }
    let values = known.world.plans.iter();
    let mut values = values.filter_map(|plan| plan.outputs.get(name));
    let is_raw = words.iter().any(|word| word == "-raw");
    let many = is_raw && values.any(|value| value.is_object() || value.is_array());
    many.then(|| format!("{name} is more than -raw prints"))
}

fn of_cargo(words: &[String]) -> Vec<String> {
    match words {
        [xtask, rest @ ..] if xtask == "xtask" => of_verb(TASKS, rest),
        [build, ..] if build == "build" => {
            let manifest = fs::read_to_string(root().join("crates/innerworld/Cargo.toml"));
            let manifest = manifest.unwrap_or_default();
            let features = words
                .iter()
                .skip_while(|word| *word != "--features")
                .skip(1);
            let unknown = features
                .take(1)
                .filter(|name| !manifest.contains(&format!("\n{name} = [")));
            unknown
                .map(|name| format!("there is no feature {name}"))
                .collect()
        }
        _ => vec!["only builds and xtask are known".to_owned()],
    }
}

/// A verb is a file of its name, beside which may be a folder; its flags are fields there, or in what it
/// shares with others.
fn of_verb(folder: &str, words: &[String]) -> Vec<String> {
    let [verb, rest @ ..] = words else {
        return vec!["names no verb".to_owned()];
    };
    let file = root().join(folder).join(verb.replace('-', "_"));
    let Ok(mut source) = fs::read_to_string(file.with_extension("rs")) else {
        return vec![format!("there is no verb {verb}")];
    };
    let beside = fs::read_dir(&file).into_iter().flatten().flatten();
    let shared = ["flags.rs", "account.rs"].map(|name| root().join(folder).join(name));
    for path in beside.map(|entry| entry.path()).chain(shared) {
        source.push_str(&fs::read_to_string(path).unwrap_or_default());
    }
    let flags = rest.iter().filter_map(|word| word.strip_prefix("--"));
    let unknown = flags.filter(|flag| !source.contains(&format!(" {}: ", flag.replace('-', "_"))));
    unknown
        .map(|flag| format!("{verb} has no --{flag}"))
        .collect()
}
