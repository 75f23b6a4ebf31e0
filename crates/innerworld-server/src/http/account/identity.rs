//! What the account routes ask of whoever lets people in, and where they are served.

use async_trait::async_trait;
use innerworld_core::{error::PortError, ids::TeenId, secret::Text};

use crate::http::error::ApiError;

/// Port: ends sign-ins. One machine's own identity provider, or a user pool of Cognito with what the
/// deployment adds to it.
///
/// # Contract
/// * Every token that was issued before is refused from now on, here and at the socket's door.
/// * The teen's sockets are closed.
/// * Doing it again changes nothing for who signed in meanwhile but that they must do so anew.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Ends every sign-in of this teen.
    async fn end_sessions(&self, teen: TeenId) -> Result<(), PortError>;
}

/// Port: what the App Store signed about an installed app.
#[async_trait]
pub trait AppStore: Send + Sync {
    /// The id of an app transaction that the App Store signed for this app.
    fn transaction(&self, signed: &Text) -> Result<Text, ApiError>;

    /// Notes by which app transaction the teen is found.
    async fn link(&self, teen: TeenId, id: &Text) -> Result<(), PortError>;
}

/// The answer where no app transactions are taken.
pub(crate) fn app_transactions_off() -> ApiError {
    ApiError::invalid("app_transaction is not taken by this installation")
}

/// Where a request was served, as an extension of it: the base URL of this API. What stands before the
/// server tells it; without it the configured one counts.
#[derive(Clone, Debug)]
pub struct ServedAt(pub String);
