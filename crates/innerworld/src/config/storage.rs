//! `[storage]` and `[storage.aws]`: where everything is kept.

#[cfg(feature = "aws")]
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::uri::Authority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Mistake, Mistakes};

/// Where everything is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageConfig {
    /// `files` in the data folder of this machine, or `aws`: tables of DynamoDB, sealed under keys that KMS
    /// wraps, for an executable that was built with the feature `aws`.
    pub(crate) backend: Backend,
    /// File of the 32-byte master key, mode 0600. Unset, it is made in the data folder, which is
    /// for development: in production it lies outside that folder and is backed up apart.
    pub(crate) master_key_file: Option<PathBuf>,
    /// Tables and keys on AWS. Account, region and private endpoints come from the variables that AWS's own
    /// tools read.
    pub(crate) aws: AwsConfig,
}

/// A kind of storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Backend {
    /// Files on this machine.
    #[default]
    Files,
    /// Tables on AWS.
    Aws,
}

/// Tables and keys on AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AwsConfig {
    /// What the names of all tables begin with.
    pub(crate) prefix: String,
    /// The KMS key that wraps the teens' keys: id, ARN or alias; unset, `alias/<prefix>`.
    pub(crate) kms_key: Option<String>,
    /// Address of the FIFO queue that takes safety changes while the tables fail. Unset, they wait in the
    /// memory of this process.
    pub(crate) safety_spool_url: Option<String>,
    /// Where other servers reach this one's listener, like `http://10.0.1.7`, with a port where it is not the
    /// listener's own: several servers share the tables then, each with an address of its own. Unset, this
    /// server has the tables to itself.
    pub(crate) address: Option<String>,
}

impl Default for AwsConfig {
    fn default() -> Self {
        Self {
            prefix: "innerworld-prod".to_owned(),
            kms_key: None,
            safety_spool_url: None,
            address: None,
        }
    }
}

/// Longest prefix: a table's name has at most 255 characters.
const MAX_PREFIX: usize = 200;

impl StorageConfig {
    /// What this executable cannot do, and names that no table can have.
    pub(super) fn check(&self, found: &mut Vec<Mistake>) {
        if self.backend != Backend::Aws {
            return;
        }
        if !cfg!(feature = "aws") {
            let message = "this executable was built without it: build one with `--features aws`";
            found.push(Mistake::of("storage.backend", message));
        }
        if !is_prefix(&self.aws.prefix) {
            found.push(Mistake::of("storage.aws.prefix", PREFIX));
        }
        if let Some(address) = &self.aws.address
            && !is_address(address)
        {
            found.push(Mistake::of("storage.aws.address", ADDRESS));
        }
    }
}

impl AwsConfig {
    /// Where other servers reach the listener at `listen`, if there are any.
    #[cfg(feature = "aws")]
    pub(crate) fn reached_at(&self, listen: SocketAddr) -> Option<String> {
        let address = self.address.as_ref()?;
        let place = address.strip_prefix("http://").map(str::parse::<Authority>);
        let has_port = place.is_some_and(|place| place.is_ok_and(|place| place.port().is_some()));
        Some(if has_port {
            address.clone()
        } else {
            format!("{address}:{}", listen.port())
        })
    }

    /// The same for a verb that looks at a deployment, whether or not this machine keeps its data there:
    /// under this prefix, if one is given.
    pub(crate) fn with_prefix(&self, prefix: Option<&str>) -> Result<Self, Mistakes> {
        let chosen = prefix.unwrap_or(&self.prefix);
        if !is_prefix(chosen) {
            let mistake = match prefix {
                Some(_) => Mistake::of_variable("--prefix", PREFIX),
                None => Mistake::of("storage.aws.prefix", PREFIX),
            };
            return Err(Mistakes(vec![mistake]));
        }
        Ok(Self {
            prefix: chosen.to_owned(),
            ..self.clone()
        })
    }
}

/// What a prefix is.
const PREFIX: &str = "has 1 to 200 letters, digits, `-`, `_` or `.`";

/// What an address is.
const ADDRESS: &str = "is http://, a host and perhaps a port, and nothing more: http://10.0.1.7";

fn is_address(text: &str) -> bool {
    let place = text.strip_prefix("http://").map(str::parse::<Authority>);
    let place = place.and_then(Result::ok);
    place.is_some_and(|place| !place.as_str().contains('@') && !place.as_str().ends_with(':'))
}

fn is_prefix(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=MAX_PREFIX).contains(&text.len()) && text.bytes().all(allowed)
}
