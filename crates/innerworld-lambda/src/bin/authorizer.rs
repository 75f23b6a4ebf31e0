//! The function `authorizer`: who may open a socket.

use std::process::ExitCode;

use innerworld_lambda::{authorizer::Authorizer, run};

fn main() -> ExitCode {
    run::run::<Authorizer>(std::env::vars())
}
