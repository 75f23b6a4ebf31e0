//! A Cognito user pool, as far as tokens are concerned: keys that are published over HTTP and turn,
//! tokens that are right or wrong in one way, and users who are signed out everywhere.
#![expect(
    clippy::indexing_slicing,
    reason = "claims of a double are what it just wrote"
)]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use innerworld_core::{clock::Timestamp, ids::TeenId};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::apple::SigningKey;

/// The pool's id.
pub const POOL_ID: &str = "us-east-1_aB3dEfGhI";
/// Its app client.
pub const CLIENT_ID: &str = "1h57kf5cpq17m0eml12EXAMPLE";
/// What its tokens name as their issuer.
pub const ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_aB3dEfGhI";

/// What the double does when its keys are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It gives them.
    #[default]
    Well,
    /// It fails.
    Down,
    /// It answers what is no key set.
    Garbage,
    /// It answers without end.
    Endless,
    /// It sends the caller elsewhere.
    Redirects,
}

struct Inner {
    mood: Mutex<Mood>,
    published: Mutex<Vec<Value>>,
    reads: Mutex<usize>,
    signed_out: Mutex<Vec<String>>,
    federated: Mutex<Vec<(TeenId, String)>>,
}

/// The running double; it ends when it is dropped.
pub struct UserPoolDouble {
    inner: Arc<Inner>,
    key: SigningKey,
    stranger: SigningKey,
    address: SocketAddr,
    _serving: JoinSet<()>,
}

impl std::fmt::Debug for UserPoolDouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserPoolDouble").finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UserPoolDouble {
    /// Starts one with one key.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let key = SigningKey::generate("pool-1");
        let inner = Arc::new(Inner {
            mood: Mutex::default(),
            published: Mutex::new(vec![key.jwk()]),
            reads: Mutex::new(0),
            signed_out: Mutex::default(),
            federated: Mutex::default(),
        });
        let path = format!("/{POOL_ID}/.well-known/jwks.json");
        let routes = Router::new()
            .route(&path, get(keys))
            .route("/", post(operation))
            .with_state(Arc::clone(&inner));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            inner,
            key,
            stranger: SigningKey::generate("pool-1"),
            address,
            _serving: serving,
        }
    }

    /// The private endpoint to set.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often its keys were read, or tried to be.
    pub fn reads(&self) -> usize {
        *locked(&self.inner.reads)
    }

    /// Names of users who were signed out everywhere, in order.
    pub fn signed_out(&self) -> Vec<String> {
        locked(&self.inner.signed_out).clone()
    }

    /// From now on this teen's account has come from another provider: it is named so, and no longer by
    /// its subject.
    pub fn federate(&self, teen: TeenId, name: &str) {
        locked(&self.inner.federated).push((teen, name.to_owned()));
    }

    /// From now on it does this.
    pub fn feel(&self, mood: Mood) {
        *locked(&self.inner.mood) = mood;
    }

    /// New tokens are signed by a new key, which is published beside the old ones.
    pub fn rotate(&mut self, kid: &str) {
        self.key = SigningKey::generate(kid);
        locked(&self.inner.published).push(self.key.jwk());
    }

    /// The claims of a good access token: issued at `now`, for an hour.
    pub fn claims(&self, teen: TeenId, now: Timestamp) -> Value {
        let now = now.as_seconds();
        json!({
            "sub": teen.to_string(), "iss": ISSUER, "client_id": CLIENT_ID,
            "token_use": "access", "scope": "aws.cognito.signin.user.admin",
            "auth_time": now, "iat": now, "exp": now + 3_600, "jti": "a-token",
            "origin_jti": "a-sign-in", "event_id": "an-event", "version": 2,
            "username": teen.to_string(),
        })
    }

    /// A good access token.
    pub fn token(&self, teen: TeenId, now: Timestamp) -> String {
        self.sign(&self.claims(teen, now))
    }

    /// A token with these claims, signed by the present key.
    pub fn sign(&self, claims: &Value) -> String {
        self.key.sign(claims)
    }

    /// Tokens that must not be believed, with a name for each.
    pub fn forged(&self, teen: TeenId, now: Timestamp) -> Vec<(&'static str, String)> {
        let good = self.claims(teen, now);
        let changed = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            self.key.sign(&claims)
        };
        let mut id_token = good.clone();
        id_token["token_use"] = json!("id");
        id_token["aud"] = json!(CLIENT_ID);
        id_token.as_object_mut().unwrap().remove("client_id");
        let in_an_hour = now.as_seconds() + 3_600;
        let good_one = self.key.sign(&good);
        let (unsigned, _) = good_one.rsplit_once('.').unwrap();
        let other_issuer = format!("{ISSUER}x");
        vec![
            ("another client", changed("client_id", json!("another"))),
            ("another issuer", changed("iss", json!(other_issuer))),
            ("an id token", self.key.sign(&id_token)),
            ("use id", changed("token_use", json!("id"))),
            ("not yet", changed("nbf", json!(in_an_hour))),
            ("issued in an hour", changed("iat", json!(in_an_hour))),
            ("no subject", changed("sub", json!("somebody"))),
            ("a subject that is no text", changed("sub", json!(1))),
            ("alg none", self.key.unsigned(&good)),
            ("HS256 with the public key", self.key.confused(&good)),
            ("a stranger's key", self.stranger.sign(&good)),
            ("an unknown key", self.key.sign_as("pool-9", &good)),
            ("no signature", format!("{unsigned}.")),
            ("no token", "a.b.c".to_owned()),
            ("nothing", String::new()),
            ("too long", "a".repeat(100_000)),
        ]
    }
}

