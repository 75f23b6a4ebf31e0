//! Replays and benches of a whole running server: builds the server and the program that measures
//! it, and runs that.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus},
};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::{
    peers::{ACCOUNT, Peers},
    process::{cargo, run, say},
    test::EVERYTHING,
    workspace::{root, target},
};

/// Conversations of the repository's own.
const INVENTED: &str = "tests/conversations/invented.json";
/// What programs are built with that reach AWS.
const FEATURES_ON_AWS: &str = "innerworld/aws,innerworld-benches/aws";
/// What functions need of AWS in a replay.
const QUEUES_AND_TABLES: [&str; 3] = ["dynoxide", "moto", "elasticmq"];

/// Play recorded conversations through a server that is cut off and killed
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Conversations in the format of the `LoCoMo` data set
    data: PathBuf,
    /// Socket cuts in the middle of answers, over the whole run [default: 1000]
    #[arg(long)]
    cuts: Option<usize>,
    /// Through functions on AWS, with programs that stand for its services, in the place of a server
    #[arg(long)]
    functions: bool,
    /// Times that the server, or a function, is killed with SIGKILL [default: 10]
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
        let mut arguments = vec![std::path::absolute(self.data)?.into()];
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
        if self.functions {
            let peers =
                Peers::start_some("peers-replayed", |name| QUEUES_AND_TABLES.contains(&name))?;
            return Ok(judged(replay_functions(arguments, &released()?, &peers)?));
        }
        arguments.insert(0, "replay".into());
        measure(arguments, true)
    }
}

/// The programs of a replay on AWS, optimised; the folder that they are in.
fn released() -> anyhow::Result<PathBuf> {
    let packages = ["innerworld", "innerworld-benches", "innerworld-lambda"];
    let mut build = cargo();
    build.args(["build", "--release", "--features", FEATURES_ON_AWS]);
    run(build.args(packages.iter().flat_map(|name| ["--package", name])))?;
    Ok(target()?.join("release"))
}

/// The same as stage `aws` builds them: with its tests beside them, nothing is built twice.
fn tested() -> anyhow::Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--workspace", "--test", "peers"]);
    build.args(["--bin", "innerworld", "--bin", "innerworld-benches"]);
    run(build.args(EVERYTHING))?;
    Ok(target()?.join("debug"))
}

/// Plays through functions with the programs of this folder; whether every figure is what it must be.
fn replay_functions(
    arguments: Vec<OsString>,
    programs: &Path,
    peers: &Peers,
) -> anyhow::Result<bool> {
    let keys = peers.address("INNERWORLD_TEST_KMS")?;
    let tables = peers.address("INNERWORLD_TEST_DYNAMODB")?;
    let status = Command::new(programs.join("innerworld-benches"))
        .current_dir(root())
        .arg("replay-functions")
        .args(arguments)
        .arg("--programs")
        .arg(programs)
        .args(["--kms-key", &peers.make_key()?, "--keys-at", &keys])
        .args(["--tables-at", &tables, "--queues-at"])
        .arg(peers.address("INNERWORLD_TEST_SQS")?)
        .envs(ACCOUNT.iter().copied())
        .env("AWS_ENDPOINT_URL_DYNAMODB", &tables)
        .env("AWS_ENDPOINT_URL_KMS", &keys)
        .status()
        .context("the program that measures could not be started")?;
    Ok(status.success())
}

/// A short replay of the repository's own conversations through functions, unoptimised.
pub(crate) fn rehearse_on_functions(peers: &Peers) -> anyhow::Result<()> {
    let arguments = [INVENTED, "--cuts", "12", "--kills", "3"];
    let arguments = arguments.map(OsString::from).to_vec();
    let met = replay_functions(arguments, &tested()?, peers)?;
    ensure!(met, "the figures are not what they must be");
    Ok(())
}

/// A short replay of the repository's own conversations, unoptimised: the demands are the same.
pub(crate) fn rehearse() -> anyhow::Result<()> {
    let arguments = ["replay", INVENTED, "--cuts", "60", "--kills", "3"];
    let status = built(&["build"], "debug", arguments.map(OsString::from), true)?;
    ensure!(status.success(), "the figures are not what they must be");
    Ok(())
}

/// The same, shorter, through servers that keep everything in tables on AWS: where they are, and who
/// asks, stands in `environment`.
pub(crate) fn rehearse_on_tables(
    (servers, kills): (u8, u8),
    key: &str,
    environment: &[(&str, &str)],
) -> anyhow::Result<()> {
    let programs = tested()?;
    let (tables, servers) = (format!("replay-{servers}"), servers.to_string());
    let status = Command::new(programs.join("innerworld-benches"))
        .current_dir(root())
        .args(["replay", INVENTED])
        .args(["--cuts", "40", "--kills", &kills.to_string()])
        .args(["--tables", &tables, "--kms-key", key])
        .args(["--servers", &servers])
        .arg("--server")
        .arg(programs.join("innerworld"))
        .envs(environment.iter().copied())
        .status()
        .context("the program that measures could not be started")?;
    ensure!(status.success(), "the figures are not what they must be");
    Ok(())
}

/// Builds the program that measures, with what reaches tables on AWS, and runs it on functions; whether
/// every figure is what it must be. It is not optimised: what is measured are processes of their own.
pub(crate) fn measure_functions(
    arguments: Vec<OsString>,
    environment: &[(&str, &str)],
) -> anyhow::Result<bool> {
    let packages = ["--package", "innerworld-benches"];
    let features = ["--features", "innerworld-benches/aws"];
    run(cargo().arg("build").args(packages).args(features))?;
    let status = Command::new(target()?.join("debug/innerworld-benches"))
        .current_dir(root())
        .args(arguments)
        .envs(environment.iter().copied())
        .status()
        .context("the program that measures could not be started")?;
    Ok(status.success())
}

/// Builds both programs with optimisation and runs the one that measures. Its exit code is the
/// result.
pub(crate) fn measure(arguments: Vec<OsString>, with_server: bool) -> anyhow::Result<ExitCode> {
    Ok(judged(is_met(arguments, with_server)?))
}

fn judged(met: bool) -> ExitCode {
    if !met {
        say("the figures are not what they must be");
    }
    if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The same; whether every figure is what it must be.
pub(crate) fn is_met(arguments: Vec<OsString>, with_server: bool) -> anyhow::Result<bool> {
    Ok(built(&["build", "--release"], "release", arguments, with_server)?.success())
}

fn built(
    build: &[&str],
    profile: &str,
    arguments: impl IntoIterator<Item = OsString>,
    with_server: bool,
) -> anyhow::Result<ExitStatus> {
    let packages = ["--package", "innerworld", "--package", "innerworld-benches"];
    run(cargo().args(build).args(packages))?;
    let programs = target()?.join(profile);
    let mut command = Command::new(programs.join("innerworld-benches"));
    command.current_dir(root()).args(arguments);
    if with_server {
        command.arg("--server").arg(programs.join("innerworld"));
    }
    command
        .status()
        .context("the program that measures could not be started")
}
