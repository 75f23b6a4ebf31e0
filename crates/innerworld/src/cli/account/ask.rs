//! Signing up and in by asking.

use anyhow::{bail, ensure};
use innerworld::client::{
    account::Ground,
    cognito::Cognito,
    http::{Discovery, Server},
    tokens::Tokens,
};
use innerworld_core::secret::Secret;
use serde::Deserialize;

use crate::cli::console::Console;

/// A code may be typed wrong so often.
const CODE_TRIES: usize = 5;

#[derive(Deserialize)]
struct DevCode {
    code: String,
}

/// Somebody who is about to sign in.
pub(super) struct Asking<'a> {
    pub(super) console: &'a mut Console,
    pub(super) cognito: Cognito<'a>,
    pub(super) server: &'a Server,
    pub(super) discovery: &'a Discovery,
    pub(super) ground: &'a Ground,
    pub(super) password: Option<Secret>,
}

impl Asking<'_> {
    pub(super) async fn is_new(&mut self) -> anyhow::Result<bool> {
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

    pub(super) async fn sign_up(&mut self, email: &str) -> anyhow::Result<Tokens> {
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
        Ok(self.cognito.sign_in(email, &password, self.ground).await?)
    }

    pub(super) async fn sign_in(&mut self, email: &str) -> anyhow::Result<Tokens> {
        loop {
            let given = self.password.take();
            let asked = given.is_none();
            let password = match given {
                Some(password) => password,
                None => self.console.ask_password("Password: ").await?,
            };
            match self.cognito.sign_in(email, &password, self.ground).await {
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
