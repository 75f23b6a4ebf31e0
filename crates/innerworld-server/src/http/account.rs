//! Account routes: age state and settings, consents, tickets, sign-out, where to sign in.

mod bodies;
mod consents;
mod identity;
mod profile;
mod session;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, FromRef, State},
    middleware,
    routing::{get, patch, post, put},
};
use innerworld_core::{
    clock::Clock,
    error::PortError,
    identity::{
        account::{AccountStore, TicketStore},
        consent::{ConsentRecord, ConsentStore, MemoryMode, memory_mode},
        consents::Catalogue,
        gate,
        profile::{Profile, ProfileStore},
        token::TokenVerifier,
    },
    ids::{IdSource, TeenId},
    memory::Memory,
};

pub(crate) use self::identity::app_transactions_off;
pub use self::{
    bodies::{ClientInfo, Me},
    identity::{AppStore, IdentityProvider, ServedAt},
};
use super::{
    context::read,
    error::{ApiError, RequestIds, SignedIn, finish},
};
use innerworld_engine::{app::LateSockets, erase::Eraser};

const MAX_BODY_BYTES: usize = 16 * 1_024;

/// Port: the newest code in the local outbox. Only a development server has one.
#[async_trait::async_trait]
pub trait DevCodes: Send + Sync {
    /// The newest sign-up code mailed to this address.
    async fn newest(&self, email: &str) -> Result<Option<String>, PortError>;
}

/// What the account routes stand on.
#[derive(Clone)]
#[expect(
    missing_debug_implementations,
    reason = "a bundle of ports has nothing to show"
)]
pub struct AccountApi {
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Profiles.
    pub profiles: Arc<dyn ProfileStore>,
    /// Consents.
    pub consents: Arc<dyn ConsentStore>,
    /// Tickets.
    pub tickets: Arc<dyn TicketStore>,
    /// Checks tokens.
    pub verifier: Arc<dyn TokenVerifier>,
    /// Ends sign-ins.
    pub identity: Arc<dyn IdentityProvider>,
    /// Takes transactions of the App Store; `None` where nobody does.
    pub app_store: Option<Arc<dyn AppStore>>,
    /// Erases teens.
    pub eraser: Arc<Eraser>,
    /// Texts of consents and who receives data.
    pub catalogue: Arc<Catalogue>,
    /// Where to sign in and who answers.
    pub client: Arc<ClientInfo>,
    /// Memory, brought down to the mode that a consent chooses.
    pub memory: Arc<Memory>,
    /// The most that is remembered of anybody, whatever they chose.
    pub memory_mode_max: MemoryMode,
    /// Running sessions, told when memory changed.
    pub sessions: Arc<LateSockets>,
    /// The outbox, in development.
    pub dev_codes: Option<Arc<dyn DevCodes>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers and randomness.
    pub ids: Arc<dyn IdSource>,
}

impl FromRef<AccountApi> for Arc<dyn TokenVerifier> {
    fn from_ref(api: &AccountApi) -> Self {
        api.verifier.clone()
    }
}

impl FromRef<AccountApi> for Arc<dyn Clock> {
    fn from_ref(api: &AccountApi) -> Self {
        api.clock.clone()
    }
}

impl AccountApi {
    /// The routes.
    pub fn router(self) -> Router {
        let request_ids = RequestIds {
            ids: self.ids.clone(),
            clock: self.clock.clone(),
        };
        Router::new()
            .route("/v1/me", get(me).delete(session::erase))
            .route("/v1/me/profile", patch(profile::complete))
            .route("/v1/me/consents", get(consents::list).put(consents::put))
            .route("/v1/me/memory/settings", put(consents::settings))
            .route("/v1/me/sign-out", post(session::sign_out))
            .route("/v1/tickets", post(session::ticket))
            .route("/v1/client", get(session::client))
            .route("/v1/consents", get(consents::catalogue))
            .route("/v1/dev/code", get(session::dev_code))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .layer(middleware::map_response_with_state(request_ids, finish))
            .with_state(self)
    }

    /// How much is remembered.
    fn memory_mode(&self, records: &[ConsentRecord]) -> MemoryMode {
        memory_mode(records, None).min(self.memory_mode_max)
    }

    async fn describe(&self, teen: TeenId) -> Result<Me, ApiError> {
        let now = self.clock.now();
        let profile = self.profiles.load(teen).await?;
        let records = self.consents.list(teen).await?;
        // The token holds: whoever is being erased, or was suspended, has none that does.
        let standing = gate::standing(false, profile.as_ref(), &records, &self.catalogue, now);
        let memory = self.memory_mode(&records);
        let band = profile
            .as_ref()
            .map(|profile: &Profile| profile.band_at(now));
        Ok(Me::new(
            teen,
            standing,
            profile.map(|profile| profile.settled(now)),
            band,
            memory,
        ))
    }
}

async fn me(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
) -> Result<Json<Me>, ApiError> {
    api.describe(claims.teen).await.map(Json)
}

pub use bodies::operations;
