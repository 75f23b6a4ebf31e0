//! Signed texts by a key of Apple's key set: RS256 and nothing else.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::DeserializeOwned;

use super::{MAX_JWS_BYTES, Untrusted};

const MAX_KID_BYTES: usize = 128;

/// The id of the key that signed. Nothing is verified yet.
pub(super) fn kid(token: &str) -> Result<String, Untrusted> {
    if token.len() > MAX_JWS_BYTES {
        return Err(Untrusted::Form);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_cause| Untrusted::Form)?;
    if header.alg != Algorithm::RS256 {
        return Err(Untrusted::Algorithm);
    }
    header
        .kid
        .filter(|kid| (1..=MAX_KID_BYTES).contains(&kid.len()))
        .ok_or(Untrusted::Form)
}

/// The claims under a signature that fits.
pub(super) fn claims<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> Result<T, Untrusted> {
    let mut validation = Validation::new(algorithm);
    // Issuer, audience and times are compared by the callers, with our clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let read = jsonwebtoken::decode(token, key, &validation).map_err(|cause| {
        use jsonwebtoken::errors::ErrorKind;
        match cause.kind() {
            ErrorKind::InvalidSignature => Untrusted::Signature,
            ErrorKind::InvalidAlgorithm => Untrusted::Algorithm,
            _ => Untrusted::Form,
        }
    })?;
    Ok(read.claims)
}
