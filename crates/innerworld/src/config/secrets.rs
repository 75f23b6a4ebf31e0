//! Secrets: from files or the environment into a type that is zeroised and never printed.

use std::{collections::BTreeMap, fs, path::Path};

use innerworld_core::{
    identity::apple::client_secret::{AppleKey, KeyNames},
    secret::Secret,
};

use super::{Config, Mistake, Mistakes, environment::EnvironmentLayer};

/// The longest secret file that makes sense: a JSON secret with names is below 2 KiB.
const MAX_BYTES: u64 = 64 * 1024;

/// Secrets of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// API keys by provider name: the key alone or the JSON secret.
    pub(crate) api_keys: BTreeMap<String, Secret>,
    /// Password at the mail server.
    pub(crate) smtp_password: Option<Secret>,
    /// Private key of Sign in with Apple, PEM.
    pub(crate) apple_private_key: Option<Secret>,
}

/// Collects the secrets that `config` names; the environment wins over files.
pub(super) fn collect(
    config: &Config,
    environment: EnvironmentLayer,
    warnings: &mut Vec<String>,
) -> Result<Secrets, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut from_environment = environment.api_keys;
    let mut api_keys = BTreeMap::new();
    for (n, provider) in config.providers.iter().enumerate() {
        let variable = provider.name.to_lowercase().replace('-', "_");
        let secret = match (from_environment.remove(&variable), &provider.api_key_file) {
            (Some(secret), _) => Some(secret),
            (None, Some(path)) => read(path, warnings)
                .map_err(|why| mistakes.add(format!("providers.{n}.api_key_file"), why))
                .ok(),
            (None, None) => None,
        };
        match secret {
            Some(secret) => drop(api_keys.insert(provider.name.clone(), secret)),
            None => warnings.push(format!(
                "provider `{}` has no key and is not asked; set `api_key_file` or \
                 INNERWORLD_PROVIDERS__{}__API_KEY",
                provider.name,
                variable.to_uppercase()
            )),
        }
    }
    for name in from_environment.keys() {
        let variable = format!("INNERWORLD_PROVIDERS__{}__API_KEY", name.to_uppercase());
        mistakes.0.push(Mistake::of_variable(
            variable,
            "no provider of this name is configured",
        ));
    }
    let smtp_password = match (environment.smtp_password, &config.mail.smtp_password_file) {
        (Some(secret), _) => Some(secret),
        (None, Some(path)) => read(path, warnings)
            .map_err(|why| mistakes.add("mail.smtp_password_file", why))
            .ok(),
        (None, None) => None,
    };
    let apple_private_key = apple(
        config,
        environment.apple_private_key,
        warnings,
        &mut mistakes,
    );
    mistakes.check()?;
    Ok(Secrets {
        api_keys,
        smtp_password,
        apple_private_key,
    })
}

/// The private key of Sign in with Apple, if that is on; it must be one that can be read.
fn apple(
    config: &Config,
    from_environment: Option<Secret>,
    warnings: &mut Vec<String>,
    mistakes: &mut Mistakes,
) -> Option<Secret> {
    const KEY: &str = "auth.apple.private_key_file";
    const VARIABLE: &str = "INNERWORLD_AUTH__APPLE__PRIVATE_KEY";
    let apple = &config.auth.apple;
    if !apple.is_on() {
        if from_environment.is_some() {
            let message =
                "`[auth.apple]` is not set: set team_id, key_id, client_id, redirect_uris";
            mistakes.0.push(Mistake::of_variable(VARIABLE, message));
        }
        return None;
    }
    let in_environment = from_environment.is_some();
    let read = match (from_environment, &apple.private_key_file) {
        (Some(secret), _) => Ok(secret),
        (None, Some(path)) => read(path, warnings),
        (None, None) => Err(format!(
            "must be set, or the variable {VARIABLE}: the section is only half set"
        )),
    };
    let checked = read.and_then(|pem| {
        AppleKey::parse(&pem, KeyNames::default())
            .map(|_key| pem)
            .map_err(|bad| match &apple.private_key_file {
                Some(path) if !in_environment => format!("{} is {bad}", path.display()),
                _ => format!("is {bad}"),
            })
    });
    match checked {
        Ok(pem) => Some(pem),
        Err(message) if in_environment => {
            mistakes.0.push(Mistake::of_variable(VARIABLE, message));
            None
        }
        Err(message) => {
            mistakes.add(KEY, message);
            None
        }
    }
}

/// Reads a secret file; the error names the path, never the content.
pub(crate) fn read(path: &Path, warnings: &mut Vec<String>) -> Result<Secret, String> {
    let unreadable =
        |error: std::io::Error| format!("{} could not be read: {error}", path.display());
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.len() > MAX_BYTES {
        return Err(format!("{} is too large for a secret", path.display()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            warnings.push(format!(
                "{0} can be read by other users; run `chmod 600 {0}`",
                path.display()
            ));
        }
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let secret = text.trim();
    if secret.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(Secret::new(secret.to_owned()))
}
