//! Signing in and out, and what a signed-in teen does with the account.

use std::net::IpAddr;

use innerworld_core::{
    error::PortError,
    identity::{
        account::{Account, AccountState},
        token::{Claims, TokenError, TokenVerifier as _},
    },
    secret::Text,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cognito, alike, fault::Fault, limits::Counted, sign_up::check_password, tokens, who::Who,
};
use crate::http::account::IdentityProvider as _;
use innerworld_engine::erase::{Closing, Forgets as _};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InitiateAuth {
    client_id: String,
    auth_flow: String,
    #[serde(default)]
    auth_parameters: AuthParameters,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct AuthParameters {
    username: Text,
    password: Text,
    refresh_token: Text,
    srp_a: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithToken {
    access_token: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangePassword {
    access_token: Text,
    previous_password: Text,
    proposed_password: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RevokeToken {
    client_id: String,
    token: Text,
}

impl Cognito {
    pub(super) async fn initiate_auth(
        &self,
        request: InitiateAuth,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        let parameters = request.auth_parameters;
        let result = match request.auth_flow.as_str() {
            "USER_PASSWORD_AUTH" => {
                let (username, password) = (parameters.username, parameters.password.into_inner());
                let found = self.authenticate(username.reveal(), password, address);
                let account = alike(found).await?;
                self.sign_in(&account).await?
            }
            "USER_SRP_AUTH" => {
                let asked =
                    self.challenge(parameters.username.reveal(), &parameters.srp_a, address);
                return alike(asked).await;
            }
            "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
                self.refresh(parameters.refresh_token.reveal()).await?
            }
            _ => return Err(Fault::parameter("This AuthFlow is not offered here.")),
        };
        Ok(json!({"AuthenticationResult": result, "ChallengeParameters": {}}))
    }

    async fn authenticate(
        &self,
        username: &str,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<Account, Fault> {
        let Who {
            counted, account, ..
        } = self.who(username).await?;
        let now = self.ports.clock.now();
        if !self.limits.admit(Counted::Password, &counted, address, now) {
            return Err(Fault::PASSWORDS);
        }
        if password.len() > innerworld_core::identity::password::MAX_BYTES {
            return Err(Fault::NOT_AUTHORIZED);
        }
        let credential = match &account {
            Some(account) => self.ports.accounts.credential(account.teen).await?,
            None => None,
        };
        let fits = self.passwords.check(credential, password).await?;
        let account = account.filter(|_| fits).ok_or(Fault::NOT_AUTHORIZED)?;
        self.limits.forgive(Counted::Password, &counted, address);
        may_sign_in(account)
    }

    pub(super) async fn refresh(&self, token: &str) -> Result<Value, Fault> {
        let now = self.ports.clock.now();
        let accounts = &self.ports.accounts;
        let grant = accounts
            .grant(tokens::hash(token), now)
            .await?
            .ok_or(Fault::BAD_REFRESH)?;
        let account = accounts
            .by_id(grant.teen)
            .await?
            .filter(|account| account.state == AccountState::Confirmed)
            .ok_or(Fault::BAD_REFRESH)?;
        if self.ports.erasure.is_fenced(grant.teen).await? {
            return Err(Fault::BAD_REFRESH);
        }
        self.keys.look_after(now).await;
        Ok(self.issue(&account, &grant, now)?)
    }

    pub(super) async fn get_user(&self, request: WithToken) -> Result<Value, Fault> {
        let claims = self.claims(&request.access_token).await?;
        let account = self
            .ports
            .accounts
            .by_id(claims.teen)
            .await?
            .ok_or(Fault::BAD_TOKEN)?;
        let mut attributes = vec![json!({"Name": "sub", "Value": claims.teen.to_string()})];
        if account.federated.is_none() {
            attributes.push(json!({"Name": "email", "Value": account.email.reveal()}));
            attributes.push(json!({"Name": "email_verified", "Value": "true"}));
        }
        Ok(json!({"Username": account.username().reveal(), "UserAttributes": attributes}))
    }

    pub(super) async fn change_password(
        &self,
        request: ChangePassword,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        let claims = self.claims(&request.access_token).await?;
        check_password(request.proposed_password.reveal())?;
        let sub = claims.teen.to_string();
        self.authenticate(&sub, request.previous_password.into_inner(), address)
            .await?;
        let proposed = request.proposed_password.into_inner();
        let credential = self.passwords.make(claims.teen, proposed).await?;
        self.ports
            .accounts
            .put_credential(claims.teen, &credential)
            .await?;
        Ok(json!({}))
    }

    pub(super) async fn global_sign_out(&self, request: WithToken) -> Result<Value, Fault> {
        let claims = self.claims(&request.access_token).await?;
        self.end_sessions(claims.teen).await?;
        Ok(json!({}))
    }

    pub(super) async fn revoke_token(&self, request: RevokeToken) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        self.end_grant(tokens::hash(request.token.reveal())).await?;
        Ok(json!({}))
    }

    /// Takes back a refresh token, with the access tokens and sockets that descend from it.
    pub(super) async fn end_grant(&self, hash: [u8; 32]) -> Result<(), PortError> {
        let now = self.ports.clock.now();
        if let Some(grant) = self.ports.accounts.grant(hash, now).await? {
            self.ports.accounts.remove_grant(hash).await?;
            self.verifier.forget(grant.teen);
            // A socket does not remember which sign-in it descends from; another device of the
            // same teen comes back with its own token.
            self.ports.sockets.close(grant.teen, Closing::SignedOut);
        }
        Ok(())
    }

    pub(super) async fn delete_user(&self, request: WithToken) -> Result<Value, Fault> {
        let claims = self.claims(&request.access_token).await?;
        self.eraser.request(claims.teen).await?;
        Ok(json!({}))
    }

    async fn claims(&self, token: &Text) -> Result<Claims, Fault> {
        let now = self.ports.clock.now();
        let claims =
            self.verifier
                .verify(token.reveal(), now)
                .await
                .map_err(|cause| match cause {
                    TokenError::Expired => {
                        Fault("NotAuthorizedException", "Access Token has expired")
                    }
                    TokenError::Revoked => {
                        Fault("NotAuthorizedException", "Access Token has been revoked")
                    }
                    TokenError::Invalid => Fault::BAD_TOKEN,
                    TokenError::Unavailable => Fault::INTERNAL,
                })?;
        if claims.scopes.iter().any(|scope| scope == tokens::SCOPE) {
            Ok(claims)
        } else {
            Err(Fault(
                "NotAuthorizedException",
                "Access Token does not have required scopes",
            ))
        }
    }
}

/// The account, if whoever knows its password may sign in. Only they are told why not.
pub(super) fn may_sign_in(account: Account) -> Result<Account, Fault> {
    match account.state {
        AccountState::Confirmed => Ok(account),
        AccountState::Unconfirmed => {
            Err(Fault("UserNotConfirmedException", "User is not confirmed."))
        }
        AccountState::Suspended => Err(Fault("NotAuthorizedException", "User is disabled.")),
        AccountState::Erasing => Err(Fault::NOT_AUTHORIZED),
    }
}
