//! `innerworld graph why`: what a thing or a fact rests on.

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{AccountFlags, Address, checked, sign_in};
use crate::cli::{
    console::{Console, QUIET, STRONG},
    output,
    plain::plain,
};

#[derive(Debug, Args)]
pub(super) struct Why {
    #[command(flatten)]
    account: AccountFlags,
    #[command(flatten)]
    of: Address,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A thing with all that it rests on.
#[derive(Deserialize, Serialize)]
struct Thing {
    kind: String,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    attrs: BTreeMap<String, String>,
    #[serde(default)]
    facts: Vec<Fact>,
    #[serde(default)]
    evidence: Vec<Evidence>,
}

#[derive(Deserialize, Serialize)]
struct Fact {
    kind: String,
    name: String,
    id: String,
    held: Vec<Interval>,
    confidence: f64,
}

#[derive(Deserialize, Serialize)]
struct Interval {
    from: String,
    #[serde(default)]
    until: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Evidence {
    turn: String,
    speaker: String,
    at: String,
    #[serde(default)]
    text: Option<String>,
}

impl Why {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let id = checked(&self.of.id)?;
        let (mut account, mut console) = sign_in(&self.account, self.json).await?;
        let token = account.token().await?;
        let path = format!("/v1/me/memory/{}/{id}", self.of.what.name());
        let thing: Thing = account.server.get(&path, Some(&token)).await?;
        if self.json {
            return output::json(&thing);
        }
        thing.tell(&mut console)
    }
}

impl Thing {
    fn tell(&self, console: &mut Console) -> anyhow::Result<()> {
        let name = plain(&self.name);
        console.say(format!(
            "{STRONG}{name}{STRONG:#}  {QUIET}{}{QUIET:#}",
            self.kind
        ))?;
        if !self.aliases.is_empty() {
            console.say(format!("  also {}", plain(&self.aliases.join(", "))))?;
        }
        for (attr, value) in &self.attrs {
            console.say(format!("  {}: {}", attr.replace('_', " "), plain(value)))?;
        }
        let told: Vec<&Fact> = self
            .facts
            .iter()
            .filter(|fact| fact.kind != "mentions")
            .collect();
        if !told.is_empty() {
            console.say(format!("{STRONG}Facts{STRONG:#}"))?;
        }
        for fact in told {
            console.say(format!(
                "  {:42} {QUIET}{}, {:.0} %  [{}]{QUIET:#}",
                plain(&fact.name),
                fact.times(),
                fact.confidence * 100.0,
                fact.id
            ))?;
        }
        console.say(format!("{STRONG}Said{STRONG:#}"))?;
        for turn in &self.evidence {
            let said = match &turn.text {
                Some(text) => plain(text),
                None => "(the words are gone, their time had come)".to_owned(),
            };
            let day = turn.at.get(..10).unwrap_or_default();
            console.say(format!(
                "  {QUIET}{day} {}{QUIET:#}  {said}  {QUIET}[{}]{QUIET:#}",
                turn.speaker, turn.turn
            ))?;
        }
        Ok(())
    }
}

impl Fact {
    /// "since 2026-03-02", "2026-03-02 to 2026-03-17".
    fn times(&self) -> String {
        let day = |at: &str| at.get(..10).unwrap_or(at).to_owned();
        let held = self.held.iter().map(|interval| match &interval.until {
            Some(until) => format!("{} to {}", day(&interval.from), day(until)),
            None => format!("since {}", day(&interval.from)),
        });
        held.collect::<Vec<_>>().join(", ")
    }
}
