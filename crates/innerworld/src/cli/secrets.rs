//! `innerworld secrets`: what a deployment on AWS keeps in Secrets Manager. A value comes from a
//! file, from standard input or from a prompt that does not show it; it is never an argument, and
//! nothing here prints one.

#[cfg(feature = "aws")]
mod deployed;
mod input;
#[cfg(feature = "aws")]
pub(crate) mod look;
pub(crate) mod shape;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};

use self::input::Value;
use super::flags::{ConfigFlags, ListenFlags};
use crate::config::storage::AwsConfig;

/// Arguments of `secrets`.
#[derive(Debug, Args)]
pub(crate) struct Secrets {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check a value and put it into its secret, which is made if it is not there.
    Set(Set),
    /// Say what is there: which fields and models, never a value; exit code 1 if something is wrong.
    Check(Check),
}

/// A secret of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// The key of the model provider
    Model,
    /// The private key of Sign in with Apple
    Apple,
}

/// A slot that a value is put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Slot {
    /// In use at once
    Current,
    /// Beside the one in use, until it is promoted
    Pending,
}

#[derive(Debug, Args)]
struct Set {
    /// Which secret
    #[arg(value_enum)]
    which: Which,
    #[command(flatten)]
    place: Place,
    /// File with the JSON object or the key alone; `-` is standard input [default: asked for, not shown]
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Where the value goes
    #[arg(long, value_enum, default_value = "current")]
    stage: Slot,
    /// Put the value that waits into use; nothing is read
    #[arg(long, conflicts_with_all = ["from", "stage", "team_id", "key_id", "client_id"])]
    promote: bool,
    /// With the key of Apple alone: the developer team
    #[arg(long, value_name = "ID", requires_all = ["key_id", "client_id"])]
    team_id: Option<String>,
    /// With the key of Apple alone: its id
    #[arg(long, value_name = "ID", requires = "team_id")]
    key_id: Option<String>,
    /// With the key of Apple alone: the Services ID
    #[arg(long, value_name = "ID", requires = "team_id")]
    client_id: Option<String>,
}

#[derive(Debug, Args)]
struct Check {
    /// Which secret [default: both]
    #[arg(value_enum)]
    which: Option<Which>,
    #[command(flatten)]
    place: Place,
}

/// Where the secrets are.
#[derive(Debug, Args)]
struct Place {
    #[command(flatten)]
    config: ConfigFlags,
    /// What the names of the deployment begin with [default: `storage.aws.prefix`]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Name or ARN of the secret, if it is not the one of the prefix
    #[arg(long, value_name = "ID", requires = "which")]
    id: Option<String>,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

impl Secrets {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.verb {
            Verb::Set(set) => set.run(),
            Verb::Check(check) => check.run(),
        }
    }
}

impl Place {
    /// The settings of the deployment.
    fn read(&self) -> anyhow::Result<AwsConfig> {
        let loaded = self.config.load(&ListenFlags::default())?;
        let config = &loaded.config.storage.aws;
        Ok(config.with_prefix(self.prefix.as_deref())?)
    }
}

impl Set {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.place.read()?;
        if self.promote {
            return self.promote(&config);
        }
        // Nobody types a key for a program that cannot send it.
        anyhow::ensure!(cfg!(feature = "aws") || self.from.is_some(), WITHOUT);
        let Value { text, warnings } = input::value(self.from.as_deref(), self.which)?;
        let names = self.team_id.as_ref().map(|team_id| {
            shape::names(
                team_id,
                self.key_id.as_deref().unwrap_or_default(),
                self.client_id.as_deref().unwrap_or_default(),
            )
        });
        let mut sound = shape::sound(self.which, &text, names)?;
        sound.warnings.splice(..0, warnings);
        self.send(&config, &sound)
    }

    #[cfg(feature = "aws")]
    fn send(&self, config: &AwsConfig, sound: &shape::Sound) -> anyhow::Result<ExitCode> {
        deployed::set(self, config, sound)
    }

    #[cfg(feature = "aws")]
    fn promote(&self, config: &AwsConfig) -> anyhow::Result<ExitCode> {
        deployed::promote(self, config)
    }

    #[cfg(not(feature = "aws"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    fn send(&self, _config: &AwsConfig, sound: &shape::Sound) -> anyhow::Result<ExitCode> {
        for warning in &sound.warnings {
            super::output::aside(&format!("warning: {warning}"))?;
        }
        anyhow::bail!("the value is good, but {WITHOUT}")
    }

    #[cfg(not(feature = "aws"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    fn promote(&self, _config: &AwsConfig) -> anyhow::Result<ExitCode> {
        anyhow::bail!(WITHOUT)
    }
}

impl Check {
    #[cfg(feature = "aws")]
    fn run(&self) -> anyhow::Result<ExitCode> {
        look::check(self)
    }

    #[cfg(not(feature = "aws"))]
    fn run(&self) -> anyhow::Result<ExitCode> {
        let _read = self.place.read()?;
        anyhow::bail!(WITHOUT)
    }
}

/// What is said where the services of AWS were left out of the executable.
const WITHOUT: &str =
    "this executable was built without the services of AWS: build one with `--features aws`";
