//! Issues access, id and refresh tokens with Cognito's claims.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    hash::sha256,
    hex,
    identity::account::{Account, RefreshGrant},
    ids::TeenId,
    secret::Text,
};
use serde_json::{Value, json};

use super::Cognito;

/// Life of access and id tokens.
pub const ACCESS_LIFE: Duration = Duration::from_secs(3_600);
/// Life of a refresh token.
pub const REFRESH_LIFE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// The scope of tokens from a sign-in by password.
pub const SCOPE: &str = "aws.cognito.signin.user.admin";

impl Cognito {
    /// Tokens for a fresh sign-in, with a new refresh token.
    pub(super) async fn sign_in(&self, account: &Account) -> Result<Value, PortError> {
        self.sign_in_as(account, self.refresh_token(), None).await
    }

    /// The same with a refresh token that was made before, and with the app's nonce.
    pub(super) async fn sign_in_as(
        &self,
        account: &Account,
        token: String,
        nonce: Option<&Text>,
    ) -> Result<Value, PortError> {
        let now = self.ports.clock.now();
        let grant = RefreshGrant {
            hash: hash(&token),
            teen: account.teen,
            auth_time: now,
            expires_at: now.plus(REFRESH_LIFE),
        };
        self.ports.accounts.put_grant(&grant).await?;
        self.keys.look_after(now).await;
        let mut tokens = self.issue_with(account, &grant, nonce, now)?;
        if let Some(result) = tokens.as_object_mut() {
            result.insert("RefreshToken".to_owned(), Value::String(token));
        }
        Ok(tokens)
    }

    /// A new refresh token, or anything else that nobody guesses.
    pub(super) fn refresh_token(&self) -> String {
        let mut secret = [0_u8; 32];
        self.ports.ids.fill(&mut secret);
        BASE64.encode(secret)
    }

    /// Access and id token that descend from `grant`.
    pub(super) fn issue(
        &self,
        account: &Account,
        grant: &RefreshGrant,
        now: Timestamp,
    ) -> Result<Value, PortError> {
        self.issue_with(account, grant, None, now)
    }

    fn issue_with(
        &self,
        account: &Account,
        grant: &RefreshGrant,
        nonce: Option<&Text>,
        now: Timestamp,
    ) -> Result<Value, PortError> {
        let sub = account.teen.to_string();
        let iat = now.as_seconds();
        let life = i64::try_from(ACCESS_LIFE.as_secs()).unwrap_or(i64::MAX);
        let event = self.uuid();
        let access = json!({
            "sub": sub, "iss": self.pool.issuer, "client_id": self.pool.client_id,
            "origin_jti": hex::encode(&grant.hash), "event_id": event, "token_use": "access",
            "scope": SCOPE, "auth_time": grant.auth_time.as_seconds(), "iat": iat,
            "exp": iat + life, "jti": self.uuid(), "username": account.username().reveal(),
            "iat_ms": now.as_millis(),
        });
        let mut id = json!({
            "sub": sub, "iss": self.pool.issuer, "aud": self.pool.client_id,
            "origin_jti": hex::encode(&grant.hash), "event_id": event, "token_use": "id",
            "auth_time": grant.auth_time.as_seconds(), "iat": iat, "exp": iat + life,
            "jti": self.uuid(), "cognito:username": account.username().reveal(),
        });
        if let Some(claims) = id.as_object_mut() {
            if account.federated.is_none() {
                claims.insert("email".to_owned(), json!(account.email.reveal()));
                claims.insert("email_verified".to_owned(), json!(true));
            }
            if let Some(nonce) = nonce {
                claims.insert("nonce".to_owned(), json!(nonce.reveal()));
            }
        }
        Ok(json!({
            "AccessToken": self.keys.sign(&access)?, "IdToken": self.keys.sign(&id)?,
            "ExpiresIn": life, "TokenType": "Bearer",
        }))
    }

    /// A random UUID (version 4).
    pub(super) fn uuid(&self) -> String {
        self.new_subject().to_string()
    }

    /// A random subject: a UUID of version 4.
    pub(super) fn new_subject(&self) -> TeenId {
        let mut bytes = [0_u8; 16];
        self.ports.ids.fill(&mut bytes);
        version_4(u128::from_be_bytes(bytes))
    }
}

/// The subject with these random bits: a UUID of version 4.
pub(super) const fn version_4(bits: u128) -> TeenId {
    let version = (bits & !(0xF << 76)) | (0x4 << 76);
    TeenId::from_subject_bits((version & !(0x3 << 62)) | (0x2 << 62))
}

/// SHA-256 of a refresh token: what is stored of it.
pub fn hash(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

/// Reads what [`hex`] wrote.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    let mut digits = text.chars();
    for byte in &mut bytes {
        let pair = (digits.next()?.to_digit(16)? << 4) | digits.next()?.to_digit(16)?;
        *byte = u8::try_from(pair).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}
