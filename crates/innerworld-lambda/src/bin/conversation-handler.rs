//! The function `conversation-handler`: a frame of a client.

use std::process::ExitCode;

use innerworld_lambda::{conversation::Conversation, run};

fn main() -> ExitCode {
    run::run::<Conversation>(std::env::vars())
}
