//! Signing up and in by the Cognito user-pool API, as any Cognito client does.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use innerworld_core::{
    clock::Timestamp,
    identity::srp::{self, Claim, Client, Person, PublicValue},
    secret::Secret,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::Ground,
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
    pool_id: &'a str,
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
struct Challenged {
    challenge_name: String,
    challenge_parameters: Challenge,
}

/// What a client needs to show that it knows the password.
#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Challenge {
    username: String,
    user_id_for_srp: String,
    salt: String,
    srp_b: String,
    secret_block: String,
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
            pool_id: &discovery.user_pool_id,
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

    /// Signs in with a password, which does not leave this process: the server is shown that it is
    /// known (SRP).
    pub async fn sign_in(
        &self,
        email: &str,
        password: &Secret,
        ground: &Ground,
    ) -> Result<Tokens, ClientError> {
        let client = Client::new(&*ground.ids);
        let body = json!({
            "ClientId": self.client_id, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": email, "SRP_A": client.public().to_string()},
        });
        let challenged: Challenged = self.call("InitiateAuth", &body).await?;
        if challenged.challenge_name != "PASSWORD_VERIFIER" {
            return Err(further_step(&challenged.challenge_name));
        }
        let now = ground.clock.now();
        let challenge = challenged.challenge_parameters;
        let body = json!({
            "ClientId": self.client_id, "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": self.answer(&challenge, &client, password, now)?,
        });
        let answer = self.call("RespondToAuthChallenge", &body).await?;
        tokens(answer, now)
    }

    fn answer(
        &self,
        challenge: &Challenge,
        client: &Client,
        password: &Secret,
        now: Timestamp,
    ) -> Result<Value, ClientError> {
        let malformed = || ClientError::NotUnderstood("the challenge to sign in is malformed");
        let server = PublicValue::parse(&challenge.srp_b).ok_or_else(malformed)?;
        let salt = srp::read_number(&challenge.salt).ok_or_else(malformed)?;
        let block = BASE64
            .decode(&challenge.secret_block)
            .map_err(|_form| malformed())?;
        let person = Person::new(self.pool_id, &challenge.user_id_for_srp);
        let timestamp = srp::stamp(now);
        let claim = Claim {
            person,
            secret_block: &block,
            timestamp: &timestamp,
        };
        let key = client.key(person, password.reveal(), &salt, &server);
        Ok(json!({
            "USERNAME": challenge.username, "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge.secret_block,
            "PASSWORD_CLAIM_SIGNATURE": BASE64.encode(key.sign(claim)),
        }))
    }

    /// A fresh access token.
    pub async fn refresh(
        &self,
        refresh_token: &Secret,
        now: Timestamp,
    ) -> Result<Tokens, ClientError> {
        let parameters = json!({"REFRESH_TOKEN": refresh_token.reveal()});
        let body = json!({
            "ClientId": self.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": parameters,
        });
        let answer = self.call("InitiateAuth", &body).await?;
        let mut tokens = tokens(answer, now)?;
        // Without rotation the answer does not repeat it.
        tokens.refresh.get_or_insert_with(|| refresh_token.clone());
        Ok(tokens)
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        operation: &str,
        body: &Value,
    ) -> Result<T, ClientError> {
        self.server.cognito(self.endpoint, operation, body).await
    }
}

fn tokens(answer: Authentication, now: Timestamp) -> Result<Tokens, ClientError> {
    let Some(result) = answer.authentication_result else {
        return Err(further_step(&answer.challenge_name.unwrap_or_default()));
    };
    Ok(Tokens {
        access: Secret::new(result.access_token),
        refresh: result.refresh_token.map(Secret::new),
        expires_at: now.plus(Duration::from_secs(result.expires_in)),
    })
}

fn further_step(challenge: &str) -> ClientError {
    ClientError::Identity {
        name: "ChallengeRequired".to_owned(),
        message: format!(
            "this account needs a further step to sign in ({challenge}); sign in with the app and pass the token by --token-file"
        ),
    }
}
