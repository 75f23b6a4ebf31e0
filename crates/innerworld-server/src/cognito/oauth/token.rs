//! The third step: the app exchanges its code for tokens, renews them, and gives them back.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Form, State, rejection::FormRejection},
    http::StatusCode,
};
use innerworld_core::{
    identity::{
        account::{Account, AccountState},
        oauth::{self, AuthorizationCode, Redeemed},
    },
    secret::Text,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Refusal;
use crate::cognito::{Cognito, fault::Fault, tokens};

/// Codes and tokens of ours are far shorter.
const MAX_BYTES: usize = 512;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    grant_type: String,
    client_id: String,
    code: Text,
    redirect_uri: String,
    code_verifier: Text,
    refresh_token: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GivenBack {
    client_id: String,
    token: Text,
}

pub(super) async fn exchange(
    State(cognito): State<Arc<Cognito>>,
    form: Result<Form<Asked>, FormRejection>,
) -> Result<Json<Value>, Refusal> {
    cognito.apple().ok_or(Refusal::OFF)?;
    let Form(asked) = form.map_err(|_quotes_it| WRONG_FORM)?;
    if asked.client_id != cognito.pool.client_id {
        return Err(Refusal::CLIENT);
    }
    let tokens = match asked.grant_type.as_str() {
        "authorization_code" => cognito.tokens_for_code(&asked).await?,
        "refresh_token" => cognito.tokens_for_refresh(&asked.refresh_token).await?,
        _ => {
            let sentence = "grant_type may be authorization_code or refresh_token";
            return Err(Refusal::bad("unsupported_grant_type", sentence));
        }
    };
    Ok(Json(as_oauth(tokens)))
}

pub(super) async fn revoke(
    State(cognito): State<Arc<Cognito>>,
    form: Result<Form<GivenBack>, FormRejection>,
) -> Result<StatusCode, Refusal> {
    cognito.apple().ok_or(Refusal::OFF)?;
    let Form(given) = form.map_err(|_quotes_it| WRONG_FORM)?;
    if given.client_id != cognito.pool.client_id {
        return Err(Refusal::CLIENT);
    }
    cognito
        .end_grant(tokens::hash(given.token.reveal()))
        .await?;
    Ok(StatusCode::OK)
}

const WRONG_FORM: Refusal =
    Refusal::request("send application/x-www-form-urlencoded, each parameter once");

impl Cognito {
    async fn tokens_for_code(&self, asked: &Asked) -> Result<Value, Refusal> {
        if asked.code.reveal().len() > MAX_BYTES {
            return Err(Refusal::GRANT);
        }
        // One at a time: a second use must find what the first was given.
        let _exchanging = self.exchanging.lock().await;
        let token = self.refresh_token();
        let grant = tokens::hash(&token);
        let code = tokens::hash(asked.code.reveal());
        let now = self.ports.clock.now();
        let redeemed = self.ports.authorizations.redeem(code, grant, now).await?;
        let code = match redeemed {
            Redeemed::First(code) => code,
            Redeemed::Again { teen, grant } => {
                // Two have the code: one of them stole it, and nobody can say which.
                tracing::warn!(teen.id = %teen, "a code was used twice; its tokens are taken back");
                self.end_grant(grant).await?;
                return Err(Refusal::GRANT);
            }
            Redeemed::Unknown => return Err(Refusal::GRANT),
        };
        let fits = code.redirect_uri == asked.redirect_uri
            && oauth::verifier_fits(asked.code_verifier.reveal(), &code.challenge);
        if !fits {
            return Err(Refusal::GRANT);
        }
        let account = self.owner(&code).await?;
        let nonce = code.app_nonce.as_ref();
        Ok(self.sign_in_as(&account, token, nonce).await?)
    }

    /// Whose code it is, if they may still sign in.
    async fn owner(&self, code: &AuthorizationCode) -> Result<Account, Refusal> {
        if self.ports.erasure.is_fenced(code.teen).await? {
            return Err(Refusal::GRANT);
        }
        let account = self.ports.accounts.by_id(code.teen).await?;
        account
            .filter(|account| account.state == AccountState::Confirmed)
            .ok_or(Refusal::GRANT)
    }

    async fn tokens_for_refresh(&self, token: &Text) -> Result<Value, Refusal> {
        if token.reveal().len() > MAX_BYTES {
            return Err(Refusal::GRANT);
        }
        self.refresh(token.reveal()).await.map_err(|fault| {
            if fault == Fault::INTERNAL {
                Refusal::LATER
            } else {
                Refusal::GRANT
            }
        })
    }
}

/// The tokens by the names of RFC 6749.
fn as_oauth(tokens: Value) -> Value {
    let names = [
        ("AccessToken", "access_token"),
        ("IdToken", "id_token"),
        ("RefreshToken", "refresh_token"),
        ("ExpiresIn", "expires_in"),
        ("TokenType", "token_type"),
    ];
    let Value::Object(mut tokens) = tokens else {
        return Value::Null;
    };
    let named = names
        .into_iter()
        .filter_map(|(ours, theirs)| Some((theirs.to_owned(), tokens.remove(ours)?)));
    Value::Object(named.collect::<Map<_, _>>())
}
