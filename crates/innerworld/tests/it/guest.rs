//! A teen of a test: signs up at a real server by its public routes, and talks over its socket.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;

use crate::{
    serving::Serving,
    talk::{hello, open_talk, until},
    world::{Socket, send},
};

/// Somebody with an account, a complete profile and consents.
pub(crate) struct Guest {
    http: reqwest::Client,
    pub(crate) base: String,
    ws_url: String,
    pub(crate) client_id: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) code: String,
}

/// What an HTTP request was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

/// An HTTP client as a test needs it.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder()
        // A busy disk may hold a write for long; nothing here measures time.
        .timeout(Duration::from_secs(60))
        // A server may end an idle connection in the moment in which it is used again.
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

/// Sends a request.
pub(crate) async fn ask(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    Answer { status, text }
}

impl Guest {
    /// Signs up, confirms, signs in, completes the profile and gives every consent there is.
    pub(crate) async fn arrive(server: &Serving, email: &str, name: &str) -> Self {
        Self::with_password(server, (email, "four words are better"), name).await
    }

    pub(crate) async fn with_password(
        server: &Serving,
        (email, password): (&str, &str),
        name: &str,
    ) -> Self {
        let mut guest = Self {
            http: http(),
            base: server.url("http_url"),
            ws_url: server.url("ws_url"),
            client_id: server.url("client_id"),
            email: email.to_owned(),
            password: password.to_owned(),
            access: String::new(),
            refresh: String::new(),
            code: String::new(),
        };
        let body = json!({"ClientId": guest.client_id, "Username": email, "Password": password,
            "UserAttributes": [{"Name": "email", "Value": email}]});
        let signed_up = guest.cognito("SignUp", &body).await;
        assert_eq!(signed_up.status, 200, "{}", signed_up.text);
        let sub = signed_up.json()["UserSub"].as_str().unwrap().to_owned();
        let code = guest.get(&format!("/v1/dev/code?sub={sub}")).await;
        guest.code = code.json()["code"].as_str().unwrap().into();
        let body =
            json!({"ClientId": guest.client_id, "Username": email, "ConfirmationCode": guest.code});
        let confirmed = guest.cognito("ConfirmSignUp", &body).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.text);
        guest.sign_in().await;
        guest.settle(name).await;
        guest
    }

    /// Fresh tokens by the password.
    pub(crate) async fn sign_in(&mut self) {
        let answer = self.try_sign_in(&self.password).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let tokens = answer.json()["AuthenticationResult"].clone();
        self.access = tokens["AccessToken"].as_str().unwrap().into();
        self.refresh = tokens["RefreshToken"].as_str().unwrap().into();
    }

    pub(crate) async fn try_sign_in(&self, password: &str) -> Answer {
        let body = json!({"ClientId": self.client_id, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": self.email, "PASSWORD": password}});
        self.cognito("InitiateAuth", &body).await
    }

    async fn settle(&self, name: &str) {
        let profile = json!({"birth_date": "2010-05-04", "country": "US", "time_zone": "UTC",
            "locale": "en-US", "name": name});
        let patched = ask(self
            .http
            .patch(format!("{}/v1/me/profile", self.base))
            .bearer_auth(&self.access)
            .json(&profile))
        .await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        let catalogue = self.get("/v1/consents").await.json();
        let mut records = Vec::new();
        for entry in catalogue["consents"].as_array().unwrap() {
            let own = matches!(entry["purpose"].as_str().unwrap(), "terms" | "memory");
            let named = entry["recipients"].as_array().unwrap().iter().cloned();
            let recipients: Vec<Value> = if own {
                vec![json!("")]
            } else {
                named.collect()
            };
            for recipient in recipients {
                let mut record = json!({"purpose": entry["purpose"], "recipient": recipient,
                    "text_version": entry["text_version"], "granted": true});
                if entry["purpose"] == "memory" {
                    record["mode"] = json!("full");
                }
                records.push(record);
            }
        }
        let put = ask(self
            .http
            .put(format!("{}/v1/me/consents", self.base))
            .bearer_auth(&self.access)
            .json(&json!({"consents": records})))
        .await;
        assert_eq!(put.status, 200, "{}", put.text);
    }

    /// An operation of the identity provider.
    pub(crate) async fn cognito(&self, operation: &str, body: &Value) -> Answer {
        ask(self
            .http
            .post(&self.base)
            .header("content-type", "application/x-amz-json-1.1")
            .header(
                "x-amz-target",
                format!("AWSCognitoIdentityProviderService.{operation}"),
            )
            .body(body.to_string()))
        .await
    }

    /// A request without a body, with the access token.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.access)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        ask(self.request(reqwest::Method::GET, path)).await
    }

    /// Another server on the same data is spoken to from now on.
    pub(crate) fn follow(&mut self, server: &Serving) {
        self.base = server.url("http_url");
        self.ws_url = server.url("ws_url");
    }

    /// A socket, no `hello` yet.
    pub(crate) async fn socket(&self) -> Result<Socket, tungstenite::Error> {
        use tungstenite::client::IntoClientRequest as _;
        // The announced name may be another than the bound address after a restart.
        let mut request = self.ws_url.as_str().into_client_request().unwrap();
        let headers = request.headers_mut();
        let bearer = format!("Bearer {}", self.access);
        headers.insert("authorization", bearer.parse().unwrap());
        headers.insert("sec-websocket-protocol", "innerworld.v1".parse().unwrap());
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(socket)
    }

    /// A socket that was greeted; the `welcome`.
    pub(crate) async fn greeted(&self) -> (Socket, Value) {
        let mut socket = self.socket().await.unwrap();
        send(&mut socket, &hello()).await;
        let welcome = until(&mut socket, "welcome").await.pop().unwrap();
        (socket, welcome)
    }

    /// A socket on which a persona was chosen.
    pub(crate) async fn talking(&self) -> Socket {
        let (mut socket, _) = self.greeted().await;
        open_talk(&mut socket).await;
        socket
    }
}
