//! Requests of the HTTP API (payload format 2.0) as a router takes them, and its answers as the gateway
//! does.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::ConnectInfo,
    http::{self, HeaderName, HeaderValue, Method, Uri, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use innerworld_core::hex;
use innerworld_server::http::account::ServedAt;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::run::Failure;

/// Longest answer that Lambda takes, as the text that it is sent in.
const ANSWER_BYTES: usize = 6 * 1024 * 1024;
/// The stage that does not show in paths.
const DEFAULT_STAGE: &str = "$default";
/// What this function is called with.
pub(crate) const EXPECTED: &str = "not a request of the HTTP API in payload format 2.0";

/// A request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    /// One value a name: the gateway puts commas between several.
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    #[serde(rename = "requestContext")]
    context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(default)]
    stage: Option<String>,
    #[serde(default)]
    domain_name: Option<String>,
    http: Line,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    method: String,
    #[serde(default)]
    source_ip: Option<IpAddr>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request([redacted])")
    }
}

impl Request {
    /// The request for a router. What the gateway's own authoriser found is not looked at: it lets id
    /// tokens pass, so the routes check the token again. What is no request of HTTP is no event of the
    /// gateway either.
    pub fn into_http(self) -> Result<http::Request<Body>, Failure> {
        const NOT_OURS: Failure = Failure::event(EXPECTED);
        let uri: Uri = self.uri().parse().map_err(|_quotes| NOT_OURS)?;
        let method = Method::from_bytes(self.context.http.method.as_bytes());
        let mut request = http::Request::new(Body::empty());
        *request.method_mut() = method.map_err(|_quotes| NOT_OURS)?;
        *request.uri_mut() = uri;
        if let Some(served) = self.served_at() {
            request.extensions_mut().insert(served);
        }
        if let Some(ip) = self.context.http.source_ip {
            let peer = ConnectInfo(SocketAddr::new(ip, 0));
            request.extensions_mut().insert(peer);
        }
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            // What HTTP does not know as a header the router cannot look at.
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(value);
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.insert(name, value);
            }
        }
        if let Ok(cookies) = HeaderValue::from_str(&self.cookies.join("; "))
            && !cookies.is_empty()
        {
            headers.insert(header::COOKIE, cookies);
        }
        *request.body_mut() = Body::from(self.content()?);
        Ok(request)
    }

    /// Path and query. The gateway gives the path as a client meant it, without what keeps it a path.
    fn uri(&self) -> String {
        let stage = self.stage().map(|stage| format!("/{stage}"));
        let path = stage
            .and_then(|stage| self.raw_path.strip_prefix(&stage))
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(&self.raw_path);
        let path = escaped(path, b"");
        if self.raw_query_string.is_empty() {
            return path;
        }
        format!("{path}?{}", escaped(&self.raw_query_string, b"?"))
    }

    fn served_at(&self) -> Option<ServedAt> {
        let domain = self.context.domain_name.as_ref()?;
        let stage = self.stage().map(|stage| format!("/{stage}"));
        let stage = stage.unwrap_or_default();
        Some(ServedAt(format!("https://{domain}{stage}")))
    }

    fn stage(&self) -> Option<&str> {
        let stage = self.context.stage.as_deref();
        stage.filter(|stage| !stage.is_empty() && *stage != DEFAULT_STAGE)
    }

    fn content(self) -> Result<Bytes, Failure> {
        let body = self.body.unwrap_or_default();
        if !self.is_base64_encoded {
            return Ok(body.into());
        }
        let decoded = BASE64.decode(body);
        decoded
            .map(Bytes::from)
            .map_err(|_quotes| Failure::event("a body that is not the base64 that it says it is"))
    }
}

/// The text with everything escaped that may not stand in a path; escapes stay as they are.
fn escaped(text: &str, also: &[u8]) -> String {
    const PLAIN: &[u8] = b"-._~!$&'()*+,;=:@/%";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) || also.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode(&[byte]).to_ascii_uppercase());
        }
    }
    out
}

/// A router's answer as the gateway takes it.
pub async fn answer(response: Response) -> Result<Value, Failure> {
    const TOO_LONG: Failure = Failure::refused("an answer is longer than 6 MB");
    let (head, body) = response.into_parts();
    let body = to_bytes(body, ANSWER_BYTES).await;
    let body = body.map_err(|_too_long| TOO_LONG)?;
    let mut headers: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &head.headers {
        let Ok(value) = value.to_str() else { continue };
        let values = headers.entry(name.as_str()).or_default();
        if !values.is_empty() {
            values.push_str(", ");
        }
        values.push_str(value);
    }
    let (body, encoded) = match std::str::from_utf8(&body) {
        Ok(text) => (text.to_owned(), false),
        Err(_not_text) => (BASE64.encode(&body), true),
    };
    let answer = json!({
        "statusCode": head.status.as_u16(),
        "headers": headers,
        "body": body,
        "isBase64Encoded": encoded,
    });
    if answer.to_string().len() > ANSWER_BYTES {
        return Err(TOO_LONG);
    }
    Ok(answer)
}
