//! The first step: the app sends the browser here, and it is sent on to the provider.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Extension, Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use innerworld_core::{
    identity::{
        apple::PROVIDER,
        oauth::{self, SignInRequest},
    },
    secret::Text,
};
use serde::Deserialize;

use super::{Refusal, go_to, tell_refusal};
use crate::cognito::{Cognito, apple::AppleProvider, limits::Counted, tokens};

/// What may be asked for; tokens are the same whichever of them is.
const SCOPES: [&str; 5] = ["openid", "email", "profile", "phone", tokens::SCOPE];

/// The query; parameters that are unknown are ignored, as RFC 6749 wants.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: Text,
    nonce: Option<Text>,
    scope: String,
    code_challenge: String,
    code_challenge_method: String,
    identity_provider: String,
}

pub(super) async fn begin(
    State(cognito): State<Arc<Cognito>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Some(apple) = cognito.apple() else {
        return Refusal::OFF.into_response();
    };
    let Ok(Query(asked)) = asked else {
        return Refusal::request("the query has a wrong form").into_response();
    };
    // Nobody is sent to an address that was not configured, whatever else is wrong.
    if asked.client_id != cognito.pool.client_id {
        return Refusal::CLIENT.into_response();
    }
    if !apple.returns_to(&asked.redirect_uri) {
        let sentence = "redirect_uri is not one of the configured ones (auth.apple.redirect_uris)";
        return Refusal::request(sentence).into_response();
    }
    let address = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    let now = cognito.ports.clock.now();
    if !cognito.limits.admit(Counted::SignIn, "", address, now) {
        return Refusal::TOO_MANY.into_response();
    }
    match cognito.begin_sign_in(apple, &asked).await {
        Ok(url) => go_to(&url),
        Err(refusal) => {
            let state = asked.state.reveal();
            let state = if state.len() > oauth::MAX_STATE_BYTES {
                ""
            } else {
                state
            };
            go_to(&tell_refusal(&asked.redirect_uri, refusal, state))
        }
    }
}

impl Asked {
    fn check(&self) -> Result<(), Refusal> {
        let fits = |text: &Text| (1..=oauth::MAX_STATE_BYTES).contains(&text.reveal().len());
        let known = |scope: &str| SCOPES.contains(&scope);
        let checks = [
            (
                self.response_type == "code",
                Refusal::bad("unsupported_response_type", "response_type must be code"),
            ),
            (
                fits(&self.state),
                Refusal::request("state must be given, in at most 1024 bytes"),
            ),
            (
                self.nonce.as_ref().is_none_or(fits),
                Refusal::request("nonce has at most 1024 bytes"),
            ),
            (
                self.code_challenge_method == "S256" && oauth::is_challenge(&self.code_challenge),
                Refusal::request(
                    "code_challenge must be given, with code_challenge_method=S256 (PKCE)",
                ),
            ),
            (
                self.scope.split_whitespace().all(known),
                Refusal::bad("invalid_scope", "scope may be: openid email profile"),
            ),
            (
                self.identity_provider == PROVIDER,
                Refusal::request("identity_provider must be SignInWithApple"),
            ),
        ];
        match checks.into_iter().find(|(fits, _)| !fits) {
            Some((_, refusal)) => Err(refusal),
            None => Ok(()),
        }
    }
}

impl Cognito {
    /// Keeps the request under the hash of a state of our own, and says where to sign in.
    async fn begin_sign_in(&self, apple: &AppleProvider, asked: &Asked) -> Result<String, Refusal> {
        asked.check()?;
        let now = self.ports.clock.now();
        let (state, nonce) = (self.refresh_token(), self.refresh_token());
        let request = SignInRequest {
            redirect_uri: asked.redirect_uri.clone(),
            state: asked.state.clone(),
            app_nonce: asked.nonce.clone(),
            challenge: asked.code_challenge.clone(),
            nonce: nonce.clone().into(),
            expires_at: now.plus(oauth::REQUEST_LIFE),
        };
        self.ports
            .authorizations
            .put_request(tokens::hash(&state), &request, oauth::MAX_WAITING, now)
            .await?;
        Ok(apple.authorize_url(&state, &nonce, &self.idp_response()))
    }

    /// Where the provider answers.
    pub(super) fn idp_response(&self) -> String {
        format!("{}/oauth2/idpresponse", self.base)
    }
}
