//! One signing key: made, read, and taken apart for the public set.

use aws_lc_rs::{
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::SigningKey,
};
use jsonwebtoken::DecodingKey;
use std::sync::Arc;

/// A signing key, ready for use.
pub(super) struct Key {
    pub(super) kid: String,
    pub(super) active: bool,
    pub(super) pair: KeyPair,
    pub(super) decoding: DecodingKey,
    pub(super) modulus: String,
    pub(super) created_at: Timestamp,
}

/// The operation, in errors.
pub(super) const MAKE: &str = "make a signing key";

/// PKCS#8 of a fresh RSA-2048 key.
pub(super) fn generate() -> Result<Vec<u8>, PortError> {
    use aws_lc_rs::encoding::AsDer as _;
    let fault = |_unspecified| PortError::new(ErrorKind::Unavailable, MAKE);
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(fault)?;
    let der = pair.as_der().map_err(fault)?;
    Ok(der.as_ref().to_vec())
}

/// Reads a stored key.
pub(super) fn read(stored: &SigningKey) -> Result<Arc<Key>, PortError> {
    let corrupt = || PortError::new(ErrorKind::Corrupt, "read a signing key");
    let pair = KeyPair::from_pkcs8(stored.pkcs8.reveal()).map_err(|_rejected| corrupt())?;
    let public = pair.public_key().as_ref().to_vec();
    let modulus = modulus(&public).ok_or_else(corrupt)?;
    Ok(Arc::new(Key {
        kid: stored.kid.clone(),
        active: stored.active,
        decoding: DecodingKey::from_rsa_der(&public),
        modulus: BASE64.encode(modulus),
        created_at: stored.created_at,
        pair,
    }))
}

/// The modulus inside the DER form of a 2,048-bit public key with the exponent 65,537
/// (RFC 8017 A.1.1): the lengths are fixed, so it lies at a fixed place.
fn modulus(der: &[u8]) -> Option<&[u8]> {
    let head = [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00];
    let tail = [0x02, 0x03, 0x01, 0x00, 0x01];
    der.strip_prefix(&head)?
        .strip_suffix(&tail)
        .filter(|modulus| modulus.len() == 256)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
    use innerworld_core::secret::Redacted;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_made_key_is_read_again_and_its_signature_fits_the_published_key() {
        let key = read(&SigningKey {
            kid: "k".into(),
            active: true,
            pkcs8: Redacted::new(generate().unwrap()),
            created_at: Timestamp::from_millis(0),
        })
        .unwrap();
        let text = format!(
            "{}.{}",
            BASE64.encode(r#"{"alg":"RS256"}"#),
            BASE64.encode("{}")
        );
        let mut signature = vec![0_u8; key.pair.public_modulus_len()];
        key.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .unwrap();
        let token = format!("{text}.{}", BASE64.encode(&signature));
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let published = DecodingKey::from_rsa_components(&key.modulus, "AQAB").unwrap();
        for decoding in [&key.decoding, &published] {
            assert!(jsonwebtoken::decode::<Value>(&token, decoding, &validation).is_ok());
        }
        let forged = format!("{text}.{}", BASE64.encode([0_u8; 256]));
        assert!(jsonwebtoken::decode::<Value>(&forged, &published, &validation).is_err());
    }
}
