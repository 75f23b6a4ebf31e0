//! `POST /v1/webhooks/apple`: what is done when Apple tells something.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Extension, State, rejection::BytesRejection},
    http::StatusCode,
    routing::post,
};
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::PortError,
    identity::{
        apple::{
            AppleSubject, Untrusted,
            event::{AppleEvent, AppleEvents},
        },
        federation::EventLog,
    },
    ids::TeenId,
};
use innerworld_protocol::ErrorCode;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Doubt;
use crate::{
    cognito::limits::{Counted, Limits, Rates},
    http::{context, error::ApiError},
};

/// Largest message: a signed text with certificates inside another one has about 20,000 bytes.
pub(crate) const MAX_BODY_BYTES: usize = 128 * 1_024;

/// `POST /v1/webhooks/apple`: one of the two, by its sender.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Message {
    /// Sign in with Apple: a signed server-to-server notification.
    #[serde(default)]
    pub(crate) payload: Option<String>,
    /// The App Store: a signed notification of version 2.
    #[serde(default, rename = "signedPayload")]
    pub(crate) signed_payload: Option<String>,
}

/// Those of whom Apple tells, where their accounts are kept.
///
/// # Contract
/// Each may be told again, and does the same then.
#[async_trait]
pub trait AppleNews: Send + Sync {
    /// Who signed in as this subject.
    async fn known(&self, subject: &AppleSubject) -> Result<Option<TeenId>, PortError>;

    /// They took their consent back: nothing leaves, nobody gets in.
    async fn consent_revoked(&self, teen: TeenId) -> Result<(), PortError>;

    /// They deleted their account: it is erased here.
    async fn account_deleted(&self, teen: TeenId) -> Result<(), PortError>;
}

/// Believes what Apple signed.
#[async_trait]
pub trait Trusted: Send + Sync {
    /// What a notification of Sign in with Apple says; `None` where nobody signs in with Apple.
    async fn events(&self, payload: &str, now: Timestamp) -> Option<Result<AppleEvents, Doubt>>;
}

/// The route of a deployment whose accounts another identity provider keeps. Notifications of the App
/// Store are not taken.
pub struct AppleWebhook {
    trusted: Arc<dyn Trusted>,
    news: Arc<dyn AppleNews>,
    log: Arc<dyn EventLog>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for AppleWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppleWebhook")
    }
}

impl AppleWebhook {
    /// A route that acts by `news` upon what is `trusted`, each message once by the log.
    pub fn new(
        trusted: Arc<dyn Trusted>,
        news: Arc<dyn AppleNews>,
        (log, clock): (Arc<dyn EventLog>, Arc<dyn Clock>),
    ) -> Self {
        Self {
            trusted,
            news,
            log,
            limits: Limits::new(Rates::default()),
            clock,
        }
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/v1/webhooks/apple", post(take))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(Arc::new(self))
    }
}

async fn take(
    State(webhook): State<Arc<AppleWebhook>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let address = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    let now = webhook.clock.now();
    admit(&webhook.limits, address, now)?;
    let message: Message = context::read(body)?;
    let payload = match (message.payload, message.signed_payload) {
        (Some(payload), None) => payload,
        (None, Some(_of_the_store)) => return Err(ApiError::not_found()),
        _ => return Err(ApiError::invalid("send payload")),
    };
    let events = webhook.trusted.events(&payload, now).await;
    let events = events.ok_or_else(ApiError::not_found)??;
    webhook.limits.forgive(Counted::Forgery, "", address);
    act(&*webhook.log, &events, &*webhook.news).await?;
    Ok(StatusCode::OK)
}

/// Counts a message as a forgery until it is believed: only those are limited.
pub(crate) fn admit(
    limits: &Limits,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<(), ApiError> {
    if limits.admit(Counted::Forgery, "", address, now) {
        return Ok(());
    }
    let message = "too many messages that are not Apple's; try again later";
    let (status, code) = (StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited);
    Err(ApiError::new(status, code, message))
}

/// Acts upon a message, unless that was done.
pub(crate) async fn act(
    log: &dyn EventLog,
    message: &AppleEvents,
    news: &dyn AppleNews,
) -> Result<(), PortError> {
    let id = format!("apple/{}", message.id);
    if log.is_done(&id).await? {
        return Ok(());
    }
    for event in &message.events {
        match event {
            AppleEvent::ConsentRevoked(subject) => {
                if let Some(teen) = news.known(subject).await? {
                    news.consent_revoked(teen).await?;
                }
            }
            AppleEvent::AccountDeleted(subject) => {
                if let Some(teen) = news.known(subject).await? {
                    news.account_deleted(teen).await?;
                }
            }
            AppleEvent::Other => {}
        }
    }
    // Noted after it was acted upon: a crash in between acts again, to the same result.
    log.done(&id).await
}

impl From<Doubt> for ApiError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Untrusted(why) => {
                tracing::warn!(%why, "a message that claims to come from Apple was refused");
                if why == Untrusted::Form {
                    return Self::invalid("the message has a wrong form");
                }
                let message = "this message is not believed";
                Self::new(StatusCode::UNAUTHORIZED, ErrorCode::TokenInvalid, message)
            }
            Doubt::Unknown(cause) => cause.into(),
        }
    }
}
