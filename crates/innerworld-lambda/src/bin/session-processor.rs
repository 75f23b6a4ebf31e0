//! The function `session-processor`: what was said in a session that ended becomes memory.

use std::process::ExitCode;

use innerworld_lambda::{remember::Remember, run};

fn main() -> ExitCode {
    run::run::<Remember>(std::env::vars())
}
