//! `innerworld schema`: the machine-readable contracts, as they are generated into the reference.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::output;

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Which contract
    what: Contract,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Contract {
    /// Frames of the WebSocket, as JSON schema.
    Protocol,
    /// The HTTP API, as OpenAPI 3.1.
    Openapi,
}

impl Schema {
    /// Prints the document, indented.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let document = match self.what {
            Contract::Protocol => innerworld_protocol::schema::document(),
            Contract::Openapi => {
                innerworld_server::openapi::document(&innerworld_server::router::operations())
            }
        };
        output::line(serde_json::to_string_pretty(&document)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
