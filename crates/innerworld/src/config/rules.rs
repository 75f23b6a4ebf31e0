//! Rules between values: what a type alone cannot say.

use std::{ops::RangeInclusive, path::Path};

use reqwest::Url;
use tracing_subscriber::EnvFilter;

use crate::config::{
    Config, Mistake, Mistakes,
    models::{Dialect, Privacy, ProviderConfig},
    personas, resources,
    runtime::Mode,
    safety_files::{self, SafetyFiles},
    storage::Backend,
    tls,
};

/// Checks the whole; every mistake is reported. Gives the safety files that were read on the way, if a
/// folder replaces any.
pub(super) fn check(config: &Config, data_dir: &Path) -> Result<Option<SafetyFiles>, Mistakes> {
    let mut found = Vec::new();
    ranges(config, &mut found);
    at_least_one(config, &mut found);
    prices(config, &mut found);
    listeners(config, &mut found);
    origins(config, &mut found);
    tls::check(&config.http, &mut found);
    if let Err(text) = config.http.proxies() {
        let message = format!("`{text}` is no address or network, such as `10.0.0.0/8`");
        found.push(Mistake::of("http.trusted_proxies", message));
    }
    for (n, provider) in config.providers.iter().enumerate() {
        let twice = config
            .providers
            .iter()
            .take(n)
            .any(|other| other.name == provider.name);
        if twice {
            found.push(Mistake::of(
                format!("providers.{n}.name"),
                "another provider has this name",
            ));
        }
        one_provider(n, provider, &mut found);
    }
    for (key, wanted) in [
        ("extraction.provider", &config.extraction.provider),
        ("safety.model.provider", &config.safety.model.provider),
    ] {
        let mut names = config.providers.iter().map(|provider| &provider.name);
        if wanted
            .as_ref()
            .is_some_and(|name| !names.any(|known| known == name))
        {
            found.push(Mistake::of(key, "no provider has this name"));
        }
    }
    config.memory.check(&mut found);
    config.storage.check(&mut found);
    if config.storage.aws.address.is_some() && config.http.tls_certificate_file.is_some() {
        found.push(Mistake::of("storage.aws.address", PLAIN));
    }
    config.auth.apple.check(&mut found);
    if config.mail.smtp_host.is_some() && config.mail.from.is_none() {
        found.push(Mistake::of(
            "mail.from",
            "must be set when `mail.smtp_host` is",
        ));
    }
    if EnvFilter::try_new(&config.telemetry.filter).is_err() {
        found.push(Mistake::of(
            "telemetry.filter",
            "is not a filter such as `info`",
        ));
    }
    if let Err(message) = personas::load(config.runtime.personas_dir.as_deref()) {
        found.push(Mistake::of("runtime.personas_dir", message));
    }
    let safety = safety_files::check(config.safety.dir.as_deref());
    let safety = safety.unwrap_or_else(|error| {
        found.push(Mistake::of("safety.dir", format!("{error:#}")));
        None
    });
    resources::check(config, &mut found);
    if config.runtime.mode == Mode::Production {
        production(config, data_dir, &mut found);
    }
    Mistakes(found).check()?;
    Ok(safety)
}

/// What works but is not what production needs.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    if config.providers.is_empty() {
        warnings.push("no model key: the offline persona answers (docs/reference/configuration.md, [[providers]])".to_owned());
    }
    if !config.runtime.answers {
        warnings.push("messages are not answered (`runtime.answers` is off)".to_owned());
    }
    let https = |url: &String| url.starts_with("https://");
    if config.auth.apple.is_on() && !config.auth.public_url.as_ref().is_some_and(https) {
        warnings.push(
            "Apple sends browsers back to https addresses only: set `auth.public_url`".to_owned(),
        );
    }
    if config.mail.smtp_host.is_none() {
        warnings
            .push("no mail server: codes go to the local outbox (innerworld outbox)".to_owned());
    }
    if config.storage.aws.address.is_some() && config.http.trusted_proxies.is_empty() {
        warnings.push(
            "servers that share tables ask each other for their callers: name their network in \
             `http.trusted_proxies`, or limits by address take a server for one caller"
                .to_owned(),
        );
    }
    warnings.extend(resources::warnings(config));
    warnings.extend(tls::warnings(&config.http));
    warnings
}

