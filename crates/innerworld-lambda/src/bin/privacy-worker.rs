//! The function `privacy-worker`: teens are erased, and what is kept of them is exported.

use std::process::ExitCode;

use innerworld_lambda::{privacy::Privacy, run};

fn main() -> ExitCode {
    run::run::<Privacy>(std::env::vars())
}
