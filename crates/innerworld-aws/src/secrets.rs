//! Secrets: described without being read, read, and replaced in two slots.
//!
//! A third party's key cannot rotate by itself. So a new one is put beside the present one
//! (`AWSPENDING`), tried by hand, and promoted; until then every reader has the present one, which
//! is always asked for by its stage.

mod read;
mod write;

use aws_config::SdkConfig;
use innerworld_core::error::PortError;
use std::time::Duration;

pub use self::{read::Versions, write::Put};
use crate::{fault::failed, open::once};

/// What can be told of a secret without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// It has a version that is read.
    Present,
    /// It is there, and has no version that is read.
    Empty,
    /// It will be deleted.
    Ending,
}

/// A slot of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The version that is in use.
    Current,
    /// The version that waits to be promoted.
    Pending,
}

impl Stage {
    /// The service's name for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Pending => "AWSPENDING",
        }
    }
}

/// The secrets of one account and region.
#[derive(Clone, Debug)]
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
}

impl Secrets {
    /// Secrets of the account and region that `config` names; a call takes `timeout` at most.
    pub fn new(config: &SdkConfig, timeout: Duration) -> Self {
        Self {
            client: aws_sdk_secretsmanager::Client::new(&once(config, timeout)),
        }
    }

    /// What the secret `id` is like.
    pub async fn describe(&self, id: &str) -> Result<SecretState, PortError> {
        let answer = self
            .client
            .describe_secret()
            .secret_id(id)
            .send()
            .await
            .map_err(|error| failed("describe a secret", &error))?;
        let versions = Versions::of(answer);
        Ok(if versions.ending {
            SecretState::Ending
        } else if versions.current.is_some() {
            SecretState::Present
        } else {
            SecretState::Empty
        })
    }
}