/// Why a certificate and other servers do not go together.
const PLAIN: &str = "servers that share tables speak plain HTTP among themselves, behind a balancer that ends \
                     TLS: leave `http.tls_certificate_file` out";

fn prices(config: &Config, found: &mut Vec<Mistake>) {
    let extraction = &config.extraction;
    let dollars = [
        (
            "extraction.input_usd_per_million",
            Some(extraction.input_usd_per_million),
        ),
        (
            "extraction.output_usd_per_million",
            Some(extraction.output_usd_per_million),
        ),
        ("extraction.usd_per_day", extraction.usd_per_day),
    ];
    for (key, value) in dollars {
        if value.is_some_and(|value| !(0.0..=1_000_000.0).contains(&value)) {
            found.push(Mistake::of(key, "must be from 0 to 1000000"));
        }
    }
}

fn ranges(config: &Config, found: &mut Vec<Mistake>) {
    let limits = &config.limits;
    let extraction = &config.extraction;
    let look = &config.safety.model;
    let bounded: [(&str, u32, RangeInclusive<u32>); 11] = [
        ("models.max_tokens", config.models.max_tokens, 1..=800),
        ("extraction.max_tokens", extraction.max_tokens, 200..=1_500),
        ("extraction.deadline_s", extraction.deadline_s, 10..=60),
        ("safety.model.deadline_ms", look.deadline_ms, 200..=1_500),
        ("safety.model.looks_a_day", look.looks_a_day, 0..=1_000),
        ("memory.evidence_days", config.memory.evidence_days, 1..=365),
        ("memory.graph_days", config.memory.graph_days, 1..=365),
        ("memory.turn_tokens", config.memory.turn_tokens, 0..=2_000),
        ("limits.heartbeat_ms", limits.heartbeat_ms, 1_000..=600_000),
        ("limits.rollup_ms", limits.rollup_ms, 0..=500),
        ("limits.session_life_h", limits.session_life_h, 1..=24),
    ];
    for (key, value, range) in bounded {
        if !range.contains(&value) {
            let message = format!("must be from {} to {}", range.start(), range.end());
            found.push(Mistake::of(key, message));
        }
    }
    if !(0.0..=1.0).contains(&config.models.temperature) {
        found.push(Mistake::of("models.temperature", "must be from 0 to 1"));
    }
}

/// What would let nobody in, or nobody speak, if it were 0.
fn at_least_one(config: &Config, found: &mut Vec<Mistake>) {
    let (models, limits) = (&config.models, &config.limits);
    let positive = [
        ("models.concurrency", models.concurrency),
        ("models.connect_ms", models.connect_ms),
        ("models.headers_ms", models.headers_ms),
        ("models.first_token_ms", models.first_token_ms),
        ("models.idle_ms", models.idle_ms),
        ("models.liveness_ms", models.liveness_ms),
        ("models.total_ms", models.total_ms),
        ("limits.frames_per_s", limits.frames_per_s),
        ("limits.frames_burst", limits.frames_burst),
        ("limits.messages_burst", limits.messages_burst),
        ("limits.messages_per_min", limits.messages_per_min),
        (
            "limits.protocol_errors_per_min",
            limits.protocol_errors_per_min,
        ),
        (
            "limits.handshakes_per_teen_min",
            limits.handshakes_per_teen_min,
        ),
        ("limits.handshakes_per_ip_min", limits.handshakes_per_ip_min),
        ("limits.connections", limits.connections),
        (
            "limits.connections_per_address",
            limits.connections_per_address,
        ),
        (
            "limits.requests_per_address_min",
            limits.requests_per_address_min,
        ),
        ("limits.request_head_ms", limits.request_head_ms),
        ("limits.hello_timeout_ms", limits.hello_timeout_ms),
        ("limits.write_timeout_ms", limits.write_timeout_ms),
        ("limits.log_events", limits.log_events),
        ("limits.passwords_per_account", limits.passwords_per_account),
        ("limits.passwords_per_address", limits.passwords_per_address),
        ("limits.codes_per_account", limits.codes_per_account),
        ("limits.codes_per_address", limits.codes_per_address),
        ("limits.mails_per_account", limits.mails_per_account),
        ("limits.mails_per_address", limits.mails_per_address),
        ("limits.sign_ins_per_address", limits.sign_ins_per_address),
        ("limits.forgeries_per_address", limits.forgeries_per_address),
    ];
    for (key, _) in positive.iter().filter(|(_, value)| *value == 0) {
        found.push(Mistake::of(*key, "must be at least 1"));
    }
}

