//! Apple, told and believed by what lies in a secret. It is read when it is needed: rarely, and not at all
//! where nobody signs in with Apple.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use innerworld_aws::{SdkConfig, Secrets, Stage};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::apple::{AppleService as _, event::AppleEvents},
    secret::Text,
};
use innerworld_engine::revoke::Revokes;
use innerworld_models::{
    apple::AppleHttp,
    secret::apple::{self, AppleSecret},
};
use innerworld_server::apple::{AppleKeys, Doubt, Trusted};

use crate::{environment, start::CALL_TIMEOUT};

/// Who signs people in with Apple.
const ISSUER: &str = "https://appleid.apple.com";
/// How long it is not asked again what the app is called at Apple.
const KNOWN: Duration = Duration::from_secs(300);
const OPERATION: &str = "read the secret of Sign in with Apple";

/// Apple's identity service, and what this deployment proves itself with.
#[derive(Debug)]
pub(crate) struct AppleBySecret {
    http: Arc<AppleHttp>,
    issuer: String,
    secrets: Secrets,
    secret: String,
}

impl AppleBySecret {
    pub(crate) fn new(config: &SdkConfig, apple: &environment::Apple) -> anyhow::Result<Self> {
        let issuer = apple.issuer.as_deref().unwrap_or(ISSUER);
        Ok(Self {
            http: Arc::new(AppleHttp::new(issuer, apple.issuer.is_some())?),
            issuer: issuer.to_owned(),
            secrets: Secrets::new(config, CALL_TIMEOUT),
            secret: apple.secret.clone(),
        })
    }

    /// `None` where nobody signs in with Apple.
    async fn secret(&self) -> Result<Option<AppleSecret>, PortError> {
        let unusable = || PortError::new(ErrorKind::Unavailable, OPERATION);
        let read = self.secrets.read(&self.secret, Stage::Current).await?;
        let read = read.ok_or_else(unusable)?;
        apple::parse(read.reveal()).map_err(|_what_is_wrong_is_told_by_a_check| unusable())
    }
}

#[async_trait]
impl Revokes for AppleBySecret {
    async fn revoke(&self, refresh_token: &Text, now: Timestamp) -> Result<(), PortError> {
        let secret = self.secret().await?;
        let unusable = || PortError::new(ErrorKind::Unavailable, OPERATION);
        let client = secret
            .ok_or_else(unusable)?
            .key
            .client_auth(&self.issuer, now)?;
        self.http.revoke(&client, refresh_token).await
    }
}

/// Believes what Apple signed for the app of this deployment.
#[derive(Debug)]
pub(crate) struct AppleMessages {
    apple: AppleBySecret,
    keys: AppleKeys,
    /// What the app is called at Apple, and when that was read. Empty where nobody signs in with Apple.
    names: Mutex<Option<(Timestamp, Vec<String>)>>,
}

impl AppleMessages {
    pub(crate) fn of(apple: AppleBySecret) -> Self {
        Self {
            keys: AppleKeys::of(Arc::clone(&apple.http) as _),
            apple,
            names: Mutex::default(),
        }
    }

    async fn names(&self, now: Timestamp) -> Result<Vec<String>, PortError> {
        let known = || self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, names)) = &*known()
            && now.since(*at) < KNOWN
        {
            return Ok(names.clone());
        }
        let secret = self.apple.secret().await?;
        let named = |secret: AppleSecret| {
            let client = secret.key.client_id().to_owned();
            [Some(client), secret.bundle_id].into_iter().flatten()
        };
        let names: Vec<String> = secret.into_iter().flat_map(named).collect();
        *known() = Some((now, names.clone()));
        Ok(names)
    }
}

#[async_trait]
impl Trusted for AppleMessages {
    async fn events(&self, payload: &str, now: Timestamp) -> Option<Result<AppleEvents, Doubt>> {
        let names = match self.names(now).await {
            Ok(names) if names.is_empty() => return None,
            Ok(names) => names,
            Err(error) => return Some(Err(Doubt::Unknown(error))),
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let meant = (self.apple.issuer.as_str(), names.as_slice());
        Some(self.keys.events(payload, meant, now).await)
    }
}