/// What an administrator asks. Who asks is not looked at; every subject has an account.
async fn operation(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: String) -> Response {
    if *locked(&inner.mood) != Mood::Well {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let asked: Value = serde_json::from_str(&body).unwrap_or_default();
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.rsplit_once('.'));
    let answer = match operation.map(|(_service, name)| name) {
        _ if asked["UserPoolId"] != POOL_ID => Err("ResourceNotFoundException"),
        Some("AdminUserGlobalSignOut") => sign_out(&inner, &asked),
        Some("ListUsers") => Ok(list(&inner, &asked)),
        _ => Err("InvalidParameterException"),
    };
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(fault) => (StatusCode::BAD_REQUEST, json!({"__type": fault})),
    };
    let kind = [("content-type", "application/x-amz-json-1.1")];
    (status, kind, body.to_string()).into_response()
}

fn sign_out(inner: &Inner, asked: &Value) -> Result<Value, &'static str> {
    let name = asked["Username"].as_str().unwrap_or_default();
    let federated = locked(&inner.federated);
    let mut named = federated.iter();
    if named.any(|(teen, _name)| teen.to_string() == name) {
        return Err("UserNotFoundException");
    }
    locked(&inner.signed_out).push(name.to_owned());
    Ok(json!({}))
}

/// Accounts by their subject or their name, as `sub = "..."` and `username = "..."` ask for them.
fn list(inner: &Inner, asked: &Value) -> Value {
    let filter = asked["Filter"].as_str().unwrap_or_default();
    let federated = locked(&inner.federated);
    let found = federated.iter().filter(|(teen, name)| {
        filter == format!("sub = \"{teen}\"") || filter == format!("username = \"{name}\"")
    });
    let users: Vec<Value> = found
        .map(|(teen, name)| {
            let subject = json!({"Name": "sub", "Value": teen.to_string()});
            json!({"Username": name, "Attributes": [subject]})
        })
        .collect();
    json!({ "Users": users })
}

async fn keys(State(inner): State<Arc<Inner>>) -> Response {
    *locked(&inner.reads) += 1;
    let mood = *locked(&inner.mood);
    match mood {
        Mood::Well => {
            let keys = locked(&inner.published).clone();
            Json(json!({ "keys": keys })).into_response()
        }
        Mood::Down => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Garbage => "<html>".into_response(),
        Mood::Endless => vec![b' '; 1 << 20].into_response(),
        Mood::Redirects => {
            let location = [("location", "http://169.254.169.254/latest/meta-data")];
            (StatusCode::TEMPORARY_REDIRECT, location).into_response()
        }
    }
}
