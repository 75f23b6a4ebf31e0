//! Who is calling, when a reverse proxy stands before the server.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The header in which proxies say for whom they call, nearest last.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Networks of the operator's own reverse proxies: what they say of the caller is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses (`10.0.0.7`) and networks (`10.0.0.0/8`).
    ///
    /// # Errors
    ///
    /// The first text that is neither.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let one = |text: &str| {
            let network = text.parse::<IpNet>().ok();
            network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        };
        let mut networks = Vec::new();
        for text in texts {
            networks.push(one(text).ok_or_else(|| text.to_owned())?);
        }
        Ok(Self(networks))
    }

    /// Whether this is one of them.
    pub(crate) fn has(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// The caller's address. Read from the end, as each proxy appends whom it heard: the first that is
    /// no proxy of ours. What stands before it, anybody can have written.
    pub(crate) fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.has(peer) {
            return peer;
        }
        let mut nearest = peer;
        for value in headers.get_all(FORWARDED_FOR).iter().rev() {
            for text in value.to_str().unwrap_or_default().rsplit(',') {
                let Some(ip) = address(text.trim()) else {
                    return nearest;
                };
                if !self.has(ip) {
                    return ip;
                }
                nearest = ip;
            }
        }
        nearest
    }
}

/// An address, also in brackets or with a port, as some proxies write it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = |text: &str| text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
    let with_port = |text: &str| text.parse::<std::net::SocketAddr>().ok().map(|at| at.ip());
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare(text)
        .or_else(|| inner.and_then(bare))
        .or_else(|| with_port(text).map(|ip| ip.to_canonical()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn caller(peer: &str, lines: &[&'static str]) -> String {
        let proxies = TrustedProxies::parse(["10.0.0.0/8", "::1"]).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        proxies.caller(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        assert_eq!(caller("192.0.2.1", &["198.51.100.9"]), "192.0.2.1");
        assert_eq!(caller("10.1.1.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(caller("::ffff:10.1.1.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(caller("10.1.1.1", &[]), "10.1.1.1");
    }

    #[test]
    fn what_a_caller_writes_before_it_counts_for_nothing() {
        let lines = ["203.0.113.1, 198.51.100.9, 10.2.2.2"];
        assert_eq!(caller("10.1.1.1", &lines), "198.51.100.9");
        let lines = ["203.0.113.1", "198.51.100.9"];
        assert_eq!(caller("::1", &lines), "198.51.100.9");
        assert_eq!(caller("10.1.1.1", &["10.9.9.9"]), "10.9.9.9");
    }

    #[test]
    fn what_is_no_address_ends_the_reading() {
        for text in ["unknown", "", "198.51.100.9,", "1.2.3", "\u{7f}"] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                headers.append(FORWARDED_FOR, value);
            }
            let proxies = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
            let peer = "10.1.1.1".parse().unwrap();
            assert_eq!(proxies.caller(peer, &headers), peer, "{text:?}");
        }
    }

    #[test]
    fn ports_and_brackets_are_read_over() {
        assert_eq!(caller("10.1.1.1", &["198.51.100.9:4711"]), "198.51.100.9");
        assert_eq!(caller("10.1.1.1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(caller("10.1.1.1", &["[2001:db8::1]"]), "2001:db8::1");
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!(
            TrustedProxies::parse(["10.0.0.0/8", "proxy"]),
            Err("proxy".to_owned())
        );
    }
}
