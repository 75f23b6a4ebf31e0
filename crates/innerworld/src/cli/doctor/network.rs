//! Model providers and the mail server: only those that are configured are touched.

use std::time::Duration;

use innerworld_core::{
    health::{HealthCheck, HealthState},
    identity::apple::AppleService as _,
};
use innerworld_models::apple::AppleHttp;
use tokio::{net::TcpStream, time::timeout};

use super::{check, remote};
use crate::config::Loaded;

const CONNECT: Duration = Duration::from_secs(5);

/// Everything beyond this machine.
pub(super) async fn checks(loaded: &Loaded) -> anyhow::Result<Vec<HealthCheck>> {
    let mut checks = Vec::new();
    for provider in &loaded.config.providers {
        let base = provider
            .base_url
            .as_deref()
            .unwrap_or("https://openrouter.ai/api/v1");
        // The list of models costs nothing, and no key travels.
        let url = format!("{}/models", base.trim_end_matches('/'));
        let (state, detail) = match remote::read(&url).await {
            Ok(_) => (HealthState::Ok, format!("{} answers", provider.name)),
            Err(error) => (HealthState::Degraded, format!("{}: {error}", provider.name)),
        };
        checks.push(check("model", state, detail));
    }
    let apple = &loaded.config.auth.apple;
    if apple.is_on() {
        // The key set is public; nothing of ours travels.
        let (state, detail) = match AppleHttp::new(&apple.issuer, apple.allow_private) {
            Ok(service) => match service.keys().await {
                Ok(_) => (HealthState::Ok, format!("{} answers", apple.issuer)),
                Err(error) => (HealthState::Degraded, format!("{}: {error}", apple.issuer)),
            },
            Err(error) => (HealthState::Down, format!("auth.apple.issuer: {error}")),
        };
        checks.push(check("apple_keys", state, detail));
    }
    if let Some(host) = &loaded.config.mail.smtp_host {
        let address = (host.as_str(), loaded.config.mail.smtp_port);
        let (state, detail) = match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(_)) => (HealthState::Ok, format!("{host} takes connections")),
            Ok(Err(error)) => (HealthState::Down, format!("{host}: {error}")),
            Err(_) => (
                HealthState::Down,
                format!("{host} did not answer within 5 s"),
            ),
        };
        checks.push(check("mail", state, detail));
    }
    Ok(checks)
}
