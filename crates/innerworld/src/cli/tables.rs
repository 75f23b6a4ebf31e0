//! `innerworld tables`: making and checking the tables on AWS that `storage.backend = "aws"` uses.

#[cfg(feature = "aws")]
mod deployed;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::flags::ConfigFlags;

/// Arguments of `tables`.
#[derive(Debug, Args)]
pub(crate) struct Tables {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make the tables that are not there: on demand, protected against deletion, with expiry.
    Create(Common),
    /// Compare the tables with what the program expects; exit code 1 if something differs.
    Check(Common),
}

#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    config: ConfigFlags,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

impl Tables {
    #[cfg(feature = "aws")]
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        deployed::run(&self.verb)
    }

    #[cfg(not(feature = "aws"))]
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (Verb::Create(asked) | Verb::Check(asked)) = self.verb;
        let _read = asked.config.load(&super::flags::ListenFlags::default())?;
        anyhow::bail!(
            "this executable was built without the stores on AWS: build one with `--features aws`"
        )
    }
}