fn listeners(config: &Config, found: &mut Vec<Mistake>) {
    if !config.http.admin_listen.ip().is_loopback() {
        found.push(Mistake::of(
            "http.admin_listen",
            "must be a loopback address",
        ));
    }
    if config.runtime.mode == Mode::Development && !config.http.listen.ip().is_loopback() {
        let message = "must be a loopback address while `runtime.mode` is `development`";
        found.push(Mistake::of("http.listen", message));
    }
}

fn origins(config: &Config, found: &mut Vec<Mistake>) {
    if let Some(url) = &config.auth.public_url
        && !is_origin(url)
    {
        found.push(Mistake::of(
            "auth.public_url",
            "must be like `https://chat.example.org`",
        ));
    }
    if !config
        .http
        .allowed_origins
        .iter()
        .all(|origin| is_origin(origin))
    {
        let message = "each must be like `https://app.example.org`, without a path";
        found.push(Mistake::of("http.allowed_origins", message));
    }
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.origin().ascii_serialization() == text.trim_end_matches('/')
    })
}

fn one_provider(n: usize, provider: &ProviderConfig, found: &mut Vec<Mistake>) {
    let mut wrong = |key: &str, message: &str| {
        found.push(Mistake::of(format!("providers.{n}.{key}"), message));
    };
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if provider.name.is_empty() || !provider.name.chars().all(valid) {
        wrong("name", "must be set: letters, digits, `-` and `_`");
    }
    if provider.company.trim().is_empty() {
        wrong(
            "company",
            "must be set: consents name the company that reads a teen's words",
        );
    }
    match provider.base_url.as_deref().map(Url::parse) {
        None if provider.dialect == Dialect::Openrouter => {}
        None => wrong("base_url", "must be set for this dialect"),
        Some(Ok(url)) if url.scheme() == "https" => {}
        Some(Ok(url)) if url.scheme() == "http" && provider.allow_private => {}
        Some(_) => wrong(
            "base_url",
            "must be an https URL (http only with `allow_private`)",
        ),
    }
    match provider.privacy {
        Privacy::Flags if provider.dialect != Dialect::Openrouter => {
            wrong(
                "privacy",
                "this dialect carries no privacy flags: use `contract`",
            );
        }
        Privacy::Contract if provider.agreement.as_deref().unwrap_or_default().is_empty() => {
            wrong("agreement", "must name the agreement with the company");
        }
        Privacy::Flags | Privacy::Contract => {}
    }
}

fn production(config: &Config, data_dir: &Path, found: &mut Vec<Mistake>) {
    let https = config
        .auth
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"));
    if !https {
        found.push(Mistake::of(
            "auth.public_url",
            "production needs an https URL",
        ));
    }
    if config.auth.apple.allow_private {
        found.push(Mistake::of(
            "auth.apple.allow_private",
            "is for tests: production signs in at Apple",
        ));
    }
    if !config.runtime.answers {
        found.push(Mistake::of(
            "runtime.answers",
            "production answers every message",
        ));
    }
    if config.mail.smtp_host.is_none() {
        found.push(Mistake::of(
            "mail.smtp_host",
            "production needs a mail server",
        ));
    }
    match &config.storage.master_key_file {
        // On AWS the keys are wrapped by KMS.
        _ if config.storage.backend == Backend::Aws => {}
        None => {
            let message = "production needs the master key outside the data folder";
            found.push(Mistake::of("storage.master_key_file", message));
        }
        Some(path) if path.starts_with(data_dir) => {
            found.push(Mistake::of(
                "storage.master_key_file",
                "lies inside the data folder",
            ));
        }
        Some(_) => {}
    }
}
