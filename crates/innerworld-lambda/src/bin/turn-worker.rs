//! The function `turn-worker`: the making of one answer.

use std::process::ExitCode;

use innerworld_lambda::{run, turn::Turn};

fn main() -> ExitCode {
    run::run::<Turn>(std::env::vars())
}
