//! A signed-in teen, with tokens that stay fresh.

use std::sync::Arc;

use innerworld_core::{clock::Clock, ids::IdSource, secret::Secret};

use super::{
    cognito::Cognito,
    error::ClientError,
    http::{Discovery, Server},
    tokens::{TokenStore, Tokens},
};

/// Time and randomness of a client.
#[derive(Clone)]
pub struct Ground {
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn IdSource>,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ground")
    }
}

/// Who is signed in, and where.
#[derive(Clone, Debug)]
pub struct Account {
    /// The server.
    pub server: Server,
    /// What it said about itself.
    pub discovery: Discovery,
    /// The teen's tokens.
    pub tokens: Tokens,
    /// Where they are kept; `None` to keep nothing.
    pub store: Option<TokenStore>,
    /// Time and randomness.
    pub ground: Ground,
}

impl Account {
    /// An access token that holds, refreshed if need be.
    pub async fn token(&mut self) -> Result<Secret, ClientError> {
        if !self.tokens.is_fresh(self.ground.clock.now()) {
            self.renew().await?;
        }
        Ok(self.tokens.access.clone())
    }

    /// Gets a fresh access token now. Without a refresh token the old one is left as it is.
    pub async fn renew(&mut self) -> Result<(), ClientError> {
        let Some(refresh) = self.tokens.refresh.clone() else {
            return Ok(());
        };
        let now = self.ground.clock.now();
        self.tokens = Cognito::new(&self.server, &self.discovery)
            .refresh(&refresh, now)
            .await?;
        self.keep();
        Ok(())
    }

    /// Writes the tokens to their file, if there is one. A disk that is full must not end a talk;
    /// the next run asks for the password again.
    pub fn keep(&self) {
        if let Some(store) = &self.store
            && let Err(error) = store.save(&self.tokens)
        {
            tracing::warn!(error.kind = ?error.kind(), "the tokens could not be kept");
        }
    }
}
