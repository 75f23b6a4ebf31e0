//! `cargo xtask`: checks, tests and generated files of this repository.

mod bench;
mod check;
mod client;
mod codegen;
mod docs;
mod fixture;
mod fuzz;
mod near_copies;
mod node;
mod package_lambda;
mod peers;
mod process;
mod running;
mod sbom;
mod serving;
mod summary;
mod terraform;
mod test;
mod tidy;
mod train;
mod venv;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks, tests and generated files of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Test(test::Test),
    Codegen(codegen::Codegen),
    Docs(docs::Docs),
    Fixture(fixture::Fixture),
    Fuzz(fuzz::Fuzz),
    NearCopies(near_copies::NearCopies),
    Peers(peers::Leave),
    PackageLambda(package_lambda::PackageLambda),
    Tidy(tidy::Tidy),
    Train(train::Train),
    Bench(bench::Bench),
    Replay(running::Replay),
    Sbom(sbom::Sbom),
    Terraform(terraform::Terraform),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Check(command) => Ok(command.run()),
        Command::Test(command) => Ok(command.run()),
        Command::Codegen(command) => command.run(),
        Command::Docs(command) => command.run(),
        Command::Fixture(command) => command.run(),
        Command::Fuzz(command) => command.run(),
        Command::NearCopies(command) => command.run(),
        Command::Peers(command) => command.run(),
        Command::PackageLambda(command) => command.run(),
        Command::Tidy(command) => command.run(),
        Command::Train(command) => command.run(),
        Command::Bench(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::Sbom(command) => command.run(),
        Command::Terraform(command) => command.run(),
    };
    done.unwrap_or_else(|error| {
        process::say(&format!("xtask: {error:#}"));
        ExitCode::FAILURE
    })
}
