//! Events of the WebSocket API, as far as functions look at them.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, json};

/// The beginning of a credential's name in a list of sub-protocols.
const BEARER: &str = "bearer.";

/// Headers and query of a handshake. The gateway gives header names as the client wrote them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Handshake {
    headers: Option<HashMap<String, String>>,
    multi_value_headers: Option<HashMap<String, Vec<String>>>,
    query_string_parameters: Option<HashMap<String, String>>,
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handshake([redacted])")
    }
}

impl Handshake {
    /// Every value of a header; `name` in lower case.
    fn values(&self, name: &str) -> Vec<&str> {
        let many = self.multi_value_headers.iter().flatten();
        let many = many.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let found: Vec<&str> = many
            .flat_map(|(_, values)| values.iter().map(String::as_str))
            .collect();
        if !found.is_empty() {
            return found;
        }
        // Of a header that came twice this has one value only.
        let one = self.headers.iter().flatten();
        one.filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The origin of a browser; `None` for a native app.
    pub fn origin(&self) -> Option<&str> {
        self.values("origin").first().copied()
    }

    /// The sub-protocols that the client offers.
    pub fn sub_protocols(&self) -> impl Iterator<Item = &str> {
        let offered = self.values("sec-websocket-protocol").into_iter();
        offered.flat_map(|value| value.split(',')).map(str::trim)
    }

    /// The token of the header, else of the sub-protocols. Never of the URL: that lands in logs.
    pub fn token(&self) -> Option<&str> {
        let header = self.values("authorization").into_iter();
        let header = header.filter_map(|value| value.strip_prefix("Bearer "));
        let offered = || {
            self.sub_protocols()
                .find_map(|name| name.strip_prefix(BEARER))
        };
        header.map(str::trim).next().or_else(offered)
    }

    /// The one-use ticket of the query.
    pub fn ticket(&self) -> Option<&str> {
        let query = self.query_string_parameters.as_ref()?;
        query.get("ticket").map(String::as_str)
    }
}

/// What is known of a connection.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// The gateway's id.
    pub connection_id: String,
    /// What the authoriser found; `None` before it was asked, and where a route has none.
    #[serde(default)]
    pub authorizer: Option<Authorized>,
}

/// What the authoriser found. It leaves the gateway as it came in, but for numbers, which may come
/// back as texts.
#[derive(Debug, Deserialize)]
pub struct Authorized {
    /// Whose token it was.
    pub user_id: String,
    /// When it ends, milliseconds since 1970.
    #[serde(deserialize_with = "number")]
    pub token_expires_at: i64,
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .ok_or_else(|| D::Error::custom("not a whole number"))
}

/// An answer to the gateway without a body.
pub(crate) fn answer(status: u16) -> Value {
    json!({"statusCode": status})
}
