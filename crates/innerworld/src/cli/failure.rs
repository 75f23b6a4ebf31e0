//! How a failure reaches the person at the terminal.

use std::{io::Write, process::ExitCode};

use clap::builder::styling::AnsiColor;

/// Prints the error and its causes to standard error; the exit code is 1.
pub(crate) fn tell(error: &anyhow::Error) -> ExitCode {
    let red = AnsiColor::Red.on_default().bold();
    let causes = error
        .chain()
        .skip(1)
        .map(|cause| format!("  because: {cause}\n"));
    let text = format!("{red}error:{red:#} {error}\n{}", causes.collect::<String>());
    // Nothing is left to do if standard error itself is gone.
    drop(anstream::stderr().write_all(text.as_bytes()));
    ExitCode::FAILURE
}
