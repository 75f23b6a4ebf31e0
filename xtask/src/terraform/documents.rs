//! The two pages that whoever deploys follows: their commands, and the table of variables in one of them.

pub(super) mod shell;
mod variables;

use std::fs;

use anyhow::Context as _;

pub(crate) use self::variables::all;
use crate::workspace::root;

/// What the deployment is.
pub(super) const README: &str = "infrastructure/README.md";

/// In which order it is made for the first time.
pub(super) const FIRST: &str = "docs/how-to/first-deployment.md";

/// Where a block is run that says nothing else.
const PROD: &str = "infrastructure/environments/prod";

/// The text of a page.
pub(super) fn page(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("could not read {path}"))
}

/// A command, and the folder that it is run in, below the repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) folder: String,
    pub(super) words: Vec<String>,
}

/// Every command of the fenced blocks for a shell.
pub(super) fn steps(page: &str) -> Vec<Step> {
    blocks(page)
        .iter()
        .flat_map(|block| of_block(block))
        .collect()
}

/// A block that begins with `cd` or `cargo` begins at the top of the repository.
fn of_block(block: &str) -> Vec<Step> {
    let commands = shell::commands(block);
    let folder = match commands.first().map(Vec::as_slice) {
        Some([program, place]) if program == "cd" => place.clone(),
        Some([program, ..]) if program == "cargo" => ".".to_owned(),
        _ => PROD.to_owned(),
    };
    let steps = commands.into_iter().map(|words| Step {
        folder: folder.clone(),
        words,
    });
    steps.collect()
}

/// The texts between fences that name a shell; prompts are taken away.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in page.lines() {
        let Some(language) = line.trim_start().strip_prefix("```") else {
            if let Some((_, text)) = &mut open {
                let line = line.trim_start();
                text.push_str(line.strip_prefix("$ ").unwrap_or(line));
                text.push('\n');
            }
            continue;
        };
        open = match open.take() {
            Some((is_shell, text)) => {
                blocks.extend(is_shell.then_some(text));
                None
            }
            None => Some((
                ["bash", "sh", "shell", "console"].contains(&language),
                String::new(),
            )),
        };
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &str) -> Vec<String> {
        let steps = steps(page).into_iter();
        steps
            .map(|step| format!("{}: {}", step.folder, step.words.join(" ")))
            .collect()
    }

    #[test]
    fn blocks_of_a_shell_are_read_and_begin_where_they_say() {
        let page = "# A\n\n```bash\ncd shared\nterraform plan\n```\n\n```\nnot one\n```\n\n- a\n\n  ```console\n  \
                    $ terraform output\n  ```\n\n```bash\ncargo xtask tidy\n```\n";
        assert_eq!(
            shown(page),
            [
                "shared: cd shared",
                "shared: terraform plan",
                "infrastructure/environments/prod: terraform output",
                ".: cargo xtask tidy",
            ]
        );
    }
}
