//! The function `account-api`: the HTTP routes.

use std::process::ExitCode;

use innerworld_lambda::{account::Account, run};

fn main() -> ExitCode {
    run::run::<Account>(std::env::vars())
}
