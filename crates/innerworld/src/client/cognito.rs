//! Signing up and in by the Cognito user-pool API, as any Cognito client does.

use std::time::Duration;

use innerworld_core::{clock::Timestamp, secret::Secret};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    error::ClientError,
    http::{Discovery, Server},
    tokens::Tokens,
};

/// The identity provider of a server.
#[derive(Clone, Copy, Debug)]
pub struct Cognito<'a> {
    server: &'a Server,
    endpoint: &'a str,
    client_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Authentication {
    #[serde(default)]
    authentication_result: Option<AuthenticationResult>,
    #[serde(default)]
    challenge_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthenticationResult {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignedUp {
    user_sub: String,
}

impl<'a> Cognito<'a> {
    /// The provider that `discovery` names.
    pub fn new(server: &'a Server, discovery: &'a Discovery) -> Self {
        Self {
            server,
            endpoint: &discovery.cognito_url,
            client_id: &discovery.client_id,
        }
    }

    /// Makes an account; the answer is its subject.
    pub async fn sign_up(&self, email: &str, password: &Secret) -> Result<String, ClientError> {
        let body = json!({
            "ClientId": self.client_id, "Username": email, "Password": password.reveal(),
            "UserAttributes": [{"Name": "email", "Value": email}],
        });
        let answer: SignedUp = self.call("SignUp", &body).await?;
        Ok(answer.user_sub)
    }

    /// Confirms an account with the mailed code.
    pub async fn confirm(&self, email: &str, code: &str) -> Result<(), ClientError> {
        let body = json!({"ClientId": self.client_id, "Username": email, "ConfirmationCode": code});
        let _answer: Value = self.call("ConfirmSignUp", &body).await?;
        Ok(())
    }

    /// Asks for another code.
    pub async fn resend(&self, email: &str) -> Result<(), ClientError> {
        let body = json!({"ClientId": self.client_id, "Username": email});
        let _answer: Value = self.call("ResendConfirmationCode", &body).await?;
        Ok(())
    }

    /// Signs in with a password.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &Secret,
        now: Timestamp,
    ) -> Result<Tokens, ClientError> {
        let parameters = json!({"USERNAME": email, "PASSWORD": password.reveal()});
        self.authenticate("USER_PASSWORD_AUTH", &parameters, now)
            .await
    }

    /// A fresh access token.
    pub async fn refresh(
        &self,
        refresh_token: &Secret,
        now: Timestamp,
    ) -> Result<Tokens, ClientError> {
        let parameters = json!({"REFRESH_TOKEN": refresh_token.reveal()});
        let mut tokens = self
            .authenticate("REFRESH_TOKEN_AUTH", &parameters, now)
            .await?;
        // Without rotation the answer does not repeat it.
        tokens.refresh.get_or_insert_with(|| refresh_token.clone());
        Ok(tokens)
    }

    async fn authenticate(
        &self,
        flow: &str,
        parameters: &Value,
        now: Timestamp,
    ) -> Result<Tokens, ClientError> {
        let body =
            json!({"ClientId": self.client_id, "AuthFlow": flow, "AuthParameters": parameters});
        let answer: Authentication = self.call("InitiateAuth", &body).await?;
        let Some(result) = answer.authentication_result else {
            let challenge = answer.challenge_name.unwrap_or_default();
            return Err(ClientError::Identity {
                name: "ChallengeRequired".to_owned(),
                message: format!(
                    "this account needs a further step to sign in ({challenge}); sign in with the app and pass the token by --token-file"
                ),
            });
        };
        Ok(Tokens {
            access: Secret::new(result.access_token),
            refresh: result.refresh_token.map(Secret::new),
            expires_at: now.plus(Duration::from_secs(result.expires_in)),
        })
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        operation: &str,
        body: &Value,
    ) -> Result<T, ClientError> {
        self.server.cognito(self.endpoint, operation, body).await
    }
}
