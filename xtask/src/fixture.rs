//! `cargo xtask fixture`: a small data folder in the present formats, to be committed whenever
//! a file's format moved on.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::{
    process::{cargo, run, say},
    workspace::root,
};

/// Make tests/fixtures/data-vN, a data folder in the present formats, with an invented teen
#[derive(Debug, Args)]
pub(crate) struct Fixture {
    /// Make it in this folder instead
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Fixture {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let folder = match self.out {
            Some(folder) => std::path::absolute(folder)?,
            None => root().join("tests/fixtures"),
        };
        run(cargo()
            .args(["run", "--quiet", "--package", "innerworld-embedded"])
            .args(["--example", "fixture", "--"])
            .arg(&folder))?;
        say(&format!(
            "made a folder in {}: commit it together with the new format",
            folder.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}
