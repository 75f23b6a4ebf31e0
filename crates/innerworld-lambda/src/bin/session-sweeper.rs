//! The function `session-sweeper`: what no frame and no message comes for.

use std::process::ExitCode;

use innerworld_lambda::{run, sweeper::Sweep};

fn main() -> ExitCode {
    run::run::<Sweep>(std::env::vars())
}
