//! How this installation proves itself to Apple: a token that it signs with its own key.

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::json;

use super::ClientAuth;
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    secret::Secret,
};

/// How long a client secret is good; Apple allows six months.
const LIFE: Duration = Duration::from_secs(300);

/// The text is no private key that Apple gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a private key as Apple gives it out: a .p8 file that begins with `-----BEGIN PRIVATE KEY-----`"
)]
pub struct BadKey;

/// The private key of Sign in with Apple, with the names that belong to it.
pub struct AppleKey {
    team_id: String,
    key_id: String,
    client_id: String,
    key: EncodingKey,
}

impl std::fmt::Debug for AppleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppleKey([redacted])")
    }
}

/// The names that belong to a private key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyNames {
    /// The developer team.
    pub team_id: String,
    /// The key.
    pub key_id: String,
    /// The Services ID.
    pub client_id: String,
}

impl AppleKey {
    /// Reads a P-256 key in PKCS#8 as PEM; line ends may be written as `\n`, as secret stores do.
    pub fn parse(pem: &Secret, names: KeyNames) -> Result<Self, BadKey> {
        let text = Secret::new(pem.reveal().replace("\\n", "\n"));
        let der = PrivatePkcs8KeyDer::from_pem_slice(text.reveal().as_bytes())
            .map_err(|_says_nothing| BadKey)?;
        let der = der.secret_pkcs8_der();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map_err(|_rejected| BadKey)?;
        Ok(Self {
            team_id: names.team_id,
            key_id: names.key_id,
            client_id: names.client_id,
            key: EncodingKey::from_ec_der(der),
        })
    }

    /// The Services ID.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// A client secret for the identity service `issuer`, good for five minutes.
    pub fn client_auth(&self, issuer: &str, now: Timestamp) -> Result<ClientAuth, PortError> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.key_id.clone());
        let claims = json!({
            "iss": self.team_id, "sub": self.client_id, "aud": issuer,
            "iat": now.as_seconds(), "exp": now.plus(LIFE).as_seconds(),
        });
        let secret = jsonwebtoken::encode(&header, &claims, &self.key).map_err(|cause| {
            PortError::with_source(ErrorKind::Unavailable, "sign a client secret", cause)
        })?;
        Ok(ClientAuth {
            client_id: self.client_id.clone(),
            secret: Secret::new(secret),
        })
    }
}
