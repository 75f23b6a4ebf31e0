//! The second step: the provider sends the browser back, and it is sent on to the app with a code.

use std::sync::Arc;

use axum::{
    extract::{Form, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use innerworld_core::{
    clock::Timestamp,
    error::ErrorKind,
    identity::{
        account::{Account, AccountState},
        apple::AppleSubject,
        federation::ProviderGrant,
        oauth::{self, AuthorizationCode, SignInRequest},
    },
    secret::Text,
};
use serde::Deserialize;

use super::{Refusal, go_to, tell, tell_refusal};
use crate::{
    apple::Doubt,
    cognito::{Cognito, apple::AppleProvider, tokens},
};
use innerworld_engine::erase::TakesBack as _;

const MAX_CODE_BYTES: usize = 2_048;
const AGE: Refusal = Refusal::denied("age_requirement: the age requirement is not met");
const SUSPENDED: Refusal = Refusal::denied(
    "account_suspended: the consent for this account was taken back at Apple or by a parent",
);

/// What Apple's form carries. Its fields `id_token` and `user` (a name, at the first sign-in) are
/// not read: who signed in is asked of Apple itself, and nobody's name is kept before they give it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    state: Text,
    code: Text,
    error: String,
}

pub(super) async fn answer(
    State(cognito): State<Arc<Cognito>>,
    form: Result<Form<Answer>, FormRejection>,
) -> Response {
    let Some(apple) = cognito.apple() else {
        return Refusal::OFF.into_response();
    };
    let Ok(Form(answer)) = form else {
        return Refusal::request("the answer of the provider has a wrong form").into_response();
    };
    let now = cognito.ports.clock.now();
    let hash = tokens::hash(answer.state.reveal());
    let request = match cognito.ports.authorizations.take_request(hash, now).await {
        Ok(Some(request)) => request,
        // Without a request there is no address of an app to go to.
        Ok(None) => {
            let sentence = "this sign-in took too long or was answered before; begin again";
            return Refusal::request(sentence).into_response();
        }
        Err(error) => return Refusal::from(error).into_response(),
    };
    let state = request.state.reveal();
    let url = match cognito.end_sign_in(apple, &answer, &request).await {
        Ok(code) => {
            let told = [("code", code.as_str()), ("state", state)];
            tell(&request.redirect_uri, &told)
        }
        Err(refusal) => tell_refusal(&request.redirect_uri, refusal, state),
    };
    go_to(&url)
}

impl Cognito {
    /// Asks the provider who it was, finds or makes the account, and gives a code.
    async fn end_sign_in(
        &self,
        apple: &AppleProvider,
        answer: &Answer,
        request: &SignInRequest,
    ) -> Result<String, Refusal> {
        match answer.error.as_str() {
            "" => {}
            "user_cancelled_authorize" => {
                return Err(Refusal::denied(
                    "user_cancelled_authorize: nobody signed in",
                ));
            }
            _ => return Err(Refusal::denied("the provider did not sign anybody in")),
        }
        if !(1..=MAX_CODE_BYTES).contains(&answer.code.reveal().len()) {
            return Err(Refusal::denied("the provider's answer has no code"));
        }
        let now = self.ports.clock.now();
        let given = apple
            .exchange(&answer.code, &self.idp_response(), now)
            .await
            .map_err(|cause| match cause.kind() {
                ErrorKind::Denied => {
                    Refusal::denied("the provider refused the code; sign in again")
                }
                _ => Refusal::from(cause),
            })?;
        let subject = apple
            .identify(&given.id_token, &request.nonce, now)
            .await
            .map_err(|doubt| match doubt {
                Doubt::Untrusted(why) => {
                    tracing::warn!(%why, "an id token of the provider was not believed");
                    Refusal::denied("the provider's answer is not valid")
                }
                Doubt::Unknown(cause) => cause.into(),
            })?;
        let grant = ProviderGrant {
            refresh_token: given.refresh_token,
            given_at: now,
        };
        match self.federated(&subject, &grant, now).await {
            Ok(account) => self.give_code(&account, request, now).await,
            Err(refusal) => {
                // No account keeps what was just given: it is given back.
                self.revoker.queue(&grant.refresh_token).await?;
                Err(refusal)
            }
        }
    }

    /// The account of somebody whom the provider knows. It is found by that name alone, never by an
    /// address: whoever controls an address elsewhere must not get into an account here.
    async fn federated(
        &self,
        subject: &AppleSubject,
        grant: &ProviderGrant,
        now: Timestamp,
    ) -> Result<Account, Refusal> {
        let name = subject.account_name();
        let accounts = &self.ports.accounts;
        if accounts.is_refused(name.reveal(), now).await? {
            return Err(AGE);
        }
        let account = match accounts.by_email(name.reveal()).await? {
            Some(account) => account,
            None => match self.make_federated(&name, grant, now).await? {
                Some(made) => return Ok(made),
                // Two first sign-ins at once: the other one made it.
                None => accounts
                    .by_email(name.reveal())
                    .await?
                    .ok_or(Refusal::LATER)?,
            },
        };
        match account.state {
            AccountState::Confirmed => {}
            AccountState::Suspended => return Err(SUSPENDED),
            AccountState::Unconfirmed | AccountState::Erasing => return Err(Refusal::LATER),
        }
        self.ports.federation.put_grant(account.teen, grant).await?;
        Ok(account)
    }

    /// `None` if the name is taken.
    async fn make_federated(
        &self,
        name: &Text,
        grant: &ProviderGrant,
        now: Timestamp,
    ) -> Result<Option<Account>, Refusal> {
        let account = Account {
            teen: self.new_subject(),
            email: Text::default(),
            state: AccountState::Confirmed,
            created_at: now,
            modified_at: now,
            federated: Some(name.clone()),
        };
        match self.ports.federation.create(&account, grant).await {
            Ok(()) => Ok(Some(account)),
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn give_code(
        &self,
        account: &Account,
        request: &SignInRequest,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let code = self.refresh_token();
        self.ports
            .authorizations
            .put_code(&AuthorizationCode {
                hash: tokens::hash(&code),
                teen: account.teen,
                redirect_uri: request.redirect_uri.clone(),
                challenge: request.challenge.clone(),
                app_nonce: request.app_nonce.clone(),
                expires_at: now.plus(oauth::CODE_LIFE),
            })
            .await?;
        Ok(code)
    }
}
