//! Replays and benches of a whole running server: builds the server and the program that measures
//! it, and runs that.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::Args;

use crate::{
    process::{cargo, run, say},
    workspace::target,
};

/// Play recorded conversations through a server that is cut off and killed
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Conversations in the format of the `LoCoMo` data set
    data: PathBuf,
    /// Socket cuts in the middle of answers, over the whole run [default: 1000]
    #[arg(long)]
    cuts: Option<usize>,
    /// Times that the server is killed with SIGKILL [default: 10]
    #[arg(long)]
    kills: Option<usize>,
    /// Conversations at the same time, each a different teen [default: 2]
    #[arg(long)]
    conversations: Option<usize>,
    /// Where cuts and kills fall [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let mut arguments = vec![
            OsString::from("replay"),
            std::path::absolute(self.data)?.into(),
        ];
        let numbers = [
            ("--cuts", self.cuts.map(|cuts| cuts.to_string())),
            ("--kills", self.kills.map(|kills| kills.to_string())),
            (
                "--conversations",
                self.conversations.map(|number| number.to_string()),
            ),
            ("--seed", self.seed.map(|seed| seed.to_string())),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                arguments.extend([name.into(), value.into()]);
            }
        }
        arguments.extend(self.json.then(|| "--json".into()));
        measure(arguments, true)
    }
}

/// Builds both programs with optimisation and runs the one that measures. Its exit code is the
/// result.
pub(crate) fn measure(arguments: Vec<OsString>, with_server: bool) -> anyhow::Result<ExitCode> {
    let target = target()?;
    run(cargo().args([
        "build",
        "--release",
        "--package",
        "innerworld",
        "--package",
        "innerworld-benches",
    ]))?;
    let programs = target.join("release");
    let mut command = std::process::Command::new(programs.join("innerworld-benches"));
    command.args(arguments);
    if with_server {
        command.arg("--server").arg(programs.join("innerworld"));
    }
    let status = command.status()?;
    if !status.success() {
        say("the figures are not what they must be");
    }
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
