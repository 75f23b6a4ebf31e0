//! The rules of an access token, each by itself.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    identity::token::{Claims, TokenError},
    ids::TeenId,
};
use serde_json::{Map, Value};

use super::UserPool;

/// How far a token's issue may lie in the future: clocks differ.
const SLACK: Duration = Duration::from_secs(60);

/// A rule that a token breaks, as a sentence about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRule {
    /// Form.
    #[error("it is longer than any access token of a user pool")]
    Length,
    /// Form.
    #[error("it is no JSON web token with a `kid`")]
    Form,
    /// `alg`.
    #[error("it is not signed with RS256")]
    Algorithm,
    /// `kid`.
    #[error("the user pool has no key of its `kid`")]
    Key,
    /// Signature.
    #[error("its signature is not by the pool's key of its `kid`")]
    Signature,
    /// `iss`.
    #[error("its `iss` is not this user pool")]
    Issuer,
    /// `token_use`.
    #[error("its `token_use` is not `access`")]
    Use,
    /// `client_id`.
    #[error("its `client_id` is not this app client")]
    Client,
    /// `iat`, `nbf`.
    #[error("it begins more than a minute after this machine's present")]
    NotYet,
    /// `sub`.
    #[error("its `sub` is not a UUID")]
    Subject,
    /// Any of those that every access token has.
    #[error("a claim that every access token has is missing or of another kind")]
    Claims,
    /// `exp`.
    #[error("it has expired")]
    Expired,
    /// The deny list.
    #[error("the teen has signed out everywhere since, or is being erased")]
    Revoked,
    /// Nothing is known of the key.
    #[error("the user pool's keys could not be read")]
    KeysUnread,
    /// Nothing is known of the deny list.
    #[error("the deny list could not be read")]
    DenyListUnread,
}

impl BrokenRule {
    /// What to do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Length | Self::Form => {
                "give the AccessToken of a sign-in, alone and whole, without `Bearer`"
            }
            Self::Algorithm | Self::Signature => {
                "take a fresh token from this user pool; a forged one looks like this"
            }
            Self::Key => {
                "check --user-pool: another pool signed it, or the pool's keys turned since"
            }
            Self::Issuer => "check --user-pool and its region, or sign in at this pool",
            Self::Use => "send the AccessToken of the sign-in, not its IdToken",
            Self::Client => "check --client against the app client that the program signs in with",
            Self::NotYet => "set this machine's clock, or wait",
            Self::Subject | Self::Claims => {
                "look at the token with `innerworld token inspect`: Cognito's access tokens have \
                 sub, iss, client_id, token_use, auth_time, iat, exp and jti"
            }
            Self::Expired => "sign in again, or refresh: access tokens last an hour by default",
            Self::Revoked => "sign in again; nobody who is being erased gets in",
            Self::KeysUnread => {
                "look whether this machine reaches the pool's /.well-known/jwks.json over https"
            }
            Self::DenyListUnread => "look at the table `teens` above",
        }
    }
}

impl From<BrokenRule> for TokenError {
    fn from(rule: BrokenRule) -> Self {
        match rule {
            BrokenRule::Expired => Self::Expired,
            BrokenRule::Revoked => Self::Revoked,
            BrokenRule::KeysUnread | BrokenRule::DenyListUnread => Self::Unavailable,
            _ => Self::Invalid,
        }
    }
}

/// What a token says.
pub(super) struct Said(pub(super) Map<String, Value>);

impl Said {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn seconds(&self, name: &str) -> Option<Timestamp> {
        let seconds = self.0.get(name).and_then(Value::as_i64)?;
        Some(Timestamp::from_millis(seconds.saturating_mul(1_000)))
    }

    /// Every rule that the claims break; that it ended comes last, for who refreshes it must know
    /// that nothing else is wrong.
    pub(super) fn broken(&self, pool: &UserPool, now: Timestamp) -> Vec<BrokenRule> {
        let issued = self.seconds("iat");
        // A `nbf` of another kind is none; Cognito sends none at all.
        let began = self.seconds("nbf").max(issued);
        let rules = [
            (BrokenRule::Issuer, self.text("iss") != Some(pool.issuer())),
            (BrokenRule::Use, self.text("token_use") != Some("access")),
            (
                BrokenRule::Client,
                self.text("client_id") != Some(pool.client_id()),
            ),
            (
                BrokenRule::NotYet,
                began.is_some_and(|began| began > now.plus(SLACK)),
            ),
            (BrokenRule::Claims, self.lacks_one()),
            (BrokenRule::Subject, self.teen().is_none()),
            (
                BrokenRule::Expired,
                self.seconds("exp").is_some_and(|end| end <= now),
            ),
        ];
        let broken = rules.into_iter().filter(|(_rule, is_broken)| *is_broken);
        broken.map(|(rule, _)| rule).collect()
    }

    fn lacks_one(&self) -> bool {
        let has_times = ["auth_time", "iat", "exp"]
            .iter()
            .all(|name| self.seconds(name).is_some());
        let scope = self.0.get("scope");
        let nbf = self.0.get("nbf");
        !has_times
            || self.text("sub").is_none()
            || self.text("jti").is_none()
            || scope.is_some_and(|scope| !scope.is_string())
            || nbf.is_some_and(|nbf| !nbf.is_i64() && !nbf.is_null())
    }

    fn teen(&self) -> Option<TeenId> {
        self.text("sub")
            .and_then(|sub| TeenId::from_verified_subject(sub).ok())
    }

    /// The claims, once no rule is broken.
    pub(super) fn claims(&self) -> Result<Claims, BrokenRule> {
        let at = |name| self.seconds(name).ok_or(BrokenRule::Claims);
        let scope = self.text("scope").unwrap_or_default();
        Ok(Claims {
            teen: self.teen().ok_or(BrokenRule::Subject)?,
            issued_at: at("iat")?,
            expires_at: at("exp")?,
            jti: self.text("jti").ok_or(BrokenRule::Claims)?.to_owned(),
            auth_time: at("auth_time")?,
            scopes: scope.split(' ').map(str::to_owned).collect(),
        })
    }
}
