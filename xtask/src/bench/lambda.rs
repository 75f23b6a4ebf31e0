//! `cargo xtask bench lambda`: what functions cost as they are packaged, for this machine's processor.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::Args;

use crate::{
    package_lambda::{self, Architecture},
    peers::{ACCOUNT, Peers},
    process::say,
    running,
    workspace::root,
};

/// Where the table goes.
const TABLE: &str = "benches/lambda.md";

/// Start-up, memory and size of every function, and what a talk through them costs
#[derive(Debug, Args)]
pub(crate) struct Lambda {
    /// Starts of each function [default: 20]
    #[arg(long)]
    starts: Option<u32>,
    /// Messages of the talk [default: 20]
    #[arg(long)]
    messages: Option<u32>,
    /// Write benches/lambda.md
    #[arg(long)]
    write: bool,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the record of the run here
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Lambda {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let own = Architecture::own()?;
        let programs = package_lambda::packaged(own, &package_lambda::all()?)?;
        let peers =
            Peers::start_some("peers-measured", |name| matches!(name, "dynoxide" | "moto"))?;
        let (tables, keys) = (
            peers.address("INNERWORLD_TEST_DYNAMODB")?,
            peers.address("INNERWORLD_TEST_KMS")?,
        );
        let mut arguments = self.arguments()?;
        arguments.extend([
            "--programs".into(),
            programs.into(),
            "--kms-key".into(),
            peers.make_key()?.into(),
            "--tables-at".into(),
            tables.as_str().into(),
            "--keys-at".into(),
            keys.as_str().into(),
        ]);
        let mut environment: Vec<(&str, &str)> = ACCOUNT.to_vec();
        environment.extend([
            ("AWS_ENDPOINT_URL_DYNAMODB", tables.as_str()),
            ("AWS_ENDPOINT_URL_KMS", keys.as_str()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", keys.as_str()),
        ]);
        let met = running::measure_functions(arguments, &environment)?;
        if !met {
            say("the figures are not what they must be");
        }
        Ok(if met {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn arguments(&self) -> anyhow::Result<Vec<OsString>> {
        let mut arguments = vec![OsString::from("bench"), "lambda".into()];
        for (name, value) in [("--starts", self.starts), ("--messages", self.messages)] {
            if let Some(value) = value {
                arguments.extend([name.into(), value.to_string().into()]);
            }
        }
        if self.write {
            arguments.extend(["--page".into(), root().join(TABLE).into()]);
        }
        arguments.extend(self.json.then(|| "--json".into()));
        if let Some(record) = &self.record {
            arguments.extend(["--record".into(), std::path::absolute(record)?.into()]);
        }
        Ok(arguments)
    }
}
