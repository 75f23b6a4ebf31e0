//! The function `disconnect-handler`: a socket closed.

use std::process::ExitCode;

use innerworld_lambda::{disconnect::Disconnect, run};

fn main() -> ExitCode {
    run::run::<Disconnect>(std::env::vars())
}
