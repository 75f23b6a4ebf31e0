//! `innerworld doctor`: touches what the server depends on. It changes nothing but a probe file
//! that it removes again, and works beside a running server. With `--aws` it looks over a deployment
//! instead of this machine.

mod deployment;
mod local;
mod network;
mod stores;

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
    #[command(flatten)]
    deployment: deployment::Flags,
}

impl Doctor {
    /// Exit code 0: nothing is down. 1: something is, or the configuration has mistakes.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let loaded = self.config.load(&ListenFlags::default())?;
        telemetry::init(&loaded.config.telemetry)?;
        if self.deployment.aws {
            return self.deployment.run(&loaded, self.json);
        }
        let mut checks = local::checks(&loaded);
        checks.extend(stores::checks(&loaded));
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
                    HealthState::Degraded => "warn",
                    HealthState::Down => "FAIL",
                };
                output::line(format!("{word:5} {name:13} {detail}"))?;
            }
            for warning in &loaded.warnings {
                output::line(format!("warn  {:13} {warning}", "configuration"))?;
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
