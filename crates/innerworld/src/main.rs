//! The executable: verbs and wiring, nothing else.

mod cli;
mod config;
mod telemetry;
mod wire;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.run() {
        Ok(code) => code,
        Err(error) => cli::failure::tell(&error),
    }
}
