//! The only place that writes to standard output, and beside it to standard error.

use std::io::{self, Write};

use serde::Serialize;

/// Writes a line. A reader that went away (`| head`) is not an error.
pub(crate) fn line(text: impl AsRef<str>) -> anyhow::Result<()> {
    write(&format!("{}\n", text.as_ref()))
}

/// Writes text as it is.
pub(crate) fn write(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes one JSON value on one line.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string(value)?)
}

/// Writes a line to standard error: meant for the person at the terminal, no part of the output.
pub(crate) fn aside(text: &str) -> anyhow::Result<()> {
    match writeln!(anstream::stderr().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
