//! `innerworld check-config`: every setting and where it came from, every mistake and its line.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    flags::{ConfigFlags, ListenFlags},
    output,
};
use crate::config::{Loaded, Mistakes, Origin, reference};

/// Arguments of `check-config`.
#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    #[command(flatten)]
    config: ConfigFlags,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Print the reference of all keys as Markdown instead of checking
    #[arg(long, conflicts_with_all = ["json", "config", "data_dir"])]
    reference: bool,
}

/// One effective value.
#[derive(Debug, Serialize)]
struct Setting {
    key: String,
    value: Value,
    from: String,
}

impl CheckConfig {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if self.reference {
            output::write(&reference::markdown())?;
            return Ok(ExitCode::SUCCESS);
        }
        match self.config.load(&ListenFlags::default()) {
            Ok(loaded) => self.show(&loaded),
            Err(mistakes) => self.refuse(mistakes),
        }
    }

    fn show(&self, loaded: &Loaded) -> anyhow::Result<ExitCode> {
        let settings = settings(loaded)?;
        if self.json {
            output::json(&json!({
                "ok": true, "file": loaded.file, "data_dir": loaded.data_dir,
                "settings": settings, "warnings": loaded.warnings, "mistakes": [],
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        match &loaded.file {
            Some(file) => output::line(format!("file         {}", file.display()))?,
            None => output::line("file         none")?,
        }
        output::line(format!("data folder  {}\n", loaded.data_dir.display()))?;
        let width = settings
            .iter()
            .map(|setting| setting.key.len())
            .max()
            .unwrap_or(0);
        for Setting { key, value, from } in &settings {
            let value = match value {
                Value::Null => "unset".to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            output::line(format!("{key:width$}  {value:28}  {from}"))?;
        }
        for warning in &loaded.warnings {
            output::line(format!("warning: {warning}"))?;
        }
        output::line("The configuration is good.")?;
        Ok(ExitCode::SUCCESS)
    }

    fn refuse(&self, mistakes: Mistakes) -> anyhow::Result<ExitCode> {
        if !self.json {
            return Err(mistakes.into());
        }
        output::json(&json!({ "ok": false, "mistakes": mistakes.0 }))?;
        Ok(ExitCode::FAILURE)
    }
}

/// Effective values by key; of secrets only whether they are set.
fn settings(loaded: &Loaded) -> anyhow::Result<Vec<Setting>> {
    let mut flat = Vec::new();
    flatten("", serde_json::to_value(&loaded.config)?, &mut flat);
    let mut settings: Vec<Setting> = flat
        .into_iter()
        .map(|(key, value)| Setting {
            from: origin(loaded, &key),
            key,
            value,
        })
        .collect();
    settings.sort_by(|a, b| a.key.cmp(&b.key));
    for provider in &loaded.config.providers {
        let is_set = loaded.secrets.api_keys.contains_key(&provider.name);
        settings.push(secret(
            format!("providers.{}.api_key", provider.name),
            is_set,
        ));
    }
    let is_set = loaded.secrets.smtp_password.is_some();
    settings.push(secret("mail.smtp_password".to_owned(), is_set));
    let is_set = loaded.secrets.apple_private_key.is_some();
    settings.push(secret("auth.apple.private_key".to_owned(), is_set));
    Ok(settings)
}

fn secret(key: String, is_set: bool) -> Setting {
    let value = Value::from(if is_set { "set" } else { "not set" });
    Setting {
        key,
        value,
        from: "secret".to_owned(),
    }
}

fn origin(loaded: &Loaded, key: &str) -> String {
    match loaded.origins.get(key) {
        None => "default".to_owned(),
        Some(Origin::File { line }) => format!("file, line {line}"),
        Some(Origin::Environment(name)) => name.clone(),
        Some(Origin::Flag(flag)) => (*flag).to_owned(),
    }
}

fn flatten(prefix: &str, value: Value, flat: &mut Vec<(String, Value)>) {
    let join = |name: &str| {
        if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        }
    };
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                flatten(&join(&name), inner, flat);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (n, inner) in list.into_iter().enumerate() {
                flatten(&join(&n.to_string()), inner, flat);
            }
        }
        leaf => flat.push((prefix.to_owned(), leaf)),
    }
}
