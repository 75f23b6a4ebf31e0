//! Signing out everywhere: at the user pool, at the door, and at the sockets.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use innerworld_aws::UserDirectory;
use innerworld_core::{
    clock::Clock, error::PortError, identity::account::AccountStore, ids::TeenId,
};
use innerworld_engine::erase::Closing;
use innerworld_server::http::account::IdentityProvider;

use super::sockets::GatewaySockets;
use crate::http_event::Request;

/// Ends sign-ins of a user pool.
pub(super) struct PoolSignIns {
    pub(super) directory: UserDirectory,
    pub(super) accounts: Arc<dyn AccountStore>,
    pub(super) sockets: Arc<GatewaySockets>,
    pub(super) clock: Arc<dyn Clock>,
    /// Subject and user name of whoever makes the present request.
    pub(super) caller: Mutex<Option<(String, String)>>,
}

impl PoolSignIns {
    /// Notes what the pool calls whoever makes this request: the token says it, and the gateway has
    /// read it. An instance has one request at a time.
    pub(super) fn note_caller(&self, request: &Request) {
        let claim = |name| request.claim(name).map(str::to_owned);
        let caller = claim("sub").zip(claim("username"));
        *self.caller.lock().unwrap_or_else(PoisonError::into_inner) = caller;
    }

    fn username(&self, teen: TeenId) -> String {
        let subject = teen.to_string();
        let caller = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        let named = caller.as_ref().filter(|(sub, _name)| *sub == subject);
        named.map_or(subject, |(_sub, name)| name.clone())
    }
}

#[async_trait]
impl IdentityProvider for PoolSignIns {
    /// The mark comes last of what can fail, since behind it the same request is refused: until then it
    /// can be sent again. What was opened while sockets were closed is closed afterwards.
    async fn end_sessions(&self, teen: TeenId) -> Result<(), PortError> {
        self.directory.sign_out(&self.username(teen)).await?;
        self.sockets.close(teen, Closing::SignedOut).await?;
        let mark = self.clock.now().plus(Duration::from_millis(1));
        self.accounts.deny_before(teen, mark).await?;
        self.sockets.close(teen, Closing::SignedOut).await
    }
}
