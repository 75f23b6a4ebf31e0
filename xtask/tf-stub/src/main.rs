//! A Terraform plugin that knows the schema of the AWS provider and nothing else.
//!
//! `terraform validate`, and `terraform test` with a mocked provider, ask a provider for its schema only.
//! This program gives it, from the file `schema.json` beside it, and refuses whatever would need AWS: no
//! plan of a real account can be made with it.
//!
//! It speaks plugin protocol 6 in the clear: Terraform must be started with `TF_DISABLE_PLUGIN_TLS=1`.

mod messages;
mod schema;
mod service;

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, ensure};
use tonic::transport::{Server, server::TcpIncoming};

use crate::{schema::File, service::Stub};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Terraform shows a plugin's standard error in its own.
            writeln!(std::io::stderr(), "tf-stub: {error:#}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    ensure!(
        variable("TF_PLUGIN_MAGIC_COOKIE").is_some(),
        "this is an offline schema stub for Terraform, started by `cargo xtask terraform` alone"
    );
    ensure!(
        variable("TF_DISABLE_PLUGIN_TLS").is_some(),
        "start Terraform with TF_DISABLE_PLUGIN_TLS=1: this stub has no TLS"
    );
    let schema = beside()?;
    let text =
        std::fs::read(&schema).with_context(|| format!("could not read {}", schema.display()))?;
    let file: File = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a schema", schema.display()))?;
    let stub = Stub::new(file.answer()?);
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).context("no free port")?;
    let address = incoming.local_addr().context("no address")?;
    // Core protocol 1, plugin protocol 6, and no certificate.
    writeln!(std::io::stdout(), "1|6|tcp|{address}|grpc").context("nobody listens")?;
    let stopped = stub.stopped();
    Server::builder()
        .serve_with_incoming_shutdown(stub, incoming, stopped)
        .await
        .context("could not serve")
}

/// The schema lies beside this program, so that a new one needs no build.
fn beside() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("could not find this program's own file")?;
    Ok(own.with_file_name("schema.json"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "Terraform hands its wishes over in the environment alone"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
