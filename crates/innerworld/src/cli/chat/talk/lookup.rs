//! Commands that ask the HTTP API beside the socket.

use innerworld::client::ClientError;
use innerworld_core::{clock::Timestamp, ids::JournalId};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::Talk;
use crate::cli::chat::show;

#[derive(Deserialize)]
struct Time {
    remaining_s: u32,
    resets_at: String,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Node>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Node {
    kind: String,
    name: String,
}

impl Talk {
    pub(super) async fn show_time(&mut self) -> anyhow::Result<()> {
        let token = self.link.account.token().await?;
        let server = &self.link.account.server;
        match server.get::<Time>("/v1/me/time", Some(&token)).await {
            Ok(time) => {
                let left = show::time_left(time.remaining_s);
                let now = self.link.account.ground.clock.now();
                let resets = Timestamp::parse_rfc3339(&time.resets_at);
                let resets = resets.map_or_else(String::new, |at| {
                    format!(" A new day begins {}.", show::until(at.since(now)))
                });
                self.console.note(format!("{left}{resets}"))
            }
            Err(error) => self.failed(&error),
        }
    }

    /// The first page of what is remembered; `innerworld graph show` lists all of it.
    pub(super) async fn show_memory(&mut self) -> anyhow::Result<()> {
        let token = self.link.account.token().await?;
        let server = &self.link.account.server;
        let page = match server
            .get::<Page>("/v1/me/memory?view=nodes", Some(&token))
            .await
        {
            Ok(page) => page,
            Err(error) => return self.failed(&error),
        };
        if page.items.is_empty() {
            return self
                .console
                .note("Nothing is remembered yet. A talk is remembered when it ends.");
        }
        let nodes = page.items.iter();
        let nodes = nodes.map(|node| (node.kind.as_str(), node.name.as_str()));
        self.console.write(&show::things(nodes))?;
        let more = if page.next.is_some() {
            " There is more."
        } else {
            ""
        };
        self.console.note(format!(
            "`innerworld graph` shows, exports and forgets.{more}"
        ))
    }

    pub(super) async fn keep(&mut self, text: String) -> anyhow::Result<()> {
        let token = self.link.account.token().await?;
        let ground = self.link.account.ground.clone();
        let id = JournalId::from_bits(ground.ids.ulid(ground.clock.now()));
        let body = json!({"id": id, "text": text});
        let server = &self.link.account.server;
        match server
            .tell(Method::POST, "/v1/me/journal", &token, Some(&body))
            .await
        {
            Ok(_status) => self.console.note("Kept in your journal. No AI reads it."),
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &ClientError) -> anyhow::Result<()> {
        self.console.note(format!("That did not work: {error}"))
    }
}
