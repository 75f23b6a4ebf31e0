//! `cargo xtask terraform`: infrastructure/ is checked and tested, without AWS.

mod mirror;
mod schema;
mod tree;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Where the tree lies.
const FOLDER: &str = "infrastructure";

/// Check and test infrastructure/ offline, with a stand-in for the AWS provider
#[derive(Debug, Args)]
pub(crate) struct Terraform {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Schema(schema::Schema),
    Mirror(mirror::Lay),
}

impl Terraform {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(Command::Schema(command)) => command.run()?,
            Some(Command::Mirror(command)) => command.run()?,
            None => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}
