//! Where a stage's connections are.

use std::{fmt::Write as _, net::IpAddr};

use innerworld_core::error::{ErrorKind, PortError};
use reqwest::Url;

use crate::signed::unusable;

/// Longest id of a connection; the gateway's have about 16 characters.
const MAX_ID_BYTES: usize = 128;

/// The address of a stage.
#[derive(Debug)]
pub(super) struct Address {
    /// Scheme, host, port and stage, without a slash at the end.
    base: String,
    /// Whether it is reached without TLS, on this machine.
    here: bool,
}

impl Address {
    /// Reads `https://host/stage`. The stage is part of it: without it the gateway answers 403 to
    /// everything.
    pub(super) fn parse(endpoint: &str) -> Result<Self, PortError> {
        const OPERATION: &str = "use the gateway's address: give https://host/stage";
        let refused = || PortError::new(ErrorKind::Invalid, OPERATION);
        let url = Url::parse(endpoint).map_err(|cause| unusable(OPERATION, cause))?;
        let here = match url.scheme() {
            "https" => false,
            "http" if url.host_str().is_some_and(is_this_machine) => true,
            _ => return Err(refused()),
        };
        let has_stage = url.path().trim_end_matches('/').len() > 1;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !has_stage || !plain {
            return Err(refused());
        }
        Ok(Self {
            base: url.as_str().trim_end_matches('/').to_owned(),
            here,
        })
    }

    /// Whether it is reached without TLS, on this machine.
    pub(super) fn is_here(&self) -> bool {
        self.here
    }

    /// The address of a connection. Its id is one segment of the path, whatever it holds.
    pub(super) fn of(&self, connection: &str) -> Result<Url, PortError> {
        const OPERATION: &str = "name a connection";
        let is_name = !connection.is_empty()
            && connection.len() <= MAX_ID_BYTES
            && connection.bytes().all(|byte| byte.is_ascii_graphic())
            // Paths drop a segment of dots, also of encoded ones.
            && connection.bytes().any(|byte| byte != b'.');
        if !is_name {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        }
        let url = format!("{}/@connections/{}", self.base, encoded(connection));
        Url::parse(&url).map_err(|cause| unusable(OPERATION, cause))
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Percent-encoded but for what RFC 3986 calls unreserved.
fn encoded(segment: &str) -> String {
    let text = String::with_capacity(segment.len() + 2);
    segment.bytes().fold(text, |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(text, "%{byte:02X}");
        }
        text
    })
}
