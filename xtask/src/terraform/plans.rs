//! What Terraform would make of each example file: one plan each, which every check of the whole reads.

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{events::Told, jobs, suite::Offline};

/// Where the deployment's root and that of its state lie.
const PROD: &str = "environments/prod";
const STATE: &str = "shared";

/// The account, region and ids that plans are made with.
pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const PREFIX: &str = "innerworld-prod";

/// A run that plans. Values that only AWS knows are invented where policies or addresses hold them.
const WHOLE: &str = r#"mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      id           = "api0000000"
      api_endpoint = "wss://api0000000.execute-api.us-east-1.amazonaws.com"
    }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = {
      id       = "us-east-1_AbCdEfGhI"
      arn      = "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_AbCdEfGhI"
      endpoint = "cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI"
    }
  }
  mock_resource "aws_cognito_user_pool_client" {
    defaults = { id = "client000" }
  }
  mock_resource "aws_kms_key" {
    defaults = {
      arn    = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000"
      key_id = "00000000-0000-0000-0000-000000000000"
    }
  }
  mock_resource "aws_neptune_cluster" {
    defaults = {
      cluster_resource_id = "cluster-GRAPH"
      endpoint            = "graph.cluster.example"
      reader_endpoint     = "graph.cluster-ro.example"
    }
  }
}

run "planned" {
  command = plan
}
"#;

/// What is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// `terraform.tfvars.example`
    Recommended,
    /// `terraform.tfvars.pilot.example`
    Pilot,
    /// `terraform.tfvars.seed.example`
    Seed,
    /// The state's own root, by its defaults.
    State,
}

impl Profile {
    /// The deployments, and the state that they are kept in.
    pub(super) const ALL: [Self; 4] = [Self::Seed, Self::Recommended, Self::Pilot, Self::State];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Recommended => "recommended",
            Self::Pilot => "pilot",
            Self::Seed => "seed",
            Self::State => "state",
        }
    }

    const fn place(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Recommended => (PROD, Some("terraform.tfvars.example")),
            Self::Pilot => (PROD, Some("terraform.tfvars.pilot.example")),
            Self::Seed => (PROD, Some("terraform.tfvars.seed.example")),
            Self::State => (STATE, None),
        }
    }
}

/// A plan.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) profile: Profile,
    pub(super) resources: Vec<Resource>,
    /// Outputs that are known before anything is made.
    pub(super) outputs: Map<String, Value>,
}

/// A resource that would be made.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) address: String,
    pub(super) kind: String,
    /// Its arguments, without what AWS would say.
    pub(super) values: Value,
}

#[derive(Deserialize)]
struct Document {
    resource_changes: Vec<Changed>,
    #[serde(default)]
    output_changes: Map<String, Value>,
}

#[derive(Deserialize)]
struct Changed {
    address: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    actions: Vec<String>,
    after: Value,
}

/// Makes all plans.
pub(super) fn make(offline: &Offline<'_>) -> anyhow::Result<Vec<Plan>> {
    for folder in [PROD, STATE] {
        let tests = offline.scratch.folder.join(folder).join("tests");
        fs::create_dir_all(&tests)?;
        fs::write(tests.join("whole.tftest.hcl"), WHOLE)?;
    }
    jobs::all(Profile::ALL.to_vec(), |profile| {
        one(offline, profile).with_context(|| format!("the profile {} has no plan", profile.name()))
    })?
    .into_iter()
    .collect()
}

fn one(offline: &Offline<'_>, profile: Profile) -> anyhow::Result<Plan> {
    let (folder, variables) = profile.place();
    let file = variables.map(|file| format!("-var-file={file}"));
    let mut arguments = vec![
        "test",
        "-json",
        "-verbose",
        "-filter=tests/whole.tftest.hcl",
    ];
    arguments.extend(file.as_deref());
    let output = offline.run(Path::new(folder), &arguments)?;
    let mut told = Told::read(&String::from_utf8_lossy(&output.stdout));
    ensure!(told.errors.is_empty(), "{}", told.errors.join("\n"));
    let plan = told.plans.pop().context("terraform told of no plan")?;
    Plan::read(profile, plan)
}

impl Plan {
    fn read(profile: Profile, plan: Value) -> anyhow::Result<Self> {
        let document: Document = serde_json::from_value(plan)?;
        let made = document.resource_changes.into_iter().filter(|changed| {
            changed.mode == "managed" && changed.change.actions.iter().any(|one| one == "create")
        });
        let resources = made.map(|changed| Resource {
            address: changed.address,
            kind: changed.kind,
            values: changed.change.after,
        });
        let mut resources: Vec<_> = resources.collect();
        resources.sort_by(|one, other| one.address.cmp(&other.address));
        let outputs = document
            .output_changes
            .into_iter()
            .filter_map(|(name, change)| {
                let after = change.get("after").filter(|after| !after.is_null())?;
                Some((name, after.clone()))
            });
        Ok(Self {
            profile,
            resources,
            outputs: outputs.collect(),
        })
    }

    /// The resources of one type.
    pub(super) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |one| one.kind == kind)
    }
}

impl Resource {
    /// An argument, by its path: `/environment/0/variables`.
    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        self.values.pointer(path).filter(|value| !value.is_null())
    }

    /// A text, by its path.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Value::as_str)
    }

    /// A list of nested blocks, or nothing.
    pub(super) fn list(&self, path: &str) -> &[Value] {
        self.at(path)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }
}
