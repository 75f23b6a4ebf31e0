//! `innerworld graph`: a teen's own memory, through the public API.

mod correct;
mod draw;
mod forget;
mod show;
mod why;

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, ValueEnum};
use innerworld::client::{account::Account, tokens::private_file};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    account::{self, AccountFlags},
    console::Console,
    output, remote,
};

/// An export is waited for so long.
const EXPORT_WAIT: Duration = Duration::from_secs(120);

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub(crate) struct Graph {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what is remembered: people, places, goals, and what holds between them
    Show(show::Show),
    /// Say why one thing is believed: when it held, and what was said
    Why(why::Why),
    /// Draw it: an SVG with the teen in the middle, which any browser shows
    Draw(draw::Draw),
    /// Save everything that is kept about the account as one JSON file
    Export(Export),
    /// Forget one thing, with everything that only it supported
    Forget(forget::Forget),
    /// End a fact that is wrong or over, or say what holds instead
    Correct(correct::Correct),
    /// Part two that were taken for one: "Maya Lee is another Maya"
    Unmerge(correct::Unmerge),
    /// Erase the account and everything that is kept for it
    Erase(Erase),
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    account: AccountFlags,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    account: AccountFlags,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    /// A person, place, goal and so on
    Node,
    /// Something that holds between two of them
    Fact,
    /// Something that was said
    Turn,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// What an action is about.
#[derive(Debug, Args)]
struct Address {
    /// What the id names
    #[arg(value_enum)]
    what: What,
    /// Its id, as `show` lists it
    id: String,
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Fact => "fact",
            Self::Turn => "turn",
        }
    }
}

/// An id as it goes into an address.
///
/// # Errors
/// If it could be none.
fn checked(id: &str) -> anyhow::Result<&str> {
    ensure!(
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()),
        "an id has only letters and digits; `innerworld graph show` lists them"
    );
    Ok(id)
}

impl Graph {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        remote::block_on(Box::pin(async {
            match self.action {
                Action::Show(show) => show.run().await,
                Action::Why(why) => why.run().await,
                Action::Draw(draw) => draw.run().await,
                Action::Export(export) => export.run().await,
                Action::Forget(forget) => forget.run().await,
                Action::Correct(correct) => correct.run().await,
                Action::Unmerge(unmerge) => unmerge.run().await,
                Action::Erase(erase) => erase.run().await,
            }
        }))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Signs in; what is said meanwhile goes to standard error where the answer is JSON.
async fn sign_in(flags: &AccountFlags, json: bool) -> anyhow::Result<(Account, Console)> {
    let environment = account::environment()?;
    let mut console = Console::new(json);
    let account = flags.sign_in(&mut console, &environment).await?;
    Ok((account, console))
}

/// Asks for an export and waits until it is there.
async fn fetch_export(account: &mut Account) -> anyhow::Result<String> {
    let token = account.token().await?;
    let server = account.server.clone();
    let made: Made = server
        .send(Method::POST, "/v1/me/export", &token, &json!({}))
        .await?;
    let path = format!("/v1/me/exports/{}", made.id);
    let deadline = tokio::time::Instant::now() + EXPORT_WAIT;
    loop {
        let token = account.token().await?;
        let (status, text) = server.text(&path, &token).await?;
        if status == 200 {
            return Ok(text);
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "the export was not ready after {} seconds; try again later",
            EXPORT_WAIT.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let (mut account, mut console) = sign_in(&self.account, true).await?;
        let text = fetch_export(&mut account).await?;
        let Some(path) = self.out else {
            return output::line(text);
        };
        let mut file = private_file(&path)
            .with_context(|| format!("could not make {}; it must not exist yet", path.display()))?;
        file.write_all(text.as_bytes())
            .with_context(|| format!("could not write {}", path.display()))?;
        console.note(format!(
            "Saved to {}. Only you can read it.",
            path.display()
        ))
    }
}

impl Erase {
    async fn run(self) -> anyhow::Result<()> {
        let (mut account, mut console) = sign_in(&self.account, self.json).await?;
        if !self.yes {
            let typed = console
                .ask("This erases the account and everything kept for it, for good. Type erase to go on: ")
                .await?;
            ensure!(typed == "erase", "nothing was erased");
        }
        let token = account.token().await?;
        account
            .server
            .tell(Method::DELETE, "/v1/me", &token, None::<&()>)
            .await?;
        if let Some(store) = &account.store {
            store.remove().context("the tokens could not be removed")?;
        }
        finish(
            &mut console,
            self.json,
            &json!({"erased": true}),
            "Erased. What a backup still holds cannot be read any more.",
        )
    }
}

fn finish(
    console: &mut Console,
    json: bool,
    value: &impl Serialize,
    text: &str,
) -> anyhow::Result<()> {
    if json {
        output::json(value)
    } else {
        console.say(text)
    }
}
