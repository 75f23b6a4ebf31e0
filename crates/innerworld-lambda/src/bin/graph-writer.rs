//! The function `graph-writer`: what waits for the graph is written.

use std::process::ExitCode;

use innerworld_lambda::{graph::writer::WriteGraph, run};

fn main() -> ExitCode {
    run::run::<WriteGraph>(std::env::vars())
}
