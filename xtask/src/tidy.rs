//! `cargo xtask tidy`: rules of this repository that no other tool checks.

mod manifests;
mod queries;
mod texts;

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::Args;

use crate::{
    process::{output, say},
    terraform::lints,
    workspace::root,
};

/// House rules: dependency direction, sizes of files, paths of machines, queries, commands of the README,
/// files of infrastructure/
#[derive(Debug, Args)]
pub(crate) struct Tidy {}

impl Tidy {
    #[expect(clippy::unused_self, reason = "every command is run the same way")]
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        check()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Checks every rule; all findings are shown before it fails.
pub(crate) fn check() -> anyhow::Result<()> {
    let files = files()?;
    let mut findings = manifests::check()?;
    findings.extend(texts::check(&files)?);
    findings.extend(queries::check(&files)?);
    findings.extend(lints::check(&files)?);
    tell(&findings)
}

/// Checks the files of infrastructure/ alone.
pub(crate) fn infrastructure() -> anyhow::Result<()> {
    tell(&lints::check(&files()?)?)
}

fn tell(findings: &[String]) -> anyhow::Result<()> {
    for finding in findings {
        say(finding);
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    Ok(())
}

/// Files under version control and new ones that are not ignored.
fn files() -> anyhow::Result<Vec<PathBuf>> {
    let mut git = std::process::Command::new("git");
    git.current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let listed = output(&mut git)?;
    Ok(listed
        .lines()
        .map(PathBuf::from)
        .filter(|file| root().join(file).is_file())
        .collect())
}
