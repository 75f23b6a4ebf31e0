//! The id token that says who signed in.

use std::time::Duration;

use aws_lc_rs::constant_time;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use super::{AppleSubject, Untrusted, jws};
use crate::clock::Timestamp;

/// How far Apple's clock may be ahead of ours.
const SLACK: Duration = Duration::from_secs(60);

/// What an id token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who signs.
    pub issuer: &'a str,
    /// The Services ID that the sign-in was begun with.
    pub audience: &'a str,
    /// The nonce that the sign-in was begun with.
    pub nonce: &'a str,
    /// The present.
    pub now: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    nonce: String,
}

/// Checks signature, issuer, audience, times and nonce.
pub fn check(
    token: &str,
    key: &DecodingKey,
    expected: &Expected<'_>,
) -> Result<AppleSubject, Untrusted> {
    let claims: Claims = jws::claims(token, key, Algorithm::RS256)?;
    if claims.iss != expected.issuer {
        return Err(Untrusted::Issuer);
    }
    if claims.aud != expected.audience {
        return Err(Untrusted::Audience);
    }
    let seconds = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
    if seconds(claims.exp) <= expected.now || seconds(claims.iat) > expected.now.plus(SLACK) {
        return Err(Untrusted::Time);
    }
    let (given, wanted) = (claims.nonce.as_bytes(), expected.nonce.as_bytes());
    if constant_time::verify_slices_are_equal(given, wanted).is_err() {
        return Err(Untrusted::Nonce);
    }
    AppleSubject::parse(&claims.sub)
}
