//! Sign in with Apple as this installation is set up for it.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    identity::apple::{
        AppleService, AppleSubject, AppleTokens,
        client_secret::AppleKey,
        event::AppleEvents,
        id_token::{self, Expected},
        store_notice::StoreTrust,
    },
    secret::Text,
};
use innerworld_engine::revoke::Revokes;

use crate::apple::{AppleKeys, Doubt};

/// How an installation is set up.
#[derive(Debug)]
pub struct AppleSettings {
    /// Who signs id tokens, and below which address the service is found.
    pub issuer: String,
    /// The key of this installation.
    pub key: AppleKey,
    /// The app, as Apple's notifications name it.
    pub bundle_id: Option<String>,
    /// Where a sign-in may end: addresses of the app, compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// What the App Store's notifications are believed by; `None` refuses them.
    pub store: Option<StoreTrust>,
}

/// Sign in with Apple.
pub struct AppleProvider {
    settings: AppleSettings,
    service: Arc<dyn AppleService>,
    keys: AppleKeys,
}

impl std::fmt::Debug for AppleProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppleProvider")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl AppleProvider {
    /// A provider that calls `service`.
    pub fn new(settings: AppleSettings, service: Arc<dyn AppleService>) -> Arc<Self> {
        Arc::new(Self {
            settings,
            keys: AppleKeys::of(Arc::clone(&service)),
            service,
        })
    }

    /// Whether a sign-in may end at this address.
    pub(super) fn returns_to(&self, uri: &str) -> bool {
        self.settings.redirect_uris.iter().any(|known| known == uri)
    }

    /// What the App Store's notifications are believed by.
    pub(crate) fn store(&self) -> Option<&StoreTrust> {
        self.settings.store.as_ref()
    }

    /// Where somebody signs in at Apple. No name and no address is asked for.
    pub(super) fn authorize_url(&self, state: &str, nonce: &str, redirect_uri: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("response_mode", "form_post")
            .append_pair("client_id", self.settings.key.client_id())
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .finish();
        let issuer = self.settings.issuer.trim_end_matches('/');
        format!("{issuer}/auth/authorize?{query}")
    }

    pub(super) async fn exchange(
        &self,
        code: &Text,
        redirect_uri: &str,
        now: Timestamp,
    ) -> Result<AppleTokens, PortError> {
        let client = self.settings.key.client_auth(&self.settings.issuer, now)?;
        self.service.exchange(&client, code, redirect_uri).await
    }

    /// Who signed in, by an id token that answers the sign-in with this nonce.
    pub(super) async fn identify(
        &self,
        token: &Text,
        nonce: &Text,
        now: Timestamp,
    ) -> Result<AppleSubject, Doubt> {
        let key = self.keys.key(token.reveal(), now).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            audience: self.settings.key.client_id(),
            nonce: nonce.reveal(),
            now,
        };
        Ok(id_token::check(token.reveal(), &key, &expected)?)
    }

    /// What a notification of Sign in with Apple says.
    pub(super) async fn events(&self, token: &str, now: Timestamp) -> Result<AppleEvents, Doubt> {
        let mut audiences = vec![self.settings.key.client_id()];
        audiences.extend(self.settings.bundle_id.as_deref());
        let (issuer, audiences) = (self.settings.issuer.as_str(), audiences.as_slice());
        self.keys.events(token, (issuer, audiences), now).await
    }
}

#[async_trait]
impl Revokes for AppleProvider {
    async fn revoke(&self, refresh_token: &Text, now: Timestamp) -> Result<(), PortError> {
        let client = self.settings.key.client_auth(&self.settings.issuer, now)?;
        self.service.revoke(&client, refresh_token).await
    }
}
