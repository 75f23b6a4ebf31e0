//! An identity service that stands for Apple's: real HTTP, keys made at run time, and ways to
//! misbehave on purpose.
#![expect(
    clippy::indexing_slicing,
    reason = "claims of a double are what it just wrote"
)]

mod sign;
pub mod store;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use innerworld_core::clock::Clock;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;

pub use self::sign::SigningKey;

/// The developer team that the double knows.
pub const TEAM_ID: &str = "TEAM123456";
/// The id of its private key.
pub const KEY_ID: &str = "KEY1234567";
/// The Services ID.
pub const CLIENT_ID: &str = "org.example.innerworld.signin";
/// The app.
pub const BUNDLE_ID: &str = "org.example.innerworld";

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// The id token answers another sign-in.
    WrongNonce,
    /// It has no nonce.
    NoNonce,
    /// It is meant for another app.
    WrongAudience,
    /// It comes from another issuer.
    WrongIssuer,
    /// It has ended.
    Expired,
    /// It begins in an hour.
    Early,
    /// It is not signed, and says so.
    AlgNone,
    /// It is signed by the public key as if that were a shared secret.
    Hs256WithPublicKey,
    /// It names a key that the key set does not have.
    UnknownKid,
    /// It is signed by a key that is not Apple's, under the name of one that is.
    StolenKid,
    /// Its subject is no name but a text of another form.
    OddSubject,
    /// The answer is no JSON.
    Garbage,
    /// The answer is longer than anything Apple says.
    Endless,
    /// Every call is sent on to somewhere else.
    Redirects,
    /// Every call fails.
    Fails,
    /// The code is refused.
    RefusesCode,
    /// Every call takes this long.
    Slow(Duration),
}

/// What the double was asked, and what it will do.
#[derive(Debug, Default)]
struct Desk {
    /// Codes that were given, with subject and nonce.
    codes: HashMap<String, (String, String)>,
    misbehaves: Option<Misbehaviour>,
    revoked: Vec<String>,
    reads: usize,
    calls: usize,
    given: usize,
}

struct Inner {
    issuer: String,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    strangers: SigningKey,
    client: KeyPair,
    desk: Mutex<Desk>,
}

/// The running double; it ends when it is dropped.
pub struct AppleDouble {
    inner: Arc<Inner>,
    /// Where it listens.
    pub address: SocketAddr,
    _serving: JoinSet<()>,
}

impl std::fmt::Debug for AppleDouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppleDouble").finish_non_exhaustive()
    }
}

impl AppleDouble {
    /// Starts one whose tokens are dated by `clock`.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            issuer: format!("http://{address}"),
            clock,
            key: SigningKey::generate("apple-1"),
            strangers: SigningKey::generate("apple-1"),
            client: KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap(),
            desk: Mutex::default(),
        });
        let routes = Router::new()
            .route("/auth/keys", get(keys))
            .route("/auth/token", post(token))
            .route("/auth/revoke", post(revoke))
            .with_state(Arc::clone(&inner));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            inner,
            address,
            _serving: serving,
        }
    }

    /// Its issuer, which is its address too.
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// The private key that belongs to [`KEY_ID`], as Apple gives it out.
    pub fn private_key(&self) -> String {
        let encoded = STANDARD.encode(self.inner.client.serialize_der());
        format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n")
    }

    /// Somebody signs in: the code for them, bound to the nonce of the request.
    pub fn sign_in(&self, subject: &str, nonce: &str) -> String {
        let mut desk = self.inner.desk();
        desk.given += 1;
        let code = format!("apple-code-{}", desk.given);
        let signed_in = (subject.to_owned(), nonce.to_owned());
        desk.codes.insert(code.clone(), signed_in);
        code
    }

    /// From now on it does this; `None` is well.
    pub fn misbehave(&self, how: impl Into<Option<Misbehaviour>>) {
        self.inner.desk().misbehaves = how.into();
    }

    /// The refresh tokens that were revoked, in order.
    pub fn revoked(&self) -> Vec<String> {
        self.inner.desk().revoked.clone()
    }

    /// How often the key set was read.
    pub fn key_reads(&self) -> usize {
        self.inner.desk().reads
    }

    /// How many calls came in, of any kind.
    pub fn calls(&self) -> usize {
        self.inner.desk().calls
    }

    /// A signed server-to-server notification with this id about this subject.
    pub fn notification(&self, id: &str, kind: &str, subject: &str) -> String {
        self.inner
            .key
            .sign(&self.notice(id, kind, subject, BUNDLE_ID))
    }

    /// Notifications that must not be believed, with a name for each.
    pub fn forged_notifications(&self, kind: &str, subject: &str) -> Vec<(&'static str, String)> {
        let good = self.notice("forged", kind, subject, BUNDLE_ID);
        let changed = |name: &str, value: &str| {
            let mut claims = good.clone();
            claims[name] = json!(value);
            self.inner.key.sign(&claims)
        };
        let good_one = self.inner.key.sign(&good);
        let (unsigned, _) = good_one.rsplit_once('.').unwrap();
        vec![
            ("another app", changed("aud", "org.example.other")),
            ("another issuer", changed("iss", "https://example.org")),
            ("a stranger's key", self.inner.strangers.sign(&good)),
            ("alg none", self.inner.key.unsigned(&good)),
            ("HS256 with the public key", self.inner.key.confused(&good)),
            ("an unknown key", self.inner.key.sign_as("apple-9", &good)),
            ("no signature", format!("{unsigned}.")),
        ]
    }

    fn notice(&self, id: &str, kind: &str, subject: &str, audience: &str) -> Value {
        let now = self.inner.clock.now().as_seconds();
        let event = json!({"type": kind, "sub": subject, "event_time": now * 1_000});
        json!({
            "iss": self.inner.issuer, "aud": audience, "iat": now, "exp": now + 86_400,
            "jti": id, "events": event.to_string(),
        })
    }
}

