//! `SigV4`, recomputed from its description (doc "Create a signed AWS API request"), with none of
//! the code that signs.

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

/// Checks a request's signature; the error says what is wrong with it.
pub(super) fn check(
    caller: &Caller,
    now: Timestamp,
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
    if (written.as_second() - now.as_seconds()).abs() > SKEW {
        return Err("skew");
    }
    let scope = format!("{day}/{}/neptune-db/aws4_request", caller.region);
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
        parts.uri.path(),
        parts.uri.query().unwrap_or_default(),
        hex::sha256(body)
    );
    let signed = format!(
        "{ALGORITHM}\n{at}\n{scope}\n{}",
        hex::sha256(canonical.as_bytes())
    );
    let expected = hex::encode(signature(caller, day, &signed).as_ref());
    if part("Signature") == Some(expected.as_str()) {
        Ok(())
    } else {
        Err("signature")
    }
}

fn signature(caller: &Caller, day: &str, signed: &str) -> hmac::Tag {
    let first = format!("AWS4{}", caller.secret);
    let steps = [day, &caller.region, "neptune-db", "aws4_request"];
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes());
    for step in steps {
        key = hmac::Key::new(
            hmac::HMAC_SHA256,
            hmac::sign(&key, step.as_bytes()).as_ref(),
        );
    }
    hmac::sign(&key, signed.as_bytes())
}
