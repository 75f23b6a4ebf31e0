//! `cargo xtask fixture`: a small data folder in the present formats, to be committed whenever
//! a file's format moved on.

use std::process::ExitCode;

use clap::Args;

use crate::{
    process::{cargo, run, say},
    workspace::root,
};

/// Make tests/fixtures/data-vN, a data folder in the present formats, with an invented teen
#[derive(Debug, Args)]
pub(crate) struct Fixture {}

impl Fixture {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let folder = root().join("tests/fixtures");
        run(cargo()
            .args(["run", "--quiet", "--package", "innerworld-embedded"])
            .args(["--example", "fixture", "--"])
            .arg(&folder))?;
        say("wrote a folder below tests/fixtures; commit it together with the new format");
        Ok(ExitCode::SUCCESS)
    }
}
