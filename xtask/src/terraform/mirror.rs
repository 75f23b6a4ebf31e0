//! The stub, laid out as Terraform looks for a provider on disk.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use clap::Args;

use super::schema;
use crate::{
    process::{cargo, output, run, say},
    workspace::{root, target},
};

/// The version that the roots' constraints are met with.
const VERSION: &str = "6.25.0";

/// What is tested needs 1.5; the tests themselves need mocks that give values to a plan.
const OLDEST_MINOR: u32 = 11;

/// Build the stand-in for the AWS provider and say how to use it for a Terraform of your own
#[derive(Debug, Args)]
pub(super) struct Lay {}

impl Lay {
    #[expect(clippy::unused_self, reason = "every command is run the same way")]
    pub(super) fn run(self) -> anyhow::Result<()> {
        for (name, value) in Mirror::lay()?.variables() {
            say(&format!("export {name}={value}"));
        }
        Ok(())
    }
}

/// A folder that stands for the registry, and the setting that makes Terraform look nowhere else.
#[derive(Debug)]
pub(super) struct Mirror {
    settings: PathBuf,
}

impl Mirror {
    /// Builds the stub and lays it out.
    pub(super) fn lay() -> anyhow::Result<Self> {
        present()?;
        run(cargo().args(["build", "--quiet", "--package", "tf-stub"]))?;
        let target = target()?;
        let folder = target.join("tf");
        let mirror = folder.join("mirror");
        if mirror.exists() {
            fs::remove_dir_all(&mirror).context("could not empty the mirror")?;
        }
        let host = host(&folder)?;
        let place = mirror.join(format!("{host}/aws/{VERSION}/{}", platform()?));
        fs::create_dir_all(&place)?;
        let program = place.join(format!("terraform-provider-aws_v{VERSION}_x5"));
        let built = target.join("debug/tf-stub");
        fs::copy(&built, program).with_context(|| format!("could not copy {}", built.display()))?;
        fs::copy(root().join(schema::FILE), place.join("schema.json"))
            .with_context(|| format!("could not copy {}", schema::FILE))?;
        let settings = folder.join("offline.tfrc");
        let path = serde_json::to_string(&mirror.display().to_string())?;
        let setting = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n"
        );
        fs::write(&settings, setting)?;
        Ok(Self { settings })
    }

    /// What Terraform is told in its environment.
    pub(super) fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("TF_CLI_CONFIG_FILE", self.settings.display().to_string()),
            // The stub has no certificate.
            ("TF_DISABLE_PLUGIN_TLS", "1".to_owned()),
            // It asks nobody for a newer version of itself.
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("TF_IN_AUTOMATION", "1".to_owned()),
        ]
    }
}

/// Fails, saying what to install, if there is no Terraform that can run the tests.
fn present() -> anyhow::Result<()> {
    let how = "missing prerequisite: terraform (1.11 or newer, tried with 1.11.4); get it from \
               https://developer.hashicorp.com/terraform/install";
    let Ok(told) = output(Command::new("terraform").arg("version")) else {
        bail!("{how}");
    };
    let version = told
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("Terraform v"));
    let mut numbers = version.into_iter().flat_map(|version| version.split('.'));
    let mut number = || numbers.next()?.parse::<u32>().ok();
    match (number(), number()) {
        (Some(1), Some(minor)) if minor >= OLDEST_MINOR => Ok(()),
        _ => bail!(
            "{how}; this one is {}",
            told.lines().next().unwrap_or_default()
        ),
    }
}

/// The registry's host and the provider's namespace, as this Terraform writes them: asked in a root that
/// has nothing else, since the question fails where modules are not installed.
fn host(folder: &Path) -> anyhow::Result<String> {
    let asked = folder.join("host");
    fs::create_dir_all(&asked)?;
    fs::write(
        asked.join("main.tf"),
        "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n",
    )?;
    let told = output(
        Command::new("terraform")
            .arg("providers")
            .current_dir(&asked)
            .env("CHECKPOINT_DISABLE", "1"),
    )?;
    let found = told
        .split(['[', ']'])
        .find_map(|part| part.strip_suffix("/aws"));
    Ok(found
        .context("terraform names no host of providers")?
        .to_owned())
}

fn platform() -> anyhow::Result<String> {
    let told = output(Command::new("terraform").args(["version", "-json"]))?;
    let told: serde_json::Value = serde_json::from_str(&told)?;
    let platform = told.get("platform").and_then(|value| value.as_str());
    Ok(platform.context("terraform names no platform")?.to_owned())
}
