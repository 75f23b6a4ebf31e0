//! The executable: verbs and wiring, nothing else.

mod cli;
mod config;
mod telemetry;
mod wire;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    forbid_core_files();
    let cli = cli::Cli::parse();
    match cli.run() {
        Ok(code) => code,
        Err(error) => cli::failure::tell(&error),
    }
}

/// A core file would put keys and a teen's words on the disk as they are in memory.
fn forbid_core_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Core).maximum;
        let none = Rlimit {
            current: Some(0),
            maximum,
        };
        // Asking for less than before is never refused.
        setrlimit(Resource::Core, none).ok();
    }
}
