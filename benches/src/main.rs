//! Replays and benches of a whole running server. `cargo xtask replay` and `cargo xtask bench`
//! build the server and call this.

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
}

fn main() -> ExitCode {
    let Command::Replay(replay) = Cli::parse().command;
    match replay.run() {
        Ok(code) => code,
        Err(error) => {
            report::say(&format!("replay: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
