//! What is there: `check` at work, and the lines of `doctor --aws`.

use std::process::ExitCode;

use innerworld_aws::{Secrets, Stage, advice, configuration};
use innerworld_core::error::PortError;
use serde::Serialize;
use serde_json::json;

use super::{
    Check, Which,
    shape::{self, Told},
};
use crate::{
    cli::{output, remote},
    wire::stores,
};

impl Which {
    /// Its name under a prefix, as Terraform makes it.
    pub(crate) fn id(self, prefix: &str) -> String {
        match self {
            Self::Model => format!("{prefix}/openai/api-key"),
            Self::Apple => format!("{prefix}/apple/signin-key"),
        }
    }

    /// Its name in verbs and reports.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Apple => "apple",
        }
    }
}

/// What is known of one secret.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// `model` or `apple`.
    secret: &'static str,
    id: String,
    /// What was found.
    pub(crate) state: State,
    /// Whether a value waits to be promoted.
    pending: bool,
    #[serde(flatten)]
    told: Told,
    /// What follows its id in a sentence.
    detail: String,
}

/// What a secret is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// A value is in use.
    Configured,
    /// The value in use is a placeholder.
    NotConfigured,
    /// There is no such secret, or it has no value in use.
    Absent,
    /// It is going to be deleted.
    Ending,
    /// The value in use cannot be one.
    Invalid,
    /// It could not be found out.
    Unknown,
}

impl State {
    /// Whether somebody must act.
    pub(crate) const fn is_wrong(self) -> bool {
        !matches!(self, Self::Configured | Self::NotConfigured)
    }
}

impl Line {
    /// A sentence for the operator.
    pub(crate) fn told(&self) -> String {
        format!("{} {}", self.id, self.detail)
    }

    /// What is worth a look although it works.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.told.warnings
    }
}

/// Says what is there.
pub(super) fn check(check: &Check) -> anyhow::Result<ExitCode> {
    let config = check.place.read()?;
    let wanted = match check.which {
        Some(which) => vec![which],
        None => vec![Which::Model, Which::Apple],
    };
    let lines = remote::block_on(async {
        let secrets = stores::secrets(&config, &configuration().await);
        let mut lines = Vec::new();
        for which in wanted {
            let id = check.place.id.clone();
            let id = id.unwrap_or_else(|| which.id(&config.prefix));
            lines.push(look(&secrets, which, id).await);
        }
        Ok(lines)
    })?;
    let ok = !lines.iter().any(|line| line.state.is_wrong());
    if check.place.json {
        output::json(&json!({ "ok": ok, "secrets": lines }))?;
    } else {
        for line in &lines {
            tell(line)?;
        }
    }
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(line: &Line) -> anyhow::Result<()> {
    let word = match line.state {
        State::Configured => "ok",
        State::NotConfigured => "warn",
        _ => "FAIL",
    };
    let name = line.secret;
    output::line(format!("{word:5} {name:6} {}", line.told()))?;
    for (field, model) in &line.told.models {
        output::line(format!("      {name:6} {field} {model}"))?;
    }
    if line.pending {
        output::line(format!(
            "      {name:6} another value waits: `innerworld secrets set {name} --id {} --promote` puts it into use",
            line.id
        ))?;
    }
    for warning in line.warnings() {
        output::line(format!("warn  {name:6} {warning}"))?;
    }
    Ok(())
}

/// Looks at one secret; the value in use is read and forgotten.
pub(crate) async fn look(secrets: &Secrets, which: Which, id: String) -> Line {
    let name = which.name();
    let set = format!("put a value with `innerworld secrets set {name} --id {id}`");
    let mut line = Line {
        secret: name,
        id,
        state: State::Unknown,
        pending: false,
        told: Told::default(),
        detail: String::new(),
    };
    match secrets.versions(&line.id).await {
        Err(error) => line.detail = format!("could not be looked at: {}", said(&error)),
        Ok(None) => line.is(State::Absent, format!("is not there: {set}")),
        Ok(Some(versions)) if versions.ending => line.is(
            State::Ending,
            format!(
                "is going to be deleted: run `aws secretsmanager restore-secret --secret-id {}`",
                line.id
            ),
        ),
        Ok(Some(versions)) => {
            line.pending = versions.pending.is_some();
            line.read(secrets, which, &set).await;
        }
    }
    line
}

impl Line {
    fn is(&mut self, state: State, detail: String) {
        (self.state, self.detail) = (state, detail);
    }

    async fn read(&mut self, secrets: &Secrets, which: Which, set: &str) {
        let value = match secrets.read(&self.id, Stage::Current).await {
            Err(error) => {
                let detail = format!("is there, but could not be read: {}", said(&error));
                return self.is(State::Unknown, detail);
            }
            Ok(None) => {
                return self.is(State::Absent, format!("has no value in use: {set}"));
            }
            Ok(Some(value)) => value,
        };
        match shape::told(which, &value) {
            Err(wrong) => self.is(
                State::Invalid,
                format!("holds no such value ({wrong}): {set}"),
            ),
            Ok(told) => {
                let detail = format!("has {}", told.fields.join(", "));
                if told.configured {
                    self.is(State::Configured, detail);
                } else {
                    let without = match which {
                        Which::Model => "the offline persona answers",
                        Which::Apple => "an erase cannot take the grant at Apple back",
                    };
                    let detail = format!("is not configured, {without}: {set}");
                    self.is(State::NotConfigured, detail);
                }
                self.told = told;
            }
        }
    }
}

/// The same on one line.
fn said(error: &PortError) -> String {
    let cause = std::error::Error::source(error);
    let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
    let advice = advice(error).map(|advice| format!("; {advice}"));
    format!("{error}{cause}{}", advice.unwrap_or_default())
}
