//! The function `graph-reader`: the graph is read for the others.

use std::process::ExitCode;

use innerworld_lambda::{graph::reader::ReadGraph, run};

fn main() -> ExitCode {
    run::run::<ReadGraph>(std::env::vars())
}
