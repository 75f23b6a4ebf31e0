//! Sign in with Apple, from the configuration.

use std::sync::Arc;

use anyhow::Context as _;
use innerworld_core::identity::apple::client_secret::{AppleKey, KeyNames};
use innerworld_models::apple::AppleHttp;
use innerworld_server::cognito::apple::{AppleProvider, AppleSettings};

use crate::config::Loaded;

/// The provider, where it is on.
pub(super) fn provider(loaded: &Loaded) -> anyhow::Result<Option<Arc<AppleProvider>>> {
    let apple = &loaded.config.auth.apple;
    let Some(key) = key(loaded)? else {
        return Ok(None);
    };
    let service = AppleHttp::new(&apple.issuer, apple.allow_private)
        .context("`auth.apple.issuer` cannot be used")?;
    let settings = AppleSettings {
        issuer: apple.issuer.trim_end_matches('/').to_owned(),
        key,
        bundle_id: apple.bundle_id.clone(),
        redirect_uris: apple.redirect_uris.clone(),
        store: apple.store_trust().map_err(anyhow::Error::msg)?,
    };
    Ok(Some(AppleProvider::new(settings, Arc::new(service))))
}

fn key(loaded: &Loaded) -> anyhow::Result<Option<AppleKey>> {
    let apple = &loaded.config.auth.apple;
    let Some(pem) = &loaded.secrets.apple_private_key else {
        return Ok(None);
    };
    let names = KeyNames {
        team_id: apple.team_id.clone().unwrap_or_default(),
        key_id: apple.key_id.clone().unwrap_or_default(),
        client_id: apple.client_id.clone().unwrap_or_default(),
    };
    let key = AppleKey::parse(pem, names).context("the key of Sign in with Apple")?;
    Ok(Some(key))
}
