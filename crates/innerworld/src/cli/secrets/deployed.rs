//! `set` at work, in an executable that can reach the service.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use innerworld_aws::{Put, Stage, advice, configuration};
use innerworld_core::error::{ErrorKind, PortError};
use serde_json::json;

use super::{
    Set, Slot,
    shape::{self, Sound},
};
use crate::{
    cli::{output, remote},
    config::storage::AwsConfig,
    wire::stores,
};

impl Set {
    fn id(&self, config: &AwsConfig) -> String {
        let given = self.place.id.clone();
        given.unwrap_or_else(|| self.which.id(&config.prefix))
    }

    fn tell(&self, id: &str, done: &str, sound: Option<&Sound>) -> anyhow::Result<ExitCode> {
        let warnings = sound
            .map(|sound| sound.warnings.as_slice())
            .unwrap_or_default();
        if self.place.json {
            let fields = sound.map(|sound| &sound.fields);
            output::json(&json!({
                "id": id, "done": done, "fields": fields, "warnings": warnings,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for warning in warnings {
            output::line(format!("warning: {warning}"))?;
        }
        let which = self.which.name();
        output::line(match done {
            "made" => format!("made {id}; the value is in use"),
            "put" => format!("{id} has a new value; programs that run take it within 5 minutes"),
            "waits" => format!(
                "the value waits beside the one in use; once it was tried, run `innerworld secrets \
                 set {which} --id {id} --promote`"
            ),
            _ => format!(
                "the value that waited is in use; programs that run take it within 5 minutes: {id}"
            ),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Sends a value that was checked.
pub(super) fn set(set: &Set, config: &AwsConfig, sound: &Sound) -> anyhow::Result<ExitCode> {
    let id = set.id(config);
    let stage = match set.stage {
        Slot::Current => Stage::Current,
        Slot::Pending => Stage::Pending,
    };
    let key = stores::kms_key(config);
    let put = remote::block_on(async {
        let secrets = stores::secrets(config, &configuration().await);
        match secrets.put((&id, &key), &sound.value, stage).await {
            Err(error) if error.kind() == ErrorKind::NotFound => bail!(
                "{id} is not there, so nothing can wait beside it: put the first value without \
                 --stage pending"
            ),
            put => put.map_err(explained),
        }
    })?;
    let done = match (put, stage) {
        (Put::Made, _) => "made",
        // The first version of a secret is in use whatever slot it was put into.
        (Put::Added { in_use: true }, _) => "put",
        (Put::Added { in_use: false }, _) => "waits",
    };
    set.tell(&id, done, Some(sound))
}

/// Puts the value that waits into use, if it is one.
pub(super) fn promote(set: &Set, config: &AwsConfig) -> anyhow::Result<ExitCode> {
    let id = set.id(config);
    remote::block_on(async {
        let secrets = stores::secrets(config, &configuration().await);
        let waiting = secrets.read(&id, Stage::Pending).await.map_err(explained)?;
        let versions = secrets.versions(&id).await.map_err(explained)?;
        let pending = versions.and_then(|versions| versions.pending);
        let (Some(value), Some(_)) = (waiting, pending) else {
            bail!("no value of {id} waits: put one with --stage pending");
        };
        let told = shape::told(set.which, &value).map_err(anyhow::Error::msg);
        let told = told.context("what waits is no value of this secret; nothing was changed")?;
        anyhow::ensure!(
            told.configured,
            "what waits is a placeholder; nothing was changed"
        );
        secrets.promote(&id).await.map_err(explained)
    })?;
    set.tell(&id, "promoted", None)
}

/// An error with what to do about it.
fn explained(error: PortError) -> anyhow::Error {
    match advice(&error) {
        Some(advice) => anyhow::Error::new(error).context(advice),
        None => error.into(),
    }
}
