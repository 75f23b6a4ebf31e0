//! The executable as a person at a terminal meets it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test helpers"
)]

mod apple;
mod at_the_door;
mod bad_frames;
mod bad_input;
pub(crate) mod canary;
mod chat;
mod check_config;
mod consent;
mod cost;
mod crashes;
mod deployment;
mod doctor;
mod draw;
mod erase;
mod extract;
mod extraction;
mod floods;
mod full_disk;
mod guest;
mod help;
mod idempotency;
mod identity;
mod jumps;
mod life;
mod link;
mod lost_answers;
#[cfg(feature = "minilm")]
mod minilm;
mod notices;
mod observed;
mod operator;
mod origins;
mod output_filter;
mod own_memory;
mod poison;
mod production;
mod replay;
mod report;
mod safety_away;
mod safety_files;
mod scenarios;
mod second_look;
mod secrets;
mod serving;
mod silent_model;
mod smtp;
mod sockets;
mod strangers;
mod talk;
mod token;
mod world;
mod zones;

use std::process::{Command, Output};

/// The executable with an empty environment and its data folder in `home`.
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
