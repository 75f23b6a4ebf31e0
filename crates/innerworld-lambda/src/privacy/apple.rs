//! Apple, told with the key that lies in a secret. It is read when it is needed: rarely, and not at all
//! where nobody signs in with Apple.

use async_trait::async_trait;
use innerworld_aws::{SdkConfig, Secrets, Stage};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::apple::{
        AppleService as _,
        client_secret::{AppleKey, KeyNames},
    },
    secret::{Secret, Text},
};
use innerworld_engine::revoke::Revokes;
use innerworld_models::apple::AppleHttp;
use serde::Deserialize;

use crate::{environment, start::CALL_TIMEOUT};

/// Who signs people in with Apple.
const ISSUER: &str = "https://appleid.apple.com";
const OPERATION: &str = "read the secret of Sign in with Apple";

/// Apple's identity service, and what this deployment proves itself with.
#[derive(Debug)]
pub(super) struct AppleBySecret {
    http: AppleHttp,
    issuer: String,
    secrets: Secrets,
    secret: String,
}

/// What the secret holds; a deployment without Sign in with Apple has empty fields.
#[derive(Deserialize)]
struct Held {
    #[serde(default)]
    team_id: String,
    #[serde(default)]
    key_id: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    private_key: String,
}

impl AppleBySecret {
    pub(super) fn new(
        config: &SdkConfig,
        identity: &environment::Identity,
    ) -> anyhow::Result<Self> {
        let issuer = identity.apple_issuer.as_deref().unwrap_or(ISSUER);
        Ok(Self {
            http: AppleHttp::new(issuer, identity.apple_issuer.is_some())?,
            issuer: issuer.to_owned(),
            secrets: Secrets::new(config, CALL_TIMEOUT),
            secret: identity.apple_secret.clone(),
        })
    }

    async fn key(&self) -> Result<AppleKey, PortError> {
        let unusable = || PortError::new(ErrorKind::Unavailable, OPERATION);
        let read = self.secrets.read(&self.secret, Stage::Current).await?;
        let read = read.ok_or_else(unusable)?;
        let held: Held = serde_json::from_str(read.reveal()).map_err(|_quotes| unusable())?;
        let names = KeyNames {
            team_id: held.team_id,
            key_id: held.key_id,
            client_id: held.client_id,
        };
        let key = Secret::new(held.private_key);
        AppleKey::parse(&key, names).map_err(|_empty_or_wrong| unusable())
    }
}

#[async_trait]
impl Revokes for AppleBySecret {
    async fn revoke(&self, refresh_token: &Text, now: Timestamp) -> Result<(), PortError> {
        let key = self.key().await?;
        let client = key.client_auth(&self.issuer, now)?;
        self.http.revoke(&client, refresh_token).await
    }
}
