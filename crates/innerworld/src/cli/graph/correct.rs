//! `innerworld graph correct` and `unmerge`: the teen's own word about a fact or a name.

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{AccountFlags, checked, finish, sign_in};

#[derive(Debug, Args)]
pub(super) struct Correct {
    #[command(flatten)]
    account: AccountFlags,
    /// The fact's id, as `show` lists it
    fact: String,
    /// What holds in place of what it ends with: the right name
    #[arg(long, value_name = "NAME")]
    instead: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Unmerge {
    #[command(flatten)]
    account: AccountFlags,
    /// The id of the person, place, goal and so on, as `show` lists it
    node: String,
    /// Its name or other name that belongs to somebody or something else
    name: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The correction, as it is kept.
#[derive(Deserialize)]
struct Corrected {
    turn: String,
}

impl Correct {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let wanted = json!({"fact": checked(&self.fact)?, "instead": self.instead});
        send(&self.account, wanted, self.json).await
    }
}

impl Unmerge {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let wanted = json!({"node": checked(&self.node)?, "name": self.name});
        send(&self.account, wanted, self.json).await
    }
}

async fn send(flags: &AccountFlags, wanted: Value, json: bool) -> anyhow::Result<()> {
    let (mut account, mut console) = sign_in(flags, json).await?;
    let token = account.token().await?;
    let path = "/v1/me/memory/corrections";
    let server = &account.server;
    let done: Corrected = server.send(Method::POST, path, &token, &wanted).await?;
    let turn = done.turn;
    finish(
        &mut console,
        json,
        &json!({"corrected": wanted, "turn": turn}),
        &format!("Corrected. `innerworld graph forget turn {turn}` takes it back."),
    )
}
