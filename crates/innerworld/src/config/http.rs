//! `[http]`: listeners and browsers.

use std::net::{Ipv4Addr, SocketAddr};

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
            open_metrics: true,
            drain_s: 30,
        }
    }
}
