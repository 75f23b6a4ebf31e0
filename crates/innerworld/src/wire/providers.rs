//! Configured providers as the model client takes them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use innerworld_core::secret::Secret;
use innerworld_models::{
    config::{
        Clocks, Concurrency, DEFAULT_MODEL_FALLBACK, DEFAULT_MODEL_PRIMARY, Dialect, Privacy,
        ProviderConfig, ProviderLimits,
    },
    key::FixedKey,
    secret::ProviderSecret,
};

use crate::config::{Loaded, models as configured};

/// Every configured provider that has a key.
pub(super) fn from_config(loaded: &Loaded) -> anyhow::Result<Vec<ProviderConfig>> {
    let mut providers = Vec::new();
    for provider in &loaded.config.providers {
        let Some(raw) = loaded.secrets.api_keys.get(&provider.name) else {
            continue;
        };
        let secret = read(raw).with_context(|| {
            format!(
                "the secret of provider `{}` is neither a key nor a JSON object",
                provider.name
            )
        })?;
        // A placeholder counts as no key: the offline persona answers.
        let Some(key) = secret.api_key.clone() else {
            continue;
        };
        providers.push(one(loaded, provider, &secret, key)?);
    }
    Ok(providers)
}

/// The models of a task other than answering: what the configuration names, and what ships.
pub(super) struct Wanted<'a> {
    /// Name of the provider; the first one where none is named.
    pub(super) provider: Option<&'a String>,
    /// The model to ask.
    pub(super) model: Option<&'a String>,
    /// The one that ships.
    pub(super) shipped: &'a str,
    /// The model to ask when the first fails.
    pub(super) fallback: Option<&'a String>,
}

/// The provider of a task with the models for it; `None` if there is none.
pub(super) fn for_task(
    providers: &[ProviderConfig],
    wanted: &Wanted<'_>,
) -> Option<ProviderConfig> {
    let is_wanted = |provider: &&ProviderConfig| {
        let name = wanted.provider;
        name.is_none_or(|name| *name == provider.name)
    };
    let or = |name: Option<&String>, shipped: &str| name.map_or(shipped, String::as_str).to_owned();
    let found = providers.iter().find(is_wanted)?;
    Some(ProviderConfig {
        model_primary: or(wanted.model, wanted.shipped),
        model_fallback: Some(or(wanted.fallback, DEFAULT_MODEL_FALLBACK)),
        ..found.clone()
    })
}

fn read(raw: &Secret) -> anyhow::Result<ProviderSecret> {
    let text = raw.reveal().trim();
    if text.starts_with('{') {
        Ok(ProviderSecret::parse(text)?)
    } else {
        Ok(ProviderSecret::plain(text))
    }
}

/// Names in the secret win over the provider's own, these over `[models]`, these over what ships.
fn one(
    loaded: &Loaded,
    provider: &configured::ProviderConfig,
    secret: &ProviderSecret,
    key: Secret,
) -> anyhow::Result<ProviderConfig> {
    let models = &loaded.config.models;
    let dialect = match provider.dialect {
        configured::Dialect::Openrouter => Dialect::OpenRouter,
        configured::Dialect::Openai => Dialect::OpenAi,
    };
    let privacy = match (provider.privacy, &provider.agreement) {
        (configured::Privacy::Flags, _) => Privacy::Flags,
        (configured::Privacy::Contract, Some(agreement)) => Privacy::Contract(agreement.clone()),
        (configured::Privacy::Contract, None) => {
            bail!(
                "provider `{}`: name the agreement in `agreement`",
                provider.name
            )
        }
    };
    let first = |names: [&Option<String>; 3], shipped: &str| {
        names
            .into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_else(|| shipped.to_owned())
    };
    let base_url = secret
        .base_url
        .clone()
        .or_else(|| provider.base_url.clone());
    Ok(ProviderConfig {
        name: provider.name.clone(),
        company: provider.company.clone(),
        base_url: base_url.unwrap_or_else(|| dialect.default_base_url().to_owned()),
        dialect,
        privacy,
        allow_private: provider.allow_private,
        key: Arc::new(FixedKey::new(key)),
        model_primary: first(
            [&secret.model_primary, &provider.primary, &models.primary],
            DEFAULT_MODEL_PRIMARY,
        ),
        model_fallback: Some(first(
            [&secret.model_fallback, &provider.fallback, &models.fallback],
            DEFAULT_MODEL_FALLBACK,
        )),
        limits: limits(models),
    })
}

fn limits(models: &configured::ModelsConfig) -> ProviderLimits {
    let ms = |value: u32| Duration::from_millis(value.into());
    ProviderLimits {
        clocks: Clocks {
            connect: ms(models.connect_ms),
            headers: ms(models.headers_ms),
            first_token: ms(models.first_token_ms),
            idle: ms(models.idle_ms),
            liveness: ms(models.liveness_ms),
            total: ms(models.total_ms),
            ..Clocks::default()
        },
        concurrency: Concurrency {
            running: usize::try_from(models.concurrency).unwrap_or(usize::MAX),
            ..Concurrency::default()
        },
        ..ProviderLimits::default()
    }
}
