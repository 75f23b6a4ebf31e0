//! A server, the service that stands for Apple's, a browser and an app.

use std::{collections::HashMap, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use innerworld_core::{
    clock::Clock as _,
    identity::apple::{
        client_secret::{AppleKey, KeyNames},
        store_notice::StoreTrust,
    },
    secret::Secret,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_models::apple::AppleHttp;
use innerworld_server::cognito::apple::{AppleProvider, AppleSettings};
use innerworld_testkit::{
    FakeClock,
    apple::{AppleDouble, BUNDLE_ID, CLIENT_ID, KEY_ID, TEAM_ID, store::StoreDouble},
    scripted_model::ScriptedModel,
};
use reqwest::{Client, RequestBuilder, StatusCode, Url, header, redirect::Policy};
use serde_json::Value;

use crate::{
    identity::provider::{Provider, Tokens},
    world::{World, settings},
};

/// Where the app takes its answers.
pub(super) const APP: &str = "org.example.app://signed-in";
/// Another address of it, with a query of its own.
pub(super) const SITE: &str = "https://app.example.org/in?via=apple";
/// An app's PKCE verifier (RFC 7636, appendix B) and its challenge.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// How Apple knows a teen.
pub(super) const MIA: &str = "001234.a1b2c3d4e5f60718293a4b5c6d7e8f90.1122";
pub(super) const NOA: &str = "001999.ffeeddccbbaa00112233445566778899.2211";

pub(super) struct House {
    pub(super) provider: Provider,
    pub(super) apple: AppleDouble,
    pub(super) store: StoreDouble,
    http: Client,
}

/// An answer: status, where it sends the browser, and its JSON.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) body: Value,
}

impl Answer {
    /// A parameter of the address that the browser is sent to.
    pub(super) fn told(&self, name: &str) -> Option<String> {
        let url = Url::parse(self.location.as_ref()?).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    pub(super) fn error(&self) -> String {
        let told = self.told("error");
        told.unwrap_or_else(|| self.body["error"].as_str().unwrap_or("none").to_owned())
    }
}

/// The provider that calls the double.
fn set_up(apple: &AppleDouble, store: &StoreDouble) -> Arc<AppleProvider> {
    let names = KeyNames {
        team_id: TEAM_ID.to_owned(),
        key_id: KEY_ID.to_owned(),
        client_id: CLIENT_ID.to_owned(),
    };
    let settings = AppleSettings {
        issuer: apple.issuer().to_owned(),
        key: AppleKey::parse(&Secret::new(apple.private_key()), names).unwrap(),
        bundle_id: Some(BUNDLE_ID.to_owned()),
        redirect_uris: vec![APP.to_owned(), SITE.to_owned()],
        store: Some(StoreTrust::new(&store.root(), BUNDLE_ID).unwrap()),
    };
    let service = AppleHttp::new(apple.issuer(), true).unwrap();
    AppleProvider::new(settings, Arc::new(service))
}

impl House {
    pub(super) async fn start() -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        Self::over(stores, clock).await
    }

    pub(super) async fn over(stores: Embedded, clock: Arc<FakeClock>) -> Self {
        let apple = AppleDouble::start(Arc::clone(&clock) as _).await;
        Self::with(stores, clock, (apple, StoreDouble::default())).await
    }

    /// The same data, and the same Apple, under a new process.
    pub(super) async fn restart(self) -> Self {
        let World { stores, clock, .. } = self.provider.world;
        Self::with(stores, clock, (self.apple, self.store)).await
    }

    /// Over other stores of the same data.
    pub(super) async fn with(
        stores: Embedded,
        clock: Arc<FakeClock>,
        (apple, store): (AppleDouble, StoreDouble),
    ) -> Self {
        let model = Arc::new(ScriptedModel::saying("hello"));
        let set_up = set_up(&apple, &store);
        let world = World::with_apple(stores, clock, (model, settings()), set_up).await;
        let builder = Client::builder().redirect(Policy::none());
        Self {
            provider: Provider::at(world),
            apple,
            store,
            http: builder.timeout(Duration::from_secs(60)).build().unwrap(),
        }
    }

    pub(super) fn base(&self) -> String {
        format!("http://{}", self.provider.world.address)
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.provider.wait(Duration::from_secs(seconds));
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.provider.world.clock.now().as_millis()
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let text = response.text().await.unwrap();
        Answer {
            status,
            location,
            body: serde_json::from_str(&text).unwrap_or_default(),
        }
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        Url::parse_with_params(&format!("{}{path}", self.base()), query)
            .unwrap()
            .into()
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        // The query of an address is written as a form is.
        let written = self.url("/", fields);
        let body = written.split_once('?').map_or("", |(_, form)| form);
        self.http
            .post(self.url(path, &[]))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned())
    }

    /// The app sends the browser here, with these parameters in place of the good ones.
    pub(super) async fn begin(&self, changes: &[(&str, &str)]) -> Answer {
        let client = self.provider.world.cognito.pool().client_id.clone();
        let mut query = HashMap::from([
            ("response_type", "code"),
            ("client_id", client.as_str()),
            ("redirect_uri", APP),
            ("state", "the app's state"),
            ("nonce", "the app's nonce"),
            ("scope", "openid email"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("identity_provider", "SignInWithApple"),
        ]);
        query.extend(changes.iter().copied());
        let query: Vec<_> = query
            .into_iter()
            .filter(|(_, value)| *value != "-")
            .collect();
        let request = self.http.get(self.url("/oauth2/authorize", &query));
        self.send(request).await
    }

    /// Somebody signs in at Apple: our state, and Apple's code.
    pub(super) async fn at_apple(&self, subject: &str) -> (String, String) {
        let begun = self.begin(&[]).await;
        let (state, nonce) = (begun.told("state").unwrap(), begun.told("nonce").unwrap());
        (state, self.apple.sign_in(subject, &nonce))
    }

    /// Apple's form comes back by the browser.
    pub(super) async fn answer(&self, fields: &[(&str, &str)]) -> Answer {
        self.send(self.form("/oauth2/idpresponse", fields)).await
    }

    /// The same by a query.
    pub(super) async fn answer_by_query(&self, fields: &[(&str, &str)]) -> Answer {
        let request = self.http.get(self.url("/oauth2/idpresponse", fields));
        self.send(request).await
    }

    /// Everything up to the app: what it is told.
    pub(super) async fn arrive(&self, subject: &str) -> Answer {
        let (state, code) = self.at_apple(subject).await;
        self.answer(&[("state", &state), ("code", &code)]).await
    }

    /// A code of ours for this subject.
    pub(super) async fn code(&self, subject: &str) -> String {
        let arrived = self.arrive(subject).await;
        let code = arrived.told("code");
        code.unwrap_or_else(|| panic!("no code: {arrived:?}"))
    }

    pub(super) async fn post_token(&self, fields: &[(&str, &str)]) -> Answer {
        let client = self.provider.world.cognito.pool().client_id.clone();
        let mut form = HashMap::from([("client_id", client.as_str())]);
        form.extend(fields.iter().copied());
        let form: Vec<_> = form.into_iter().collect();
        self.send(self.form("/oauth2/token", &form)).await
    }

    /// The app exchanges a code, with these parameters in place of the good ones.
    pub(super) async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut fields = HashMap::from([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", APP),
            ("code_verifier", VERIFIER),
        ]);
        fields.extend(changes.iter().copied());
        let fields: Vec<_> = fields.into_iter().collect();
        self.post_token(&fields).await
    }

    pub(super) async fn give_back(&self, token: &str) -> StatusCode {
        let client = self.provider.world.cognito.pool().client_id.clone();
        let fields = [("client_id", client.as_str()), ("token", token)];
        self.send(self.form("/oauth2/revoke", &fields)).await.status
    }

    /// The whole sign-in.
    pub(super) async fn sign_in(&self, subject: &str) -> Tokens {
        let code = self.code(subject).await;
        tokens(&self.exchange(&code, &[]).await)
    }

    /// A body for Apple's webhook.
    pub(super) async fn notify(&self, body: &Value) -> StatusCode {
        let request = self.http.post(self.url("/v1/webhooks/apple", &[]));
        self.send(request.json(body)).await.status
    }

    /// Any route, as a stranger asks for it.
    pub(super) async fn ask(&self, method: &str, path: &str) -> StatusCode {
        let method = method.parse().unwrap();
        let request = self.http.request(method, self.url(path, &[]));
        self.send(request).await.status
    }
}

pub(super) fn tokens(answer: &Answer) -> Tokens {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let token = |name: &str| answer.body[name].as_str().unwrap().to_owned();
    Tokens {
        access: token("access_token"),
        id: token("id_token"),
        refresh: token("refresh_token"),
    }
}

/// The claims of a token.
pub(super) fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(body).unwrap()).unwrap()
}
