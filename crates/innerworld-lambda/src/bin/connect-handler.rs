//! The function `connect-handler`: a socket opens.

use std::process::ExitCode;

use innerworld_lambda::{connect::Connect, run};

fn main() -> ExitCode {
    run::run::<Connect>(std::env::vars())
}
