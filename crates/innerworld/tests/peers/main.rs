//! The executable at programs that stand for the services of AWS, as whoever runs a deployment meets
//! it. `cargo xtask test --stage aws` starts them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

mod doctor;
mod graph;
mod place;
mod secrets;
#[path = "../it/serving.rs"]
#[expect(
    dead_code,
    reason = "what the other tests use of it is not needed here"
)]
mod serving;
mod several;

use std::process::{Command, Output};

/// The executable with an empty environment.
fn innerworld(home: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_innerworld"));
    command
        .env_clear()
        .env("HOME", home)
        .env("TZ", "Etc/UTC")
        .current_dir(home);
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
