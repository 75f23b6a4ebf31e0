//! The only way out: an HTTP client that reaches one host and nothing else.
//!
//! Redirects are refused (they would carry the key away), bodies are never decompressed, retries are
//! ours alone, and addresses of private networks are refused after the name was resolved, so that a
//! name that changes its mind cannot point inside.

pub mod address;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder, Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::config::ProviderConfig;

/// Why a provider cannot be used as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// Not an absolute URL with a host, or with user, query or fragment.
    #[error("base_url must be https://HOST[:PORT][/PATH] without user, query and fragment")]
    BadUrl,
    /// Plain HTTP to a host that is not allowed to be private.
    #[error("base_url must use https; plain http needs allow_private = true")]
    PlainHttp,
    /// A private address without permission.
    #[error("base_url names a private address; set allow_private = true to reach it")]
    PrivateAddress,
    /// The client could not be built.
    #[error("the HTTP client could not be built")]
    Client,
}

/// A checked base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where answers are asked for.
    pub completions: Url,
    /// Host and port, for the ledger and the breaker.
    pub host: String,
}

/// Checks a base URL.
pub fn endpoint(base_url: &str, allow_private: bool) -> Result<Endpoint, EgressError> {
    let base = checked(base_url, allow_private)?;
    let name = base.host_str().ok_or(EgressError::BadUrl)?;
    let host = match base.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    let completions = below(&base, "/chat/completions");
    Ok(Endpoint { completions, host })
}

/// Reads a base URL: an absolute one that may be reached, without user, query and fragment.
pub(crate) fn checked(base_url: &str, allow_private: bool) -> Result<Url, EgressError> {
    let base = Url::parse(base_url.trim()).map_err(|_says_no_more| EgressError::BadUrl)?;
    let plain = base.username().is_empty()
        && base.password().is_none()
        && base.query().is_none()
        && base.fragment().is_none();
    let name = base
        .host_str()
        .filter(|_| plain)
        .ok_or(EgressError::BadUrl)?;
    match base.scheme() {
        "https" => {}
        "http" if allow_private => {}
        "http" => return Err(EgressError::PlainHttp),
        _ => return Err(EgressError::BadUrl),
    }
    let literal = name.trim_matches(['[', ']']).parse::<IpAddr>();
    if !allow_private && literal.is_ok_and(address::is_private) {
        return Err(EgressError::PrivateAddress);
    }
    Ok(base)
}

/// The URL `path` below a base.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// Builds the client of one provider.
pub(crate) fn client(config: &ProviderConfig, endpoint: &Endpoint) -> Result<Client, EgressError> {
    let connect = config.limits.clocks.connect;
    let url = &endpoint.completions;
    let mut builder = to_one_host(url, config.allow_private, connect, Arc::new(SystemNames));
    if config.limits.cleartext_http2 {
        builder = builder.http2_prior_knowledge();
    }
    builder.build().map_err(|_says_no_more| EgressError::Client)
}

/// Names as this machine's system resolves them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The settings of a client that reaches the host of `url` and nothing else: neither by a redirect,
/// nor by another name, nor, unless `allow_private` is given, by an address inside. `connect` is how
/// long a connection may take; what `names` answers is asked anew for each, and never believed.
pub fn to_one_host(
    url: &Url,
    allow_private: bool,
    connect: Duration,
    names: Arc<dyn Resolve>,
) -> ClientBuilder {
    let allowed = url.host_str().unwrap_or_default();
    let resolver = OneHost {
        host: allowed.to_ascii_lowercase().into(),
        allow_private,
        names,
    };
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .https_only(!allow_private)
        .connect_timeout(connect)
        .dns_resolver(resolver)
        .user_agent(concat!("innerworld/", env!("CARGO_PKG_VERSION")))
}

/// Resolves the one allowed host, and only to addresses that may be reached.
struct OneHost {
    host: Arc<str>,
    allow_private: bool,
    names: Arc<dyn Resolve>,
}

/// The name is not the configured one, or leads only to private addresses.
#[derive(Debug, thiserror::Error)]
#[error("this address may not be reached")]
struct Forbidden;

impl Resolve for OneHost {
    fn resolve(&self, name: Name) -> Resolving {
        let (host, allow_private) = (Arc::clone(&self.host), self.allow_private);
        let names = Arc::clone(&self.names);
        Box::pin(async move {
            if !name.as_str().eq_ignore_ascii_case(&host) {
                return Err(Forbidden.into());
            }
            let found = names.resolve(name).await?;
            let reachable: Vec<SocketAddr> = found
                .filter(|found| allow_private || !address::is_private(found.ip()))
                .collect();
            if reachable.is_empty() {
                return Err(Forbidden.into());
            }
            let addresses: Addrs = Box::new(reachable.into_iter());
            Ok(addresses)
        })
    }
}
