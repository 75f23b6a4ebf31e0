//! The function `cognito-custom-message`: mails in the product's words.

use std::process::ExitCode;

use innerworld_lambda::{cognito::CustomMessage, run};

fn main() -> ExitCode {
    run::run::<CustomMessage>(std::env::vars())
}
