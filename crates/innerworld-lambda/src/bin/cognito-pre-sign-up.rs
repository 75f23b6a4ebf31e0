//! The function `cognito-pre-sign-up`: nobody below the age signs up with a birth date.

use std::process::ExitCode;

use innerworld_lambda::{cognito::PreSignUp, run};

fn main() -> ExitCode {
    run::run::<PreSignUp>(std::env::vars())
}
