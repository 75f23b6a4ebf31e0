//! `innerworld graph forget`: first shows what goes, then forgets exactly that.

use anyhow::bail;
use clap::Args;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{AccountFlags, Address, checked, finish, sign_in};
use crate::cli::{console::STRONG, plain::plain};

#[derive(Debug, Args)]
pub(super) struct Forget {
    #[command(flatten)]
    account: AccountFlags,
    #[command(flatten)]
    of: Address,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What would go, or went.
#[derive(Deserialize, Serialize)]
struct Plan {
    plan: String,
    goes: Vec<Going>,
}

#[derive(Deserialize, Serialize)]
struct Going {
    what: String,
    id: String,
    name: String,
}

impl Forget {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let id = checked(&self.of.id)?;
        let (mut account, mut console) = sign_in(&self.account, self.json).await?;
        let target = json!({"what": self.of.what.name(), "id": id});
        let path = "/v1/me/memory/forget";
        let mut wanted = json!({"targets": [target], "dry_run": true});
        let token = account.token().await?;
        let server = account.server.clone();
        let plan: Plan = server.send(Method::POST, path, &token, &wanted).await?;
        if !self.yes {
            console.say(format!(
                "{STRONG}This goes, and cannot come back:{STRONG:#}"
            ))?;
            for going in &plan.goes {
                console.say(format!("  {:5} {}", going.what, plain(&going.name)))?;
            }
            if !console.ask_yes_no("Forget it?").await? {
                bail!("nothing was forgotten");
            }
        }
        // Exactly what was shown: if memory moved meanwhile, nothing goes.
        wanted = json!({"targets": [target], "plan": plan.plan});
        let token = account.token().await?;
        let gone: Plan = server.send(Method::POST, path, &token, &wanted).await?;
        finish(
            &mut console,
            self.json,
            &json!({"forgotten": id, "what": self.of.what.name(), "goes": gone.goes}),
            "Forgotten.",
        )
    }
}
