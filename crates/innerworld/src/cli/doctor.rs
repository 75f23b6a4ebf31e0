//! `innerworld doctor`: touches what the server depends on. It changes nothing but a probe file
//! that it removes again.

mod local;
mod network;

use std::process::ExitCode;

use clap::Args;
use innerworld_core::health::{HealthCheck, HealthState};
use serde_json::json;

use super::{
    flags::{ConfigFlags, ListenFlags},
    output, remote,
};
use crate::telemetry;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    config: ConfigFlags,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Exit code 0: nothing is down. 1: something is, or the configuration has mistakes.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let loaded = self.config.load(&ListenFlags::default())?;
        telemetry::init(&loaded.config.telemetry)?;
        let mut checks = local::checks(&loaded);
        checks.extend(remote::block_on(network::checks(&loaded))?);
        let ok = checks.iter().all(|check| check.state != HealthState::Down);
        if self.json {
            output::json(&json!({ "ok": ok, "checks": checks, "warnings": loaded.warnings }))?;
        } else {
            for HealthCheck {
                name,
                state,
                detail,
            } in &checks
            {
                let word = match state {
                    HealthState::Ok => "ok",
                    HealthState::Degraded => "look",
                    HealthState::Down => "DOWN",
                };
                output::line(format!("{word:5} {name:12} {detail}"))?;
            }
            for warning in &loaded.warnings {
                output::line(format!("note  {warning}"))?;
            }
        }
        Ok(if ok {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn check(name: &'static str, state: HealthState, detail: impl Into<String>) -> HealthCheck {
    HealthCheck {
        name,
        state,
        detail: detail.into(),
    }
}
