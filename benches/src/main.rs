//! Replays and benches of a whole running server. `cargo xtask replay` and `cargo xtask bench`
//! build the server and call this.

mod bench;
#[cfg(feature = "aws")]
mod deployment;
mod echo;
mod locomo;
mod person;
mod random;
mod replay;
mod report;
mod server;
mod upstream;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Replays and benches of a whole running server.
#[derive(Debug, Parser)]
#[command(name = "innerworld-benches")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Replay(replay::Replay),
    #[cfg(feature = "aws")]
    ReplayFunctions(replay::functions::ReplayFunctions),
    Bench(bench::Bench),
    #[command(hide = true)]
    Echo(echo::Echo),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Replay(replay) => replay.run(),
        #[cfg(feature = "aws")]
        Command::ReplayFunctions(replay) => replay.run(),
        Command::Bench(bench) => bench.run(),
        Command::Echo(echo) => echo.run(),
    };
    done.unwrap_or_else(|error| {
        report::progress(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}
