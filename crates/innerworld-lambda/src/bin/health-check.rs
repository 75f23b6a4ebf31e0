//! The function `health-check`: what the deployment consists of, touched.

use std::process::ExitCode;

use innerworld_lambda::{health::Health, run};

fn main() -> ExitCode {
    run::run::<Health>(std::env::vars())
}
