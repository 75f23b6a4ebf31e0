//! The verbs at work, in an executable that can reach the tables.

use std::process::ExitCode;

use anyhow::Context as _;
use innerworld_aws::Tables as Deployed;
use serde_json::json;

use super::{Common, Verb};
use crate::{
    cli::{flags::ListenFlags, output},
    wire,
};

/// Runs one of them.
pub(super) fn run(verb: &Verb) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    match verb {
        Verb::Create(common) => runtime.block_on(common.create()),
        Verb::Check(common) => runtime.block_on(common.check()),
    }
}

impl Common {
    async fn deployed(&self) -> anyhow::Result<Deployed> {
        let loaded = self.config.load(&ListenFlags::default())?;
        Ok(wire::stores::deployed(&loaded.config.storage.aws).await)
    }

    async fn create(&self) -> anyhow::Result<ExitCode> {
        let made = self.deployed().await?.create().await?;
        if self.json {
            output::json(&json!({ "made": made }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for table in &made {
            output::line(format!("made {table}"))?;
        }
        if made.is_empty() {
            output::line("all tables are there already")?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn check(&self) -> anyhow::Result<ExitCode> {
        let differences = self.deployed().await?.differences().await?;
        if self.json {
            let listed: Vec<_> = differences
                .iter()
                .map(|found| json!({ "table": found.table, "what": found.what }))
                .collect();
            output::json(&json!({ "ok": listed.is_empty(), "differences": listed }))?;
        } else {
            for found in &differences {
                output::line(format!("{} {}", found.table, found.what))?;
            }
            if differences.is_empty() {
                output::line("all tables are as they must be")?;
            }
        }
        Ok(if differences.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
