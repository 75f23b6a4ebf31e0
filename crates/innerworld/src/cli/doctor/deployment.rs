//! `innerworld doctor --aws`: a deployment, part by part.

#[cfg(feature = "aws")]
mod report;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::config::Loaded;

/// Neptune's port.
const GRAPH_PORT: u16 = 8_182;

/// What is looked at, and with what.
#[derive(Debug, Args)]
#[command(next_help_heading = "A deployment on AWS")]
pub(super) struct Flags {
    /// Look over a deployment instead of this machine: tables, keys, secrets, queues, token, graph
    #[arg(long)]
    pub(super) aws: bool,
    /// What the names of the deployment begin with [default: `storage.aws.prefix`]
    #[arg(long, value_name = "PREFIX", requires = "aws")]
    prefix: Option<String>,
    /// File with an access token of the user pool to try at the door; `-` is standard input
    #[arg(long, value_name = "FILE", requires_all = ["aws", "user_pool"])]
    token_file: Option<PathBuf>,
    /// Id of the user pool
    #[arg(long, value_name = "ID", requires_all = ["aws", "client"])]
    user_pool: Option<String>,
    /// Id of its app client
    #[arg(long, value_name = "ID", requires = "user_pool")]
    client: Option<String>,
    /// Where the user pool's keys are read, if not at AWS
    #[arg(long, value_name = "URL", requires = "user_pool")]
    user_pool_endpoint: Option<String>,
    /// Host of the Neptune cluster, and its port if that is another than 8182
    #[arg(long, value_name = "HOST[:PORT]", requires = "aws", value_parser = place)]
    neptune: Option<GraphPlace>,
}

/// Where a graph database is.
#[derive(Clone, Debug)]
struct GraphPlace {
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "nobody is asked"))]
    host: String,
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "nobody is asked"))]
    port: u16,
}

fn place(text: &str) -> Result<GraphPlace, String> {
    let (host, port) = match text.rsplit_once(':') {
        None => (text, GRAPH_PORT),
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, port),
            Err(_) => return Err("give HOST or HOST:PORT, without https://".to_owned()),
        },
    };
    Ok(GraphPlace {
        host: host.to_owned(),
        port,
    })
}

impl Flags {
    #[cfg(feature = "aws")]
    pub(super) fn run(&self, loaded: &Loaded, json: bool) -> anyhow::Result<ExitCode> {
        report::run(self, loaded, json)
    }

    #[cfg(not(feature = "aws"))]
    pub(super) fn run(&self, loaded: &Loaded, _json: bool) -> anyhow::Result<ExitCode> {
        let _checked = loaded
            .config
            .storage
            .aws
            .with_prefix(self.prefix.as_deref())?;
        anyhow::bail!(
            "this executable was built without the services of AWS: build one with `--features aws`"
        )
    }
}
