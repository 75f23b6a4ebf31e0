//! Signing up and in at a server, for the verbs that act as a teen.

mod ask;

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use clap::Args;
use innerworld::client::{
    ClientError,
    account::{Account, Ground},
    cognito::Cognito,
    http::{Discovery, Server},
    tokens::{TokenStore, Tokens},
};
use innerworld_core::{clock::Clock as _, secret::Secret};
use innerworld_embedded::{OsIds, SystemClock};

use super::{console::Console, flags::DEFAULT_URL};
use crate::config::environment::{self, Environment};

/// A token of a file says itself when it ends; the server checks it.
const FILE_TOKEN_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// Where to sign in, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct AccountFlags {
    /// The server
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL)]
    url: String,
    /// E-mail address to sign in with; the password is asked for, or taken from the variable
    /// `INNERWORLD_PASSWORD`
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// File with an access token, instead of signing in
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Keep no tokens for the next run
    #[arg(long)]
    no_store: bool,
    /// Send passwords and tokens without encryption to a server that is not this machine
    #[arg(long)]
    allow_plain_http: bool,
}

impl AccountFlags {
    /// Signs in: by the token file, by the tokens of the last run, or by asking.
    pub(crate) async fn sign_in(
        &self,
        console: &mut Console,
        environment: &Environment,
    ) -> anyhow::Result<Account> {
        let server = Server::new(&self.url)?;
        let discovery = server
            .discover()
            .await
            .context("start a server with `innerworld serve`, or name one with --url")?;
        self.check_encrypted(&discovery)?;
        let ground = Ground {
            clock: Arc::new(SystemClock),
            ids: Arc::new(OsIds),
        };
        let store = self.store(environment);
        let tokens = match self
            .known_tokens(&server, &discovery, store.as_ref())
            .await?
        {
            Some(tokens) => tokens,
            None => {
                self.ask(console, environment, (&server, &discovery, &ground))
                    .await?
            }
        };
        let account = Account {
            server,
            discovery,
            tokens,
            store: store.filter(|_| self.token_file.is_none()),
            ground,
        };
        account.keep();
        Ok(account)
    }

    /// Where the tokens of this server are kept.
    pub(crate) fn store(&self, environment: &Environment) -> Option<TokenStore> {
        let folder = environment
            .user_config
            .as_ref()
            .filter(|_| !self.no_store)?;
        let folder = folder.join("innerworld").join("tokens");
        Some(TokenStore::new(&folder, self.url.trim_end_matches('/')))
    }

    /// Refuses to send a password in the clear to another machine.
    fn check_encrypted(&self, discovery: &Discovery) -> anyhow::Result<()> {
        for url in [self.url.as_str(), &discovery.cognito_url, &discovery.ws_url] {
            let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            let host = authority
                .rsplit_once(':')
                .map_or(authority, |(host, _)| host);
            let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
            ensure!(
                here || self.allow_plain_http || matches!(scheme, "https" | "wss"),
                "{url} would carry your password and your words unencrypted; use https, or --allow-plain-http in a network you trust"
            );
        }
        Ok(())
    }

    async fn known_tokens(
        &self,
        server: &Server,
        discovery: &Discovery,
        store: Option<&TokenStore>,
    ) -> anyhow::Result<Option<Tokens>> {
        let now = SystemClock.now();
        if let Some(path) = &self.token_file {
            let text = fs::read_to_string(path)
                .with_context(|| format!("could not read {}", path.display()))?;
            let token = text.trim();
            ensure!(!token.is_empty(), "{} holds no token", path.display());
            return Ok(Some(Tokens {
                access: Secret::new(token.to_owned()),
                refresh: None,
                expires_at: now.plus(FILE_TOKEN_LIFE),
            }));
        }
        let Some(tokens) = store
            .and_then(TokenStore::load)
            .filter(|_| self.email.is_none())
        else {
            return Ok(None);
        };
        if tokens.is_fresh(now) {
            return Ok(Some(tokens));
        }
        let Some(refresh) = &tokens.refresh else {
            return Ok(None);
        };
        match Cognito::new(server, discovery).refresh(refresh, now).await {
            Ok(tokens) => Ok(Some(tokens)),
            // Signed out elsewhere, or kept for too long: the password is asked for again.
            Err(ClientError::Identity { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn ask(
        &self,
        console: &mut Console,
        environment: &Environment,
        (server, discovery, ground): (&Server, &Discovery, &Ground),
    ) -> anyhow::Result<Tokens> {
        let mut asking = ask::Asking {
            console,
            cognito: Cognito::new(server, discovery),
            server,
            discovery,
            ground,
            password: environment.password(),
        };
        let new = asking.is_new().await?;
        let email = match &self.email {
            Some(email) => email.clone(),
            None => asking.console.ask("E-mail: ").await?,
        };
        if new {
            asking.sign_up(&email).await
        } else {
            asking.sign_in(&email).await
        }
    }
}

/// The environment of this process.
pub(crate) fn environment() -> anyhow::Result<Environment> {
    environment::read().map_err(|mistakes| anyhow::anyhow!("{mistakes}"))
}
