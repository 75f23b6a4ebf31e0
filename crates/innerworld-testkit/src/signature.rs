//! `SigV4`, recomputed from its description (doc "Create a signed AWS API request"), with none of
//! the code that signs.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use axum::http::request::Parts;
use innerworld_core::{clock::Timestamp, hex};

/// How far the caller's clock may be off, in seconds.
const SKEW: i64 = 5 * 60;
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who may call.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Access key id.
    pub access_key: String,
    /// Its secret.
    pub secret: String,
    /// Token of a session, where the key is one's.
    pub session_token: Option<String>,
    /// Region of the service.
    pub region: String,
}

impl Caller {
    /// Who programs are that run as functions of [`crate::lambda`].
    pub fn of_functions() -> Self {
        Self {
            access_key: "test".to_owned(),
            secret: "test".to_owned(),
            session_token: Some("test".to_owned()),
            region: "us-east-1".to_owned(),
        }
    }
}

/// Checks a request's signature for `service`; the error says what is wrong with it. Without `now`
/// a caller's clock may be off by anything.
pub fn check(
    (caller, service): (&Caller, &str),
    now: Option<Timestamp>,
    parts: &Parts,
    body: &[u8],
) -> Result<(), &'static str> {
    let header = |name: &str| parts.headers.get(name)?.to_str().ok();
    let given = header("authorization").ok_or("unsigned")?;
    let given = given.strip_prefix(ALGORITHM).ok_or("algorithm")?;
    let part = |name: &str| {
        let mut parts = given.split(',').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    let at = header("x-amz-date").ok_or("date")?;
    let day = at.get(..8).ok_or("date")?;
    let written = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", at).map_err(|_cause| "date")?;
    let written = jiff::tz::TimeZone::UTC
        .to_timestamp(written)
        .map_err(|_cause| "date")?;
    let off = now.map_or(0, |now| written.as_second() - now.as_seconds());
    if off.abs() > SKEW {
        return Err("skew");
    }
    let scope = format!("{day}/{}/{service}/aws4_request", caller.region);
    let credential = format!("{}/{scope}", caller.access_key);
    if part("Credential") != Some(credential.as_str()) {
        return Err("credential");
    }
    if header("x-amz-security-token") != caller.session_token.as_deref() {
        return Err("session token");
    }
    let names = part("SignedHeaders").ok_or("signed headers")?;
    let mut needed = vec!["host", "x-amz-date"];
    needed.extend(
        caller
            .session_token
            .as_ref()
            .map(|_token| "x-amz-security-token"),
    );
    if !needed
        .iter()
        .all(|one| names.split(';').any(|name| name == *one))
    {
        return Err("signed headers");
    }
    let headers = names.split(';').map(|name| {
        let value = header(name).ok_or("signed headers")?.trim();
        Ok(format!("{name}:{value}\n"))
    });
    let headers = headers.collect::<Result<String, &'static str>>()?;
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{names}\n{}",
        parts.method,
        canonical_path(parts.uri.path()),
        parts.uri.query().unwrap_or_default(),
        hex::sha256(body)
    );
    let signed = format!(
        "{ALGORITHM}\n{at}\n{scope}\n{}",
        hex::sha256(canonical.as_bytes())
    );
    let expected = hex::encode(signature((caller, service), day, &signed).as_ref());
    if part("Signature") == Some(expected.as_str()) {
        Ok(())
    } else {
        Err("signature")
    }
}

/// The path as it is signed: what was sent, encoded once more (same page: for every service but
/// S3). A service does not decode it before.
fn canonical_path(sent: &str) -> String {
    let mut path = String::new();
    for byte in sent.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            path.push(char::from(byte));
        } else {
            write!(path, "%{byte:02X}").unwrap();
        }
    }
    path
}

fn signature((caller, service): (&Caller, &str), day: &str, signed: &str) -> hmac::Tag {
    let first = format!("AWS4{}", caller.secret);
    let steps = [day, &caller.region, service, "aws4_request"];
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes());
    for step in steps {
        key = hmac::Key::new(
            hmac::HMAC_SHA256,
            hmac::sign(&key, step.as_bytes()).as_ref(),
        );
    }
    hmac::sign(&key, signed.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::canonical_path;

    /// As the gateway accepts it (issue smithy-kotlin#1008) and as it wrote it in a refusal (issue
    /// Paw-AWSSignature4DynamicValue#23).
    #[test]
    fn a_path_is_encoded_once_more_than_it_was_sent() {
        for (sent, signed) in [
            ("/openCypher", "/openCypher"),
            (
                "/@connections/PiJ_BfnLoAMCJEw%3D",
                "/%40connections/PiJ_BfnLoAMCJEw%253D",
            ),
            (
                "/dev/%40connections/asnFYeJtCGYCEZQ%3D",
                "/dev/%2540connections/asnFYeJtCGYCEZQ%253D",
            ),
        ] {
            assert_eq!(canonical_path(sent), signed);
        }
    }
}
