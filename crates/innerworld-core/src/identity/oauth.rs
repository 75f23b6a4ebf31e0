//! Signing in through a browser: the rules of the authorization-code flow with PKCE (RFC 6749,
//! RFC 7636), and the port that keeps what waits between its steps.

use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::{
    constant_time,
    digest::{SHA256, digest},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

use crate::{clock::Timestamp, error::PortError, ids::TeenId, secret::Text};

/// How long somebody may take at the other identity provider.
pub const REQUEST_LIFE: Duration = Duration::from_secs(600);
/// How long a code may be exchanged for tokens.
pub const CODE_LIFE: Duration = Duration::from_secs(300);
/// Most sign-ins that may wait for their answer at a time.
pub const MAX_WAITING: usize = 10_000;
/// Longest `state` and `nonce` of an app.
pub const MAX_STATE_BYTES: usize = 1_024;

/// A sign-in that an app began and the other identity provider has not answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRequest {
    /// Where the browser goes back to; one of the configured addresses.
    pub redirect_uri: String,
    /// The app's own state, given back as it came.
    pub state: Text,
    /// The app's nonce for its id token.
    pub app_nonce: Option<Text>,
    /// PKCE: SHA-256 of the verifier, base64url.
    pub challenge: String,
    /// The nonce that the other provider's id token must carry.
    pub nonce: Text,
    /// It does not exist at or after this instant.
    pub expires_at: Timestamp,
}

/// A code that an app exchanges for tokens, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// SHA-256 of the code.
    pub hash: [u8; 32],
    /// Who signed in.
    pub teen: TeenId,
    /// The address it was sent to.
    pub redirect_uri: String,
    /// PKCE: SHA-256 of the verifier, base64url.
    pub challenge: String,
    /// The app's nonce for its id token.
    pub app_nonce: Option<Text>,
    /// It does not exist at or after this instant.
    pub expires_at: Timestamp,
}

/// What came of using a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// The first use.
    First(AuthorizationCode),
    /// It was used before: the refresh grant that the first use was for, and whose it is.
    Again {
        /// Whose.
        teen: TeenId,
        /// Hash of the refresh token that the first use may have been given.
        grant: [u8; 32],
    },
    /// There is no such code.
    Unknown,
}

/// Sign-ins that wait for the other provider, and codes that wait for the app.
///
/// # Contract
/// * `take_request` gives a request once; `redeem` says `First` once, also to uses at once.
/// * Requests and codes do not exist at or after their `expires_at`.
/// * `put_request` is `Throttled` while `most` requests wait.
#[async_trait]
pub trait AuthorizationStore: Send + Sync {
    /// Keeps a request under the hash of what the browser carries.
    async fn put_request(
        &self,
        hash: [u8; 32],
        request: &SignInRequest,
        most: usize,
        now: Timestamp,
    ) -> Result<(), PortError>;

    /// Removes and returns a request.
    async fn take_request(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, PortError>;

    /// Keeps a code.
    async fn put_code(&self, code: &AuthorizationCode) -> Result<(), PortError>;

    /// Uses a code for the refresh grant with the hash `grant`.
    async fn redeem(
        &self,
        hash: [u8; 32],
        grant: [u8; 32],
        now: Timestamp,
    ) -> Result<Redeemed, PortError>;
}

/// Whether this is a PKCE challenge of the method S256: 32 bytes in base64url.
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43 && BASE64.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether the verifier belongs to the challenge (RFC 7636, 4.1 and 4.6).
pub fn verifier_fits(verifier: &str, challenge: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let made = BASE64.encode(digest(&SHA256, verifier.as_bytes()));
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && constant_time::verify_slices_are_equal(made.as_bytes(), challenge.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_verifier_fits_its_own_challenge_alone() {
        assert!(is_challenge(CHALLENGE));
        assert!(verifier_fits(VERIFIER, CHALLENGE));
        let other = VERIFIER.replacen('d', "e", 1);
        let long = "a".repeat(129);
        for wrong in ["", "short", CHALLENGE, &other, &long] {
            assert!(!verifier_fits(wrong, CHALLENGE), "{wrong}");
        }
        // The method `plain` would take the challenge for its own verifier.
        assert!(!verifier_fits(VERIFIER, VERIFIER));
        for wrong in ["", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", "é"] {
            assert!(!is_challenge(wrong), "{wrong}");
        }
    }
}
