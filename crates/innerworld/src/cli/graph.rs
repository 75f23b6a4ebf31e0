//! `innerworld graph`: a teen's own memory, through the public API.

mod draw;

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use innerworld::client::{account::Account, tokens::private_file};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    account::{self, AccountFlags},
    console::{Console, QUIET, STRONG},
    output, remote,
};

/// An export is waited for so long.
const EXPORT_WAIT: Duration = Duration::from_secs(120);
/// More pages than a memory can have.
const MAX_PAGES: usize = 1_000;

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub(crate) struct Graph {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what is remembered: people, places, goals, and what holds between them
    Show(Show),
    /// Draw it: an SVG with the teen in the middle, which any browser shows
    Draw(draw::Draw),
    /// Save everything that is kept about the account as one JSON file
    Export(Export),
    /// Forget one thing, with everything that only it supported
    Forget(Forget),
    /// Erase the account and everything that is kept for it
    Erase(Erase),
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    account: AccountFlags,
    /// Only this kind of thing, such as person or goal
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Also list that something was spoken of
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
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
struct Forget {
    #[command(flatten)]
    account: AccountFlags,
    /// What the id names
    #[arg(value_enum)]
    what: What,
    /// Its id, as `show` lists it
    id: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
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
enum What {
    /// A person, place, goal and so on
    Node,
    /// Something that holds between two of them
    Fact,
    /// Something that was said
    Turn,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Map<String, Value>>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

impl Graph {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        remote::block_on(Box::pin(async {
            match self.action {
                Action::Show(show) => show.run().await,
                Action::Draw(draw) => draw.run().await,
                Action::Export(export) => export.run().await,
                Action::Forget(forget) => forget.run().await,
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

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let (mut account, mut console) = sign_in(&self.account, self.json).await?;
        let nodes = self.view(&mut account, "nodes").await?;
        let edges = self.view(&mut account, "edges").await?;
        if self.json {
            return output::json(&json!({"nodes": nodes, "edges": edges}));
        }
        if nodes.is_empty() && edges.is_empty() {
            return console.say("Nothing is remembered.");
        }
        for (title, items) in [("Things", &nodes), ("Facts", &edges)] {
            console.say(format!("{STRONG}{title}{STRONG:#}"))?;
            let listed = items.iter().filter(|item| self.all || !is_mention(item));
            for item in listed {
                console.say(describe(item))?;
            }
        }
        console.note("`innerworld graph forget node ID` (or fact ID) forgets one of them.")
    }

    async fn view(
        &self,
        account: &mut Account,
        view: &str,
    ) -> anyhow::Result<Vec<Map<String, Value>>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        for _ in 0..MAX_PAGES {
            let token = account.token().await?;
            let path = format!("/v1/me/memory?view={view}{cursor}");
            let page: Page = account.server.get(&path, Some(&token)).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        items.retain(|item| {
            let kind = item.get("kind").and_then(Value::as_str).unwrap_or_default();
            self.kind
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(kind))
        });
        Ok(items)
    }
}

/// A line for each thing that was spoken of says nothing by itself.
fn is_mention(item: &Map<String, Value>) -> bool {
    word(item, "kind") == "mentions"
}

/// One line: kind, name, since when, id.
fn describe(item: &Map<String, Value>) -> String {
    let kind = match word(item, "what") {
        "fact" => String::new(),
        _ => format!("{:9}", word(item, "kind")),
    };
    let since = match word(item, "first_seen").get(..10) {
        Some(day) => format!("since {day}  "),
        None => String::new(),
    };
    format!(
        "  {kind}{:36} {QUIET}{since}[{}]{QUIET:#}",
        word(item, "name"),
        word(item, "id")
    )
}

fn word<'a>(item: &'a Map<String, Value>, key: &str) -> &'a str {
    item.get(key).and_then(Value::as_str).unwrap_or_default()
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

impl Forget {
    async fn run(self) -> anyhow::Result<()> {
        ensure!(
            !self.id.is_empty() && self.id.bytes().all(|b| b.is_ascii_alphanumeric()),
            "an id has only letters and digits; `innerworld graph show` lists them"
        );
        let (mut account, mut console) = sign_in(&self.account, self.json).await?;
        if !self.yes
            && !console
                .ask_yes_no(
                    "Forget it, and everything that only it supported? This cannot be undone.",
                )
                .await?
        {
            bail!("nothing was forgotten");
        }
        let what = match self.what {
            What::Node => "node",
            What::Fact => "fact",
            What::Turn => "turn",
        };
        let token = account.token().await?;
        let path = format!("/v1/me/memory/{what}/{}", self.id);
        account
            .server
            .tell(Method::DELETE, &path, &token, None::<&()>)
            .await?;
        finish(
            &mut console,
            self.json,
            &json!({"forgotten": self.id, "what": what}),
            "Forgotten.",
        )
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
