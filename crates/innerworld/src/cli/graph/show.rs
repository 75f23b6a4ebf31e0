//! `innerworld graph show`: everything that is remembered, or what was true on a day.

use clap::Args;
use innerworld::client::account::Account;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{AccountFlags, sign_in};
use crate::cli::{
    console::{QUIET, STRONG},
    output,
};

/// More pages than a memory can have.
const MAX_PAGES: usize = 1_000;

#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    account: AccountFlags,
    /// Only this kind of thing, such as person or goal
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only what holds these words in its name
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Only what was true on this day (2026-11-24)
    #[arg(long, value_name = "DAY")]
    on: Option<Date>,
    /// Only what was known by the end of this day
    #[arg(long, value_name = "DAY")]
    known_on: Option<Date>,
    /// Also list that something was spoken of
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Map<String, Value>>,
    next: Option<String>,
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (mut account, mut console) = sign_in(&self.account, self.json).await?;
        let nodes = self.view(&mut account, "nodes").await?;
        let edges = self.view(&mut account, "edges").await?;
        let moods = self.view(&mut account, "moods").await?;
        if self.json {
            return output::json(&json!({"nodes": nodes, "edges": edges, "moods": moods}));
        }
        if nodes.is_empty() && edges.is_empty() {
            return console.say("Nothing is remembered.");
        }
        for (title, items) in [("Things", &nodes), ("Facts", &edges), ("Moods", &moods)] {
            if items.is_empty() {
                continue;
            }
            console.say(format!("{STRONG}{title}{STRONG:#}"))?;
            let listed = items.iter().filter(|item| self.all || !is_mention(item));
            for item in listed {
                console.say(describe(item))?;
            }
        }
        console.note(
            "`innerworld graph why node ID` (or fact ID) says what one of them rests on, `graph forget` \
             forgets it, `graph correct ID` ends a fact.",
        )
    }

    async fn view(
        &self,
        account: &mut Account,
        view: &str,
    ) -> anyhow::Result<Vec<Map<String, Value>>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        let on = self.on.map(|day| format!("&true_on={day}"));
        let known_on = self.known_on.map(|day| format!("&known_on={day}"));
        let days = [on, known_on].map(Option::unwrap_or_default).concat();
        for _ in 0..MAX_PAGES {
            let token = account.token().await?;
            let path = format!("/v1/me/memory?view={view}{days}{cursor}");
            let page: Page = account.server.get(&path, Some(&token)).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        items.retain(|item| self.wants(item));
        Ok(items)
    }

    /// Words are looked for here: a teen's words are in no address that a server could note.
    fn wants(&self, item: &Map<String, Value>) -> bool {
        let kind = |wanted: &str| wanted.eq_ignore_ascii_case(word(item, "kind"));
        let name = word(item, "name").to_lowercase();
        let holds = |words: &str| name.contains(&words.to_lowercase());
        self.kind.as_deref().is_none_or(kind) && self.search.as_deref().is_none_or(holds)
    }
}

/// A line for each thing that was spoken of says nothing by itself.
fn is_mention(item: &Map<String, Value>) -> bool {
    word(item, "kind") == "mentions"
}

/// One line: kind, name, since or until when, id.
pub(super) fn describe(item: &Map<String, Value>) -> String {
    let kind = match word(item, "what") {
        "fact" => String::new(),
        _ if word(item, "kind") == "mood" => String::new(),
        _ => format!("{:9}", word(item, "kind")),
    };
    let day = |key| word(item, key).get(..10);
    let times = match (day("first_seen"), day("until")) {
        (_, Some(day)) => format!("until {day}  "),
        (Some(day), None) => format!("since {day}  "),
        (None, None) => String::new(),
    };
    // The persona is not told of it yet.
    let unsure = match item.get("sure").and_then(Value::as_bool) {
        Some(false) => "not sure yet  ",
        Some(true) | None => "",
    };
    format!(
        "  {kind}{:36} {QUIET}{times}{unsure}[{}]{QUIET:#}",
        word(item, "name"),
        word(item, "id")
    )
}

pub(super) fn word<'a>(item: &'a Map<String, Value>, key: &str) -> &'a str {
    item.get(key).and_then(Value::as_str).unwrap_or_default()
}
