//! Logs: plain lines for a terminal, JSON for a collector. Content never reaches them; the types
//! that hold content print `[redacted]`.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::telemetry::{LogFormat, TelemetryConfig};

/// Installs the subscriber of this process; logs go to standard error.
pub(crate) fn init(config: &TelemetryConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let builder = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Saying on standard error that standard error cannot be written would panic: where logs lie on
        // the disk that is full, it would cost a teen in danger the frame.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal() && !config.no_color);
    let installed = match config.format {
        LogFormat::Plain => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    installed.map_err(|error| anyhow::anyhow!("could not start logging: {error}"))
}
