//! What Apple tells by itself: that somebody took back a consent or deleted an account (Sign in
//! with Apple), or that a parent took back theirs (App Store).

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
use innerworld_core::{error::PortError, identity::apple::AppleSubject, ids::TeenId, secret::Text};
use innerworld_protocol::ErrorCode;

use super::{Cognito, apple::AppleProvider, limits::Counted};
use crate::{
    apple::{AppleNews, Doubt, MAX_BODY_BYTES, Message, act, admit},
    http::{
        account::{AppStore, app_transactions_off},
        context,
        error::ApiError,
    },
    openapi::{Operation, body, operation},
};

/// The operation.
pub(crate) fn operations() -> Vec<Operation> {
    vec![Operation {
        secured: false,
        request: body::<Message>(),
        response: (200, None),
        codes: &[
            ErrorCode::Invalid,
            ErrorCode::TokenInvalid,
            ErrorCode::RateLimited,
            ErrorCode::NotFound,
        ],
        ..operation(
            "post",
            "/v1/webhooks/apple",
            "What Apple tells: consents taken back, accounts deleted.",
        )
    }]
}

/// The route.
pub(super) fn router() -> Router<Arc<Cognito>> {
    Router::new()
        .route("/v1/webhooks/apple", post(take))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

async fn take(
    State(cognito): State<Arc<Cognito>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let apple = cognito.apple().ok_or_else(ApiError::not_found)?;
    let address = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    cognito.admit_message(address)?;
    let message: Message = context::read(body)?;
    match (message.payload, message.signed_payload) {
        (Some(payload), None) => cognito.take_events(apple, &payload, address).await?,
        (None, Some(signed)) => cognito.take_notice(apple, &signed, address).await?,
        _ => return Err(ApiError::invalid("send payload or signedPayload")),
    }
    Ok(StatusCode::OK)
}

impl Cognito {
    /// Counts a message as a forgery until it is believed: only those are limited.
    fn admit_message(&self, address: Option<IpAddr>) -> Result<(), ApiError> {
        admit(&self.limits, address, self.ports.clock.now())
    }

    async fn take_events(
        &self,
        apple: &AppleProvider,
        payload: &str,
        address: Option<IpAddr>,
    ) -> Result<(), ApiError> {
        let now = self.ports.clock.now();
        let message = apple.events(payload, now).await?;
        self.limits.forgive(Counted::Forgery, "", address);
        Ok(act(&*self.ports.events, &message, self).await?)
    }

    async fn take_notice(
        &self,
        apple: &AppleProvider,
        signed: &str,
        address: Option<IpAddr>,
    ) -> Result<(), ApiError> {
        let store = apple.store().ok_or_else(ApiError::not_found)?;
        let now = self.ports.clock.now();
        let notice = store.notice(signed, now).map_err(Doubt::from)?;
        self.limits.forgive(Counted::Forgery, "", address);
        let id = format!("store/{}", notice.id);
        if self.ports.events.is_done(&id).await? {
            return Ok(());
        }
        if let Some(transaction) = &notice.rescinded {
            let federation = &self.ports.federation;
            for teen in federation.teens_of_app(transaction.reveal()).await? {
                self.suspend(teen).await?;
            }
        }
        Ok(self.ports.events.done(&id).await?)
    }
}

#[async_trait]
impl AppleNews for Cognito {
    async fn known(&self, subject: &AppleSubject) -> Result<Option<TeenId>, PortError> {
        let name = subject.account_name();
        let account = self.ports.accounts.by_email(name.reveal()).await?;
        Ok(account.map(|account| account.teen))
    }

    async fn consent_revoked(&self, teen: TeenId) -> Result<(), PortError> {
        self.suspend(teen).await
    }

    async fn account_deleted(&self, teen: TeenId) -> Result<(), PortError> {
        self.eraser.request(teen).await.map(drop)
    }
}

#[async_trait]
impl AppStore for Cognito {
    fn transaction(&self, signed: &Text) -> Result<Text, ApiError> {
        let store = self.apple().and_then(|apple| apple.store());
        let now = self.ports.clock.now();
        store
            .ok_or_else(app_transactions_off)?
            .app_transaction(signed.reveal(), now)
            .map_err(|_why| {
                ApiError::invalid("app_transaction is not signed by the App Store for this app")
            })
    }

    async fn link(&self, teen: TeenId, id: &Text) -> Result<(), PortError> {
        self.ports.federation.link_app(teen, id.reveal()).await
    }
}
