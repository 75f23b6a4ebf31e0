//! `innerworld graph correct`: the teen's own word about a fact.

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

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

/// The correction, as it is kept.
#[derive(Deserialize)]
struct Corrected {
    turn: String,
}

impl Correct {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let fact = checked(&self.fact)?;
        let (mut account, mut console) = sign_in(&self.account, self.json).await?;
        let token = account.token().await?;
        let wanted = json!({"fact": fact, "instead": self.instead});
        let path = "/v1/me/memory/corrections";
        let server = &account.server;
        let done: Corrected = server.send(Method::POST, path, &token, &wanted).await?;
        let turn = done.turn;
        finish(
            &mut console,
            self.json,
            &json!({"corrected": fact, "turn": turn}),
            &format!("Corrected. `innerworld graph forget turn {turn}` takes it back."),
        )
    }
}
