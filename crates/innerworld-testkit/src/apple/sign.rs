//! A key of a key set, and everything that can be done wrong with it.

use aws_lc_rs::{
    encoding::AsDer as _,
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

/// An RSA key that signs tokens.
pub struct SigningKey {
    kid: String,
    pair: KeyPair,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

fn encoded(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

impl SigningKey {
    /// A new key of this name.
    pub fn generate(kid: &str) -> Self {
        Self {
            kid: kid.to_owned(),
            pair: KeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    /// The public key, as a key set has it.
    pub fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let part = |big: Vec<u8>| BASE64.encode(big);
        json!({"kty": "RSA", "kid": self.kid, "use": "sig", "alg": "RS256",
            "n": part(public.modulus().big_endian_without_leading_zero().to_vec()),
            "e": part(public.exponent().big_endian_without_leading_zero().to_vec())})
    }

    /// A signed token.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.kid, claims)
    }

    /// A signed token that names another key.
    pub fn sign_as(&self, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "kid": kid});
        let text = format!("{}.{}", encoded(&header), encoded(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair
            .sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
            .unwrap();
        format!("{text}.{}", BASE64.encode(signature))
    }

    /// A token that says it is not signed.
    pub fn unsigned(&self, claims: &Value) -> String {
        let header = json!({"alg": "none", "kid": self.kid});
        format!("{}.{}.", encoded(&header), encoded(claims))
    }

    /// A token signed with the public key as a shared secret.
    pub fn confused(&self, claims: &Value) -> String {
        let header = json!({"alg": "HS256", "kid": self.kid});
        let text = format!("{}.{}", encoded(&header), encoded(claims));
        let public = self.pair.public_key().as_der().unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, public.as_ref());
        let tag = hmac::sign(&key, text.as_bytes());
        format!("{text}.{}", BASE64.encode(tag))
    }
}
