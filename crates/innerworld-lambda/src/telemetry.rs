//! Logs of a function: JSON on standard error, which Lambda collects.

use tracing_subscriber::{EnvFilter, fmt};

/// Ours at `warn`, and at `debug` if asked for. Others never say more than warnings: the SDK's own
/// debug lines hold what is sent.
fn filter(debug: bool) -> EnvFilter {
    let ours = if debug {
        "warn,innerworld_lambda=debug,innerworld_aws=debug,innerworld_core=debug"
    } else {
        "warn"
    };
    EnvFilter::new(ours)
}

/// Installs the subscriber of this process.
pub(crate) fn init(debug: bool) {
    let installed = fmt()
        .with_env_filter(filter(debug))
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .json()
        .flatten_event(true)
        .try_init();
    // One that is there already stays: a test's.
    installed.unwrap_or_default();
}
