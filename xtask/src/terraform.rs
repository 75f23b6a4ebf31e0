//! `cargo xtask terraform`: infrastructure/ is checked and tested, without AWS.
//!
//! Everything runs in a copy below the target folder, with a stand-in for the provider that knows its
//! schema only: what AWS itself would refuse is not seen here.

mod events;
mod jobs;
pub(crate) mod lints;
mod map;
mod mirror;
mod plans;
mod schema;
mod scratch;
mod suite;
pub(crate) mod tables;
mod tree;
mod whole;

use std::{
    process::{Command, ExitCode},
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use self::{
    mirror::Mirror,
    scratch::Scratch,
    suite::{Offline, Tested},
    tree::Tree,
    whole::World,
};
use crate::{
    codegen::Write,
    process::{Counts, say},
    tidy,
    workspace::root,
};

/// Where the tree lies.
const FOLDER: &str = "infrastructure";

/// Fewer assertions than these, and somebody has taken some away.
const ASSERTIONS: usize = 120;

/// What all of it may take on two cores, once the stub is built.
const PATIENCE: Duration = Duration::from_secs(90);

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
}

/// Rules of the files alone, as `cargo xtask tidy` checks them
#[derive(Debug, Args)]
struct Lint {}

/// Write the tables of inputs and outputs in the READMEs, as `cargo xtask codegen` does
#[derive(Debug, Args)]
struct Tables {}

impl Terraform {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(Sub::Schema(command)) => command.run()?,
            Some(Sub::Mirror(command)) => command.run()?,
            Some(Sub::Lint(Lint {})) => tidy::infrastructure()?,
            Some(Sub::Tables(Tables {})) => drop(tables::all(Write::Update)?),
            None => {
                let counts = all(self.golden)?;
                return Ok(if counts.failed == 0 {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                });
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Everything; what passed and what failed.
pub(crate) fn stage() -> anyhow::Result<Counts> {
    all(false)
}

#[expect(
    clippy::disallowed_methods,
    reason = "there is no runtime whose time a test could pause"
)]
fn all(golden: bool) -> anyhow::Result<Counts> {
    let mirror = Mirror::lay()?;
    let started = std::time::Instant::now();
    let mut counts = Counts::default();
    check(&mut counts, "every file is formatted", formatted());
    let tree = Tree::read(&root().join(FOLDER))?;
    let scratch = Scratch::copy()?;
    let offline = Offline {
        mirror: &mirror,
        scratch: &scratch,
    };
    let (modules, invalid) = offline.validate(&tree)?;
    let name = format!("{modules} roots and modules are valid");
    check(&mut counts, &name, invalid);
    let tested = offline.test(&tree)?;
    let plans = plans::make(&offline)?;
    if golden {
        whole::write_counts(&plans)?;
    }
    for (name, findings) in World::new(plans, tree)?.check() {
        check(&mut counts, name, findings);
    }
    let assertions = tell(&tested, &mut counts);
    let few = (assertions < ASSERTIONS).then(|| format!("{assertions} assertions"));
    let name = format!("there are {ASSERTIONS} assertions or more");
    check(&mut counts, &name, few.into_iter().collect());
    let took = started.elapsed();
    let late = (took > PATIENCE).then(|| format!("{:.0} s", took.as_secs_f64()));
    if let Some(late) = late {
        say(&format!("slower than {} s: {late}", PATIENCE.as_secs()));
    }
    say(&format!(
        "terraform: {} runs, {assertions} assertions, {} passed, {} failed, {:.1} s",
        tested.iter().map(|one| one.told.passed).sum::<u32>(),
        counts.passed,
        counts.failed,
        took.as_secs_f64()
    ));
    Ok(counts)
}

/// Tells a check by its name, and counts it.
fn check(counts: &mut Counts, name: &str, findings: Vec<String>) {
    if findings.is_empty() {
        counts.passed += 1;
        say(&format!("passed {name}"));
        return;
    }
    counts.failed += 1;
    say(&format!("FAILED {name}"));
    for finding in findings {
        say(&format!("  {}", finding.replace('\n', "\n  ")));
    }
}

fn tell(tested: &[Tested], counts: &mut Counts) -> usize {
    for one in tested {
        counts.passed += one.told.passed;
        counts.failed += u32::try_from(one.told.failed.len()).unwrap_or(u32::MAX);
        if !one.is_good() && one.told.failed.is_empty() {
            counts.failed += 1;
        }
        counts.skipped += u32::try_from(one.told.skipped.len()).unwrap_or(u32::MAX);
    }
    tested.iter().map(|one| one.assertions).sum()
}

/// What `terraform fmt` would write differently.
fn formatted() -> Vec<String> {
    let mut fmt = Command::new("terraform");
    fmt.current_dir(root().join(FOLDER))
        .args(["fmt", "-check", "-recursive", "-no-color"]);
    match fmt.output().context("could not start terraform") {
        Ok(done) if done.status.success() => Vec::new(),
        Ok(done) => {
            let listed = String::from_utf8_lossy(&done.stdout);
            listed
                .lines()
                .map(|file| format!("{file}: run `terraform fmt -recursive`"))
                .collect()
        }
        Err(error) => vec![format!("{error:#}")],
    }
}
