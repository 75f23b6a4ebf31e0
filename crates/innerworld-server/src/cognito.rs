//! The identity provider of one machine: Cognito's user-pool API, key set and discovery.
//!
//! An unmodified AWS SDK works against it by its endpoint setting. Answers never tell whether an
//! address has an account, except that signing up with a taken one is refused, as on Cognito.

pub mod apple;
mod challenge;
mod codes;
mod derived;
mod fault;
mod keys;
pub(crate) mod limits;
mod oauth;
mod password;
mod sign_in;
mod sign_up;
mod srp;
mod suspend;
pub mod tokens;
pub mod verify;
mod webhook;
mod who;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::hmac;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Extension, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use innerworld_core::{
    clock::Clock,
    cluster::Cluster,
    error::PortError,
    identity::{
        account::{AccountStore, ErasureStore, KeyStore, Mailer},
        consent::ConsentStore,
        federation::{EventLog, FederationStore, RevocationStore},
        oauth::AuthorizationStore,
    },
    ids::IdSource,
    memory::job::JobStore,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) use self::webhook::operations;
use self::{
    apple::AppleProvider, challenge::Challenges, derived::Derived, fault::Fault, limits::Limits,
    password::Passwords, verify::LocalTokenVerifier,
};
pub use self::{keys::KeyRing, limits::Rates, password::Computations};
use innerworld_engine::{
    erase::{Eraser, Outside, Sockets},
    revoke::{Revoker, Revokes},
};

const JSON_1_1: &str = "application/x-amz-json-1.1";
const MAX_BODY_BYTES: usize = 16 * 1_024;
/// Answers about somebody who may not exist take at least this long: what is done only for those
/// who do, a few milliseconds, does not show.
const ALIKE: Duration = Duration::from_millis(100);
const TARGET: &str = "AWSCognitoIdentityProviderService.";

/// What the identity provider stands on.
#[derive(Clone)]
#[expect(
    missing_debug_implementations,
    reason = "a bundle of ports has nothing to show"
)]
pub struct IdentityPorts {
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Keys and settings.
    pub keys: Arc<dyn KeyStore>,
    /// Mail.
    pub mailer: Arc<dyn Mailer>,
    /// Erasing.
    pub erasure: Arc<dyn ErasureStore>,
    /// The outbox of jobs.
    pub jobs: Arc<dyn JobStore>,
    /// Closes sockets.
    pub sockets: Arc<dyn Sockets>,
    /// Consents, taken back when an account is suspended.
    pub consents: Arc<dyn ConsentStore>,
    /// Sign-ins through a browser, on their way.
    pub authorizations: Arc<dyn AuthorizationStore>,
    /// Accounts of other identity providers.
    pub federation: Arc<dyn FederationStore>,
    /// Messages of other identity providers that were acted upon.
    pub events: Arc<dyn EventLog>,
    /// The other servers on these stores; `None` if there are none.
    pub cluster: Option<Arc<dyn Cluster>>,
    /// Grants at other identity providers that are to be taken back.
    pub revocations: Arc<dyn RevocationStore>,
    /// Sign in with Apple; `None` where it is off.
    pub apple: Option<Arc<AppleProvider>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers and randomness.
    pub ids: Arc<dyn IdSource>,
}

/// Who issues tokens, and for whom; made once and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// `<region>_<alphanumerics>`: clients split it at the underscore.
    pub id: String,
    /// The only app client.
    pub client_id: String,
    /// `<base URL>/<pool id>`.
    pub issuer: String,
}

