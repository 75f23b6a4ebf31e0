//! `[http]`: listeners and browsers.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use innerworld_server::proxies::TrustedProxies;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Listeners and browsers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpConfig {
    /// Address of the public listener (WebSocket and HTTP); port 0 takes a free one. In
    /// development mode it must be a loopback address.
    #[schemars(with = "String")]
    pub(crate) listen: SocketAddr,
    /// Address of the admin listener (metrics, drain); always a loopback address.
    #[schemars(with = "String")]
    pub(crate) admin_listen: SocketAddr,
    /// Origins that browsers may come from, besides loopback and `auth.public_url`, such as
    /// `https://app.example.org`. Also answers CORS on `/v1`.
    pub(crate) allowed_origins: Vec<String>,
    /// Certificate chain of the public listener, PEM; with it, it speaks TLS. Both files are read anew
    /// when they change (docs/how-to/tls.md).
    pub(crate) tls_certificate_file: Option<PathBuf>,
    /// Its private key, PEM, mode 0600.
    pub(crate) tls_key_file: Option<PathBuf>,
    /// Addresses and networks of your reverse proxies, such as `10.0.0.0/8`: what they say in
    /// `X-Forwarded-For` of the caller is believed, and limits hold for the caller.
    pub(crate) trusted_proxies: Vec<String>,
    /// Whether `/metrics` on the admin listener may be read without the admin token.
    pub(crate) open_metrics: bool,
    /// How long a drain waits for running turns, in seconds.
    pub(crate) drain_s: u32,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)),
            admin_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8788)),
            allowed_origins: Vec::new(),
            tls_certificate_file: None,
            tls_key_file: None,
            trusted_proxies: Vec::new(),
            open_metrics: true,
            drain_s: 30,
        }
    }
}

impl HttpConfig {
    /// Chain and key, if the public listener speaks TLS.
    pub(crate) fn tls_files(&self) -> Option<(&Path, &Path)> {
        self.tls_certificate_file
            .as_deref()
            .zip(self.tls_key_file.as_deref())
    }

    /// `https` or `http`, as the public listener speaks it.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls_files().is_some() {
            "https"
        } else {
            "http"
        }
    }

    /// The proxies; an error is the text that is no network.
    pub(crate) fn proxies(&self) -> Result<TrustedProxies, String> {
        TrustedProxies::parse(self.trusted_proxies.iter().map(String::as_str))
    }
}
