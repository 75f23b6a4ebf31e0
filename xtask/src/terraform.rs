//! `cargo xtask terraform`: infrastructure/ is checked and tested, without AWS.
//!
//! Everything runs in a copy below the target folder, with a stand-in for the provider that knows its
//! schema only: what AWS itself would refuse is not seen here.

pub(crate) mod diagram;
pub(crate) mod documents;
mod events;
mod jobs;
pub(crate) mod lints;
mod map;
mod mirror;
mod plans;
mod report;
mod run;
mod schema;
mod scratch;
mod suite;
pub(crate) mod tables;
mod tree;
mod whole;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::{codegen::Write, process::Counts, tidy};

/// Where the tree lies.
const FOLDER: &str = "infrastructure";

/// Check and test infrastructure/ offline, with a stand-in for the AWS provider
#[derive(Debug, Args)]
pub(crate) struct Terraform {
    #[command(subcommand)]
    command: Option<Sub>,
    /// Write down how many resources each profile makes, before they are compared
    #[arg(long)]
    golden: bool,
}

#[derive(Debug, Subcommand)]
enum Sub {
    Schema(schema::Schema),
    Mirror(mirror::Lay),
    Lint(Lint),
    Tables(Tables),
    Report(report::Report),
    Diagram(diagram::Diagram),
}

/// Rules of the files alone, as `cargo xtask tidy` checks them
#[derive(Debug, Args)]
struct Lint {}

/// Write the tables of inputs, outputs and functions' variables in the READMEs, as `cargo xtask codegen` does
#[derive(Debug, Args)]
struct Tables {}

impl Terraform {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(Sub::Schema(command)) => command.run()?,
            Some(Sub::Mirror(command)) => command.run()?,
            Some(Sub::Lint(Lint {})) => tidy::infrastructure()?,
            Some(Sub::Tables(Tables {})) => {
                tables::all(Write::Update)?;
                documents::all(Write::Update)?;
            }
            Some(Sub::Diagram(command)) => command.run()?,
            Some(Sub::Report(command)) => return command.run(),
            None => return Ok(code(run::all(self.golden)?.counts)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Everything; what passed and what failed.
pub(crate) fn stage() -> anyhow::Result<Counts> {
    Ok(run::all(false)?.counts)
}

fn code(counts: Counts) -> ExitCode {
    if counts.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
