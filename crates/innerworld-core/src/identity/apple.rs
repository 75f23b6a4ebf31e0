//! Sign in with Apple, and what Apple tells about it: the rules, without any I/O. Every runtime
//! brings its own [`AppleService`].

pub mod client_secret;
pub mod event;
pub mod id_token;
mod jws;
pub mod keys;
pub mod store_notice;

use async_trait::async_trait;

use self::keys::KeySet;
use crate::{
    error::PortError,
    secret::{Secret, Text},
};

/// The name of the provider: in `identity_provider`, and in front of a subject.
pub const PROVIDER: &str = "SignInWithApple";
/// Apple's identity service.
pub const ISSUER: &str = "https://appleid.apple.com";
/// Longest signed text that is looked at; a notification of the app store holds another one and
/// two chains of certificates, and has about 20,000 bytes.
pub const MAX_JWS_BYTES: usize = 96 * 1_024;

/// Why something that claims to come from Apple is not believed. Callers show none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// Not a signed text of the form expected, or too large.
    #[error("the signed text has a wrong form")]
    Form,
    /// Signed by another algorithm than the one expected, or not at all.
    #[error("the signature has a wrong algorithm")]
    Algorithm,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Signature,
    /// The certificates do not lead to the configured root, or are not for this purpose.
    #[error("the certificates are not trusted")]
    Chain,
    /// Another issuer.
    #[error("the issuer is another one")]
    Issuer,
    /// Meant for another app.
    #[error("the audience is another one")]
    Audience,
    /// It ended, or begins in the future.
    #[error("the time is over, or not yet there")]
    Time,
    /// It answers another sign-in.
    #[error("the nonce is another one")]
    Nonce,
}

/// Who signs in, as Apple knows them: stable for a developer team, and not an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppleSubject(Text);

impl AppleSubject {
    /// Reads the `sub` of a text whose signature was checked.
    pub fn parse(sub: &str) -> Result<Self, Untrusted> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let fits = (1..=128).contains(&sub.len()) && sub.bytes().all(plain);
        if fits {
            Ok(Self(Text::new(sub.to_owned())))
        } else {
            Err(Untrusted::Form)
        }
    }

    /// The name of the account: `SignInWithApple_<sub>`, as Cognito calls it. It holds no `@`, so
    /// it is never an address.
    pub fn account_name(&self) -> Text {
        Text::new(format!("{PROVIDER}_{}", self.0.reveal()))
    }
}

/// What this installation proves itself with to Apple.
#[derive(Clone, Debug)]
pub struct ClientAuth {
    /// The Services ID.
    pub client_id: String,
    /// The signed client secret.
    pub secret: Secret,
}

/// Tokens that Apple gave for a code.
#[derive(Clone, Debug)]
pub struct AppleTokens {
    /// Who signed in, signed.
    pub id_token: Text,
    /// For taking the grant back.
    pub refresh_token: Text,
}

/// Port: calls to Apple's identity service.
///
/// Errors: `Denied` if Apple refuses the code, `Throttled` or `Unavailable` if another time may
/// help, `Invalid` or `Corrupt` for an answer that cannot be read.
#[async_trait]
pub trait AppleService: Send + Sync {
    /// Exchanges a code that was sent to `redirect_uri`.
    async fn exchange(
        &self,
        client: &ClientAuth,
        code: &Text,
        redirect_uri: &str,
    ) -> Result<AppleTokens, PortError>;

    /// Takes back a grant by its refresh token.
    async fn revoke(&self, client: &ClientAuth, token: &Text) -> Result<(), PortError>;

    /// The keys that Apple signs with.
    async fn keys(&self) -> Result<KeySet, PortError>;
}
