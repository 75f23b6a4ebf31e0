//! The function `cognito-post-confirmation`: a confirmed teen's key.

use std::process::ExitCode;

use innerworld_lambda::{cognito::PostConfirmation, run};

fn main() -> ExitCode {
    run::run::<PostConfirmation>(std::env::vars())
}