impl Inner {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call; the answer of a service that is ill.
    async fn ill(&self) -> Option<Response> {
        let how = {
            let mut desk = self.desk();
            desk.calls += 1;
            desk.misbehaves
        };
        match how? {
            Misbehaviour::Fails => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
            Misbehaviour::Garbage => Some("<html>".into_response()),
            Misbehaviour::Endless => Some(vec![b' '; 1 << 20].into_response()),
            Misbehaviour::Redirects => {
                let location = [("location", "http://169.254.169.254/latest/meta-data")];
                Some((StatusCode::TEMPORARY_REDIRECT, location).into_response())
            }
            Misbehaviour::Slow(by) => {
                tokio::time::sleep(by).await;
                None
            }
            _ => None,
        }
    }

    /// Whether a client secret is signed by the private key that was given out, for us.
    fn believes(&self, form: &HashMap<String, String>) -> bool {
        let secret = form.get("client_secret").map_or("", String::as_str);
        let key = DecodingKey::from_ec_der(self.client.der_bytes());
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.set_audience(&[&self.issuer]);
        let Ok(read) = jsonwebtoken::decode::<Value>(secret, &key, &validation) else {
            return false;
        };
        let now = self.clock.now().as_seconds();
        let time = |name: &str| read.claims[name].as_i64().unwrap_or(0);
        read.header.kid.as_deref() == Some(KEY_ID)
            && read.claims["iss"] == TEAM_ID
            && read.claims["sub"] == CLIENT_ID
            && form.get("client_id").is_some_and(|id| id == CLIENT_ID)
            && (time("iat")..time("exp")).contains(&now)
    }

    fn id_token(&self, subject: &str, nonce: &str) -> String {
        let now = self.clock.now().as_seconds();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "sub": subject, "nonce": nonce,
            "nonce_supported": true, "iat": now, "exp": now + 86_400, "auth_time": now,
            "email": "mia@example.org", "email_verified": "true",
        });
        let how = self.desk().misbehaves;
        match how {
            Some(Misbehaviour::WrongNonce) => claims["nonce"] = json!("another"),
            Some(Misbehaviour::NoNonce) => claims["nonce"] = Value::Null,
            Some(Misbehaviour::WrongAudience) => claims["aud"] = json!(BUNDLE_ID),
            Some(Misbehaviour::WrongIssuer) => claims["iss"] = json!("https://example.org"),
            Some(Misbehaviour::Expired) => claims["exp"] = json!(now),
            Some(Misbehaviour::Early) => claims["iat"] = json!(now + 3_600),
            Some(Misbehaviour::OddSubject) => claims["sub"] = json!("mia@example.org"),
            _ => {}
        }
        match how {
            Some(Misbehaviour::AlgNone) => self.key.unsigned(&claims),
            Some(Misbehaviour::Hs256WithPublicKey) => self.key.confused(&claims),
            Some(Misbehaviour::UnknownKid) => self.key.sign_as("apple-9", &claims),
            Some(Misbehaviour::StolenKid) => self.strangers.sign(&claims),
            _ => self.key.sign(&claims),
        }
    }
}

async fn keys(State(inner): State<Arc<Inner>>) -> Response {
    inner.desk().reads += 1;
    if let Some(ill) = inner.ill().await {
        return ill;
    }
    Json(json!({"keys": [inner.key.jwk()]})).into_response()
}

fn refusal(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response()
}

async fn token(
    State(inner): State<Arc<Inner>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if let Some(ill) = inner.ill().await {
        return ill;
    }
    if !inner.believes(&form) {
        return refusal("invalid_client");
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let code = field("code");
    let known = inner.desk().codes.remove(&code);
    let whole = field("grant_type") == "authorization_code"
        && field("redirect_uri").ends_with("/oauth2/idpresponse")
        && inner.desk().misbehaves != Some(Misbehaviour::RefusesCode);
    let Some((subject, nonce)) = known.filter(|_| whole) else {
        return refusal("invalid_grant");
    };
    Json(json!({
        "access_token": format!("access-of-{code}"), "token_type": "Bearer", "expires_in": 3_600,
        "refresh_token": format!("refresh-of-{code}"), "id_token": inner.id_token(&subject, &nonce),
    }))
    .into_response()
}

async fn revoke(
    State(inner): State<Arc<Inner>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if let Some(ill) = inner.ill().await {
        return ill;
    }
    if !inner.believes(&form) {
        return refusal("invalid_client");
    }
    let token = form.get("token").cloned().unwrap_or_default();
    inner.desk().revoked.push(token);
    StatusCode::OK.into_response()
}
