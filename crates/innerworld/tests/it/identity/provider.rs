//! A server whose tokens are real, and somebody who calls it without knowing anything of it.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    identity::{account::CodeKind, consent::MemoryMode},
    ids::TeenId,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_server::cognito::KeyRing;
use innerworld_testkit::{
    FakeClock,
    scripted_model::{ScriptedModel, ScriptedReply},
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::world::{World, settings};

pub(crate) const PASSWORD: &str = "river stone lantern";

/// What a refused call says: Cognito's exception and sentence.
pub(crate) type Refused = (String, String);

/// A server, its clock and mails, and an HTTP client.
pub(crate) struct Provider {
    pub(crate) world: World,
    http: Client,
}

/// Tokens of a sign-in.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) id: String,
    pub(crate) refresh: String,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let model = Arc::new(ScriptedModel::new([ScriptedReply::text("hello")]));
        let http = Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self {
            world: World::guarded(model, settings()).await,
            http,
        }
    }

    /// A server over stores that exist, whose model answers anything.
    pub(crate) async fn over(stores: Embedded, clock: Arc<FakeClock>) -> Self {
        let model = Arc::new(ScriptedModel::saying("hello"));
        Self {
            world: World::run(stores, clock, (model, settings()), true).await,
            http: Client::builder().build().unwrap(),
        }
    }

    /// A server that runs already.
    pub(crate) fn at(world: World) -> Self {
        Self {
            world,
            http: Client::builder().build().unwrap(),
        }
    }

    /// The same data under a new process.
    pub(crate) async fn restart(self) -> Self {
        let World { stores, clock, .. } = self.world;
        let model = Arc::new(ScriptedModel::new([ScriptedReply::text("hello")]));
        Self {
            world: World::run(stores, clock, (model, settings()), true).await,
            http: self.http,
        }
    }

    /// Time goes by.
    pub(crate) fn wait(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// An operation of Cognito's API, for this pool's client.
    pub(crate) async fn call(&self, operation: &str, mut body: Value) -> Result<Value, Refused> {
        let client = self.world.cognito.pool().client_id.clone();
        body["ClientId"] = json!(client);
        let (status, text) = self.raw(operation, body.to_string()).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        if status == StatusCode::OK {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Err((text("__type"), text("message")))
    }

    /// The same with any body: status and answer as they come.
    pub(crate) async fn raw(&self, operation: &str, body: String) -> (StatusCode, String) {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let response = self
            .http
            .post(format!("http://{}/", self.world.address))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(body)
            .send()
            .await
            .unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// Reads a route, with a bearer token if there is one.
    pub(crate) async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        let request = self
            .http
            .get(format!("http://{}{path}", self.world.address));
        self.answer(request.bearer_auth(token)).await
    }

    /// Sends a body to a route.
    pub(crate) async fn patch(&self, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
        let request = self
            .http
            .patch(format!("http://{}{path}", self.world.address));
        let request = request
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(body.to_string());
        self.answer(request).await
    }

    /// Posts a body to a route.
    pub(crate) async fn post_json(
        &self,
        path: &str,
        token: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        let url = format!("http://{}{path}", self.world.address);
        let request = self.http.post(url).bearer_auth(token).json(body);
        self.answer(request).await
    }

    /// Deletes what is behind a route.
    pub(crate) async fn delete(&self, path: &str, token: &str) -> StatusCode {
        let url = format!("http://{}{path}", self.world.address);
        self.answer(self.http.delete(url).bearer_auth(token))
            .await
            .0
    }

    /// Posts nothing to a route.
    pub(crate) async fn post(&self, path: &str, token: &str) -> (StatusCode, Value) {
        let request = self
            .http
            .post(format!("http://{}{path}", self.world.address));
        self.answer(request.bearer_auth(token)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> (StatusCode, Value) {
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// Signs up, with these attributes.
    pub(crate) async fn sign_up(&self, address: &str, attributes: Value) -> Result<Value, Refused> {
        let body = json!({"Username": address, "Password": PASSWORD, "UserAttributes": attributes});
        self.call("SignUp", body).await
    }

    /// A confirmed account.
    pub(crate) async fn teen(&self, address: &str) -> TeenId {
        let answer = self.sign_up(address, json!([])).await.unwrap();
        let code = self.world.mails.newest(address);
        self.confirm(address, &code).await.unwrap();
        TeenId::from_verified_subject(answer["UserSub"].as_str().unwrap()).unwrap()
    }

    /// A confirmed account with a complete profile, which may open a socket.
    pub(crate) async fn talking_teen(&self, address: &str) -> TeenId {
        let teen = self.teen(address).await;
        self.world.admit(teen, MemoryMode::Off).await;
        teen
    }

    pub(crate) async fn confirm(&self, address: &str, code: &str) -> Result<Value, Refused> {
        let body = json!({"Username": address, "ConfirmationCode": code});
        self.call("ConfirmSignUp", body).await
    }

    pub(crate) async fn sign_in(&self, address: &str, password: &str) -> Result<Tokens, Refused> {
        let body = json!({"AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": address, "PASSWORD": password}});
        let answer = self.call("InitiateAuth", body).await?;
        let token = |name: &str| {
            let token = answer["AuthenticationResult"][name].as_str().unwrap();
            token.to_owned()
        };
        Ok(Tokens {
            access: token("AccessToken"),
            id: token("IdToken"),
            refresh: token("RefreshToken"),
        })
    }

    /// The access token for a refresh token.
    pub(crate) async fn refresh(&self, token: &str) -> Result<String, Refused> {
        let body = json!({"AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": {"REFRESH_TOKEN": token}});
        let answer = self.call("InitiateAuth", body).await?;
        let token = answer["AuthenticationResult"]["AccessToken"].as_str();
        Ok(token.unwrap().to_owned())
    }

    pub(crate) async fn user(&self, access: &str) -> Result<Value, Refused> {
        self.call("GetUser", json!({"AccessToken": access})).await
    }

    /// The published keys.
    pub(crate) async fn jwks(&self) -> Value {
        let pool = &self.world.cognito.pool().id;
        let (status, keys) = self
            .get(&format!("/{pool}/.well-known/jwks.json"), "")
            .await;
        assert_eq!(status, StatusCode::OK);
        keys
    }

    /// The server's own keys in other hands: signs whatever claims a test makes up.
    pub(crate) async fn forger(&self) -> KeyRing {
        let now = self.world.app.now();
        KeyRing::open(self.world.stores.keys(), Arc::new(OsIds), now)
            .await
            .unwrap()
    }

    /// Whether there is a live code.
    pub(crate) async fn has_code(&self, teen: TeenId, kind: CodeKind) -> bool {
        let accounts = self.world.stores.accounts();
        let code = accounts.code(teen, kind, self.world.app.now()).await;
        code.unwrap().is_some()
    }
}

/// The exception of a refused call.
pub(crate) fn name<T>(answer: Result<T, Refused>) -> String {
    match answer {
        Ok(_) => "accepted".to_owned(),
        Err((name, _sentence)) => name,
    }
}

/// Six digits that are not this code.
pub(crate) fn wrong(code: &str) -> String {
    let code: u32 = code.parse().unwrap();
    format!("{:06}", (code + 1) % 1_000_000)
}
