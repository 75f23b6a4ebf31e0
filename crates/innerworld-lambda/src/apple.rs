//! Sign in with Apple: a key in a secret by which Apple is told something, and names of the app by which it is
//! believed. The secret is read when it is needed: rarely, and not at all where nobody signs in with Apple.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_aws::{SdkConfig, Secrets, Stage};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::apple::{AppleService as _, event::AppleEvents},
    secret::Text,
};
use innerworld_engine::revoke::Revokes;
use innerworld_models::{apple::AppleHttp, secret::apple};
use innerworld_server::apple::{AppleKeys, Doubt, Trusted};

use crate::{environment, start::CALL_TIMEOUT};

/// Who signs people in with Apple.
const ISSUER: &str = "https://appleid.apple.com";
const OPERATION: &str = "read the secret of Sign in with Apple";

/// Apple's identity service, and what this deployment proves itself with.
#[derive(Debug)]
pub(crate) struct AppleBySecret {
    http: AppleHttp,
    issuer: String,
    secrets: Secrets,
    secret: String,
}

impl AppleBySecret {
    pub(crate) fn new(
        config: &SdkConfig,
        identity: &environment::Identity,
    ) -> anyhow::Result<Self> {
        let (issuer, http) = service(identity.apple_issuer.as_deref())?;
        Ok(Self {
            http,
            issuer,
            secrets: Secrets::new(config, CALL_TIMEOUT),
            secret: identity.apple_secret.clone(),
        })
    }
}

#[async_trait]
impl Revokes for AppleBySecret {
    async fn revoke(&self, refresh_token: &Text, now: Timestamp) -> Result<(), PortError> {
        let unusable = || PortError::new(ErrorKind::Unavailable, OPERATION);
        let read = self.secrets.read(&self.secret, Stage::Current).await?;
        let read = read.ok_or_else(unusable)?;
        let key = apple::parse(read.reveal()).map_err(|_a_check_tells_what_is_wrong| unusable())?;
        let client = key.ok_or_else(unusable)?.client_auth(&self.issuer, now)?;
        self.http.revoke(&client, refresh_token).await
    }
}

/// Believes what Apple signed for the app of this deployment.
#[derive(Debug)]
pub(crate) struct AppleMessages {
    issuer: String,
    keys: AppleKeys,
    /// What the app is called at Apple; nothing where nobody signs in with Apple.
    names: Vec<String>,
}

impl AppleMessages {
    pub(crate) fn new(names: Vec<String>, issuer: Option<&str>) -> anyhow::Result<Self> {
        let (issuer, http) = service(issuer)?;
        Ok(Self {
            issuer,
            keys: AppleKeys::of(Arc::new(http)),
            names,
        })
    }
}

#[async_trait]
impl Trusted for AppleMessages {
    async fn events(&self, payload: &str, now: Timestamp) -> Option<Result<AppleEvents, Doubt>> {
        if self.names.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let meant = (self.issuer.as_str(), names.as_slice());
        Some(self.keys.events(payload, meant, now).await)
    }
}

/// The issuer, and how its service is reached.
fn service(other: Option<&str>) -> anyhow::Result<(String, AppleHttp)> {
    let issuer = other.unwrap_or(ISSUER);
    Ok((issuer.to_owned(), AppleHttp::new(issuer, other.is_some())?))
}
