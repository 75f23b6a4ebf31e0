//! Signing up and in at a server, for the verbs that act as a teen.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, bail, ensure};
use clap::Args;
use innerworld::client::{
    ClientError,
    cognito::Cognito,
    http::{Discovery, Server},
    link::{Account, Ground},
    tokens::{TokenStore, Tokens},
};
use innerworld_core::{clock::Clock as _, secret::Secret};
use innerworld_embedded::{OsIds, SystemClock};
use serde::Deserialize;

use super::console::Console;
use crate::config::environment::{self, Environment};

/// A code may be typed wrong so often.
const CODE_TRIES: usize = 5;
/// A token of a file says itself when it ends; the server checks it.
const FILE_TOKEN_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// Where to sign in, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct AccountFlags {
    /// The server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8787")]
    url: String,
    /// E-mail address to sign in with [default: asked for]
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

#[derive(Deserialize)]
struct DevCode {
    code: String,
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
                self.ask(console, environment, (&server, &discovery))
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
        (server, discovery): (&Server, &Discovery),
    ) -> anyhow::Result<Tokens> {
        let mut asking = Asking {
            console,
            cognito: Cognito::new(server, discovery),
            server,
            discovery,
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

struct Asking<'a> {
    console: &'a mut Console,
    cognito: Cognito<'a>,
    server: &'a Server,
    discovery: &'a Discovery,
    password: Option<Secret>,
}

impl Asking<'_> {
    async fn is_new(&mut self) -> anyhow::Result<bool> {
        self.console
            .say(format!("This is {}.", self.server.url()))?;
        loop {
            let answer = self.console.ask("Sign up or sign in? (up or in) ").await?;
            match answer.to_lowercase().as_str() {
                "up" | "sign up" => return Ok(true),
                "in" | "sign in" => return Ok(false),
                _ => self
                    .console
                    .note("Type up to make an account, in if you have one.")?,
            }
        }
    }

    async fn sign_up(&mut self, email: &str) -> anyhow::Result<Tokens> {
        let (password, sub) = loop {
            let password = self.new_password().await?;
            match self.cognito.sign_up(email, &password).await {
                Ok(sub) => break (password, sub),
                Err(error) if error.code() == Some("UsernameExistsException") => {
                    self.console
                        .note("There is an account with this address already. Sign in:")?;
                    return self.sign_in(email).await;
                }
                Err(error) if error.code() == Some("InvalidPasswordException") => {
                    ensure!(self.password.take().is_none(), "{error}");
                    self.console.note(error.to_string())?;
                }
                Err(error) => return Err(error.into()),
            }
        };
        self.confirm(email, Some(&sub)).await?;
        Ok(self
            .cognito
            .sign_in(email, &password, SystemClock.now())
            .await?)
    }

    async fn sign_in(&mut self, email: &str) -> anyhow::Result<Tokens> {
        loop {
            let given = self.password.take();
            let asked = given.is_none();
            let password = match given {
                Some(password) => password,
                None => self.console.ask_password("Password: ").await?,
            };
            match self
                .cognito
                .sign_in(email, &password, SystemClock.now())
                .await
            {
                Ok(tokens) => return Ok(tokens),
                Err(error) if error.code() == Some("UserNotConfirmedException") => {
                    self.cognito.resend(email).await?;
                    self.confirm(email, None).await?;
                    self.password = Some(password);
                }
                Err(error)
                    if error.code() == Some("NotAuthorizedException")
                        && asked
                        && self.console.is_interactive() =>
                {
                    self.console.note(error.to_string())?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn new_password(&mut self) -> anyhow::Result<Secret> {
        if let Some(password) = &self.password {
            return Ok(password.clone());
        }
        let least = self.discovery.password_min_chars.max(8);
        loop {
            let prompt = format!("A new password, at least {least} characters: ");
            let password = self.console.ask_password(&prompt).await?;
            if password.reveal().chars().count() < least {
                self.console
                    .note("That is too short. Four or five words make a good one.")?;
                continue;
            }
            if !self.console.is_interactive() {
                return Ok(password);
            }
            let again = self.console.ask_password("The same again: ").await?;
            if again.reveal() == password.reveal() {
                return Ok(password);
            }
            self.console.note("The two differ. Once more:")?;
        }
    }

    /// Asks for the mailed code. A development server shows it, so that nobody has to look for it.
    async fn confirm(&mut self, email: &str, sub: Option<&str>) -> anyhow::Result<()> {
        let offered = match sub.filter(|_| self.discovery.dev_codes) {
            Some(sub) => {
                let path = format!("/v1/dev/code?sub={sub}");
                let code = self.server.get::<DevCode>(&path, None).await;
                code.ok().map(|found| found.code)
            }
            None => None,
        };
        let prompt = if let Some(code) = &offered {
            self.console.note(
                "Development server: the code would come by e-mail; press Enter to take it.",
            )?;
            format!("Code [{code}]: ")
        } else {
            self.console.note(
                "A code was sent to your e-mail (on a development server: `innerworld outbox`). Type new for another one.",
            )?;
            "Code: ".to_owned()
        };
        for _ in 0..CODE_TRIES {
            let typed = self.console.ask(&prompt).await?;
            let code = match offered.as_deref() {
                Some(code) if typed.is_empty() => code,
                _ => typed.as_str(),
            };
            if code == "new" {
                self.cognito.resend(email).await?;
                self.console.note("Sent.")?;
                continue;
            }
            match self.cognito.confirm(email, code).await {
                Ok(()) => return Ok(()),
                Err(error) if error.code() == Some("CodeMismatchException") => {
                    self.console.note(error.to_string())?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        bail!("the code was wrong {CODE_TRIES} times; run this again and sign in to get a new one")
    }
}

/// The environment of this process.
pub(crate) fn environment() -> anyhow::Result<Environment> {
    environment::read().map_err(|mistakes| anyhow::anyhow!("{mistakes}"))
}