/// The identity provider.
pub struct Cognito {
    ports: IdentityPorts,
    pool: Pool,
    /// Where this server is found now: after a start on another port not under its issuer.
    base: String,
    keys: Arc<KeyRing>,
    passwords: Passwords,
    challenges: Challenges,
    derived: Derived,
    limits: Limits,
    code_key: hmac::Key,
    verifier: Arc<LocalTokenVerifier>,
    eraser: Arc<Eraser>,
    revoker: Arc<Revoker>,
    /// Held while a code is exchanged: a second use must find what the first was given.
    exchanging: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Cognito {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cognito")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

impl Cognito {
    /// Opens the provider; makes pool, client, issuer and signing key at the first start.
    ///
    /// `base_url` becomes the issuer at the first start and is kept, so that a start on another
    /// port keeps tokens valid; `public_url` overrides it.
    pub async fn open(
        ports: IdentityPorts,
        base_url: &str,
        public_url: Option<&str>,
        rates: Rates,
    ) -> Result<Arc<Self>, PortError> {
        let pool = pool(&ports, base_url, public_url).await?;
        let base = public_url.unwrap_or(base_url).trim_end_matches('/');
        let base = base.to_owned();
        let now = ports.clock.now();
        let keys = Arc::new(KeyRing::open(ports.keys.clone(), ports.ids.clone(), now).await?);
        let passwords = Passwords::new(ports.ids.clone(), pool.id.clone()).await?;
        let challenges = match &ports.cluster {
            None => Challenges::alone(ports.ids.clone(), &pool)?,
            Some(cluster) => {
                let key = ports.keys.service_key("blocks").await?;
                Challenges::together((ports.ids.clone(), &key), &pool, Arc::clone(cluster))?
            }
        };
        let derived = Derived::new(&ports.keys.service_key("challenges").await?);
        let code_key = hmac::Key::new(hmac::HMAC_SHA256, &ports.keys.service_key("codes").await?);
        let verifier = Arc::new(LocalTokenVerifier::new(
            pool.clone(),
            keys.clone(),
            ports.accounts.clone(),
            ports.erasure.clone(),
        ));
        let revoker = Arc::new(Revoker::new(
            ports.revocations.clone(),
            ports.apple.clone().map(|apple| apple as Arc<dyn Revokes>),
            ports.clock.clone(),
        ));
        let eraser = Arc::new(Eraser {
            store: ports.erasure.clone(),
            federation: ports.federation.clone(),
            revoker: revoker.clone(),
            jobs: ports.jobs.clone(),
            verifier: verifier.clone(),
            sockets: ports.sockets.clone(),
            outside: Outside::default(),
            clock: ports.clock.clone(),
        });
        Ok(Arc::new(Self {
            limits: Limits::new(rates),
            ports,
            pool,
            base,
            keys,
            passwords,
            challenges,
            derived,
            code_key,
            verifier,
            eraser,
            revoker,
            exchanging: tokio::sync::Mutex::default(),
        }))
    }

    /// Pool, client and issuer.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Checks access tokens.
    pub fn verifier(&self) -> Arc<LocalTokenVerifier> {
        self.verifier.clone()
    }

    /// Erases teens.
    pub fn eraser(&self) -> Arc<Eraser> {
        self.eraser.clone()
    }

    /// What was computed so far that takes time.
    pub fn computations(&self) -> Computations {
        self.passwords.computations()
    }

    /// Takes back grants at other identity providers.
    pub fn revoker(&self) -> Arc<Revoker> {
        self.revoker.clone()
    }

    /// Sign in with Apple, where it is on.
    pub fn apple(&self) -> Option<&Arc<AppleProvider>> {
        self.ports.apple.as_ref()
    }

    /// Makes a new signing key; old ones stay in the key set until their tokens ended.
    pub async fn rotate_keys(&self) -> Result<(), PortError> {
        self.keys.rotate(self.ports.clock.now()).await
    }

    /// `POST /`, the key set, the discovery document, the sign-in through a browser, and the
    /// messages of Apple.
    pub fn router(self: Arc<Self>) -> Router {
        let webhook = webhook::router().with_state(Arc::clone(&self));
        Router::new()
            .merge(oauth::router())
            .route("/", post(call))
            .route("/{pool}/.well-known/jwks.json", get(jwks))
            .route("/{pool}/.well-known/openid-configuration", get(discovery))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(self)
            .merge(webhook)
    }

    async fn dispatch(
        &self,
        target: &str,
        body: &[u8],
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        match target {
            "SignUp" => self.sign_up(parse(body)?, address).await,
            "ConfirmSignUp" => alike(self.confirm_sign_up(parse(body)?, address)).await,
            "ResendConfirmationCode" => alike(self.resend(parse(body)?, address)).await,
            "ForgotPassword" => alike(self.forgot_password(parse(body)?, address)).await,
            "ConfirmForgotPassword" => alike(self.confirm_forgot(parse(body)?, address)).await,
            "InitiateAuth" => self.initiate_auth(parse(body)?, address).await,
            "RespondToAuthChallenge" => alike(self.respond(parse(body)?, address)).await,
            "GetUser" => self.get_user(parse(body)?).await,
            "ChangePassword" => self.change_password(parse(body)?, address).await,
            "GlobalSignOut" => self.global_sign_out(parse(body)?).await,
            "RevokeToken" => self.revoke_token(parse(body)?).await,
            "DeleteUser" => self.delete_user(parse(body)?).await,
            _ => Err(Fault(
                "UnknownOperationException",
                "This operation is not offered here.",
            )),
        }
    }

    fn check_client(&self, client_id: &str) -> Result<(), Fault> {
        if client_id == self.pool.client_id {
            Ok(())
        } else {
            Err(Fault(
                "ResourceNotFoundException",
                "User pool client does not exist.",
            ))
        }
    }
}

/// Waits until an answer about somebody who may not exist took [`ALIKE`].
async fn alike<T>(work: impl Future<Output = T>) -> T {
    let (done, ()) = tokio::join!(work, tokio::time::sleep(ALIKE));
    done
}

/// The answer to an address that asks too often, as the SDKs read it.
pub(crate) fn too_many_requests() -> Response {
    Fault::TOO_MANY.into_response()
}

async fn call(
    State(cognito): State<Arc<Cognito>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix(TARGET))
        .unwrap_or_default();
    let address = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    match cognito.dispatch(target, &body, address).await {
        Ok(answer) => ([(header::CONTENT_TYPE, JSON_1_1)], answer.to_string()).into_response(),
        Err(fault) => fault.into_response(),
    }
}

async fn jwks(State(cognito): State<Arc<Cognito>>, Path(pool): Path<String>) -> Response {
    if pool == cognito.pool.id {
        Json(cognito.keys.jwks()).into_response()
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

async fn discovery(State(cognito): State<Arc<Cognito>>, Path(pool): Path<String>) -> Response {
    if pool != cognito.pool.id {
        return StatusCode::NOT_FOUND.into_response();
    }
    let issuer = &cognito.pool.issuer;
    let base = &cognito.base;
    let mut document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{base}/{pool}/.well-known/jwks.json"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email"],
        "subject_types_supported": ["public"],
    });
    if let (Some(fields), Some(_)) = (document.as_object_mut(), cognito.apple()) {
        for name in ["authorize", "token", "revoke"] {
            let key = match name {
                "authorize" => "authorization_endpoint",
                "token" => "token_endpoint",
                _ => "revocation_endpoint",
            };
            fields.insert(key.to_owned(), json!(format!("{base}/oauth2/{name}")));
        }
        let methods = json!(["S256"]);
        fields.insert("code_challenge_methods_supported".to_owned(), methods);
    }
    Json(document).into_response()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    if body.first() != Some(&b'{') {
        return Err(Fault(
            "SerializationException",
            "The body is not a JSON object.",
        ));
    }
    // The cause is not passed on: it may quote what somebody typed.
    serde_json::from_slice(body)
        .map_err(|_cause| Fault::parameter("A required parameter is missing or has a wrong form."))
}

async fn pool(
    ports: &IdentityPorts,
    base_url: &str,
    public_url: Option<&str>,
) -> Result<Pool, PortError> {
    let keys = &ports.keys;
    // Clients check that this looks like a region (two letters, a word, a digit). ZZ is nobody's
    // country code, so that it cannot be taken for one of Amazon's.
    let made = format!("zz-local-1_{}", alphanumerics(&*ports.ids, 9));
    let id = keys.put_setting_once("user_pool_id", &made).await?;
    let made = alphanumerics(&*ports.ids, 26).to_lowercase();
    let client_id = keys.put_setting_once("client_id", &made).await?;
    let stored = keys
        .put_setting_once("issuer", base_url.trim_end_matches('/'))
        .await?;
    let base = public_url.map_or(stored.as_str(), |url| url.trim_end_matches('/'));
    let issuer = format!("{base}/{id}");
    Ok(Pool {
        id,
        client_id,
        issuer,
    })
}

fn alphanumerics(ids: &dyn IdSource, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut byte = [0_u8; 1];
    while text.len() < length {
        ids.fill(&mut byte);
        text.extend(
            byte.iter()
                .map(|b| char::from(*b))
                .filter(char::is_ascii_alphanumeric),
        );
    }
    text
}
