//! Configured models that their makers took back: worth a look, and no reason to stop.

use innerworld_models::{retired, secret::ProviderSecret};

use super::{Config, secrets::Secrets};

/// A warning for each key that names one, in the configuration or in a provider's secret.
pub(super) fn warnings(config: &Config, secrets: &Secrets) -> Vec<String> {
    let models = &config.models;
    let mut named = vec![
        ("models.primary".to_owned(), models.primary.clone()),
        ("models.fallback".to_owned(), models.fallback.clone()),
    ];
    for (n, provider) in config.providers.iter().enumerate() {
        named.push((format!("providers.{n}.primary"), provider.primary.clone()));
        named.push((format!("providers.{n}.fallback"), provider.fallback.clone()));
        let secret = secrets.api_keys.get(&provider.name);
        // A key alone names none.
        let Some(Ok(secret)) = secret.map(|text| ProviderSecret::parse(text.reveal())) else {
            continue;
        };
        let of_secret = |field| format!("the secret's {field} of provider `{}`", provider.name);
        named.push((of_secret("model_primary"), secret.model_primary));
        named.push((of_secret("model_fallback"), secret.model_fallback));
    }
    let named = named.into_iter();
    let found = named.filter_map(|(place, model)| retired::warning(&place, &model?));
    found.collect()
}
