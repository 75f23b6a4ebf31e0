//! The form of a told month: `docs/explanation/memory/month.toml`.

use anyhow::Context as _;
use innerworld_core::{
    calendar,
    clock::Timestamp,
    memory::ontology::{EdgeKind, NodeKind},
};
use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde::Deserialize;

/// A teen's month, what is asked of memory afterwards, and what is forgotten.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) teen: String,
    pub(super) zone: String,
    pub(super) persona: String,
    #[serde(rename = "session")]
    pub(super) sessions: Vec<Session>,
    pub(super) next: Next,
    pub(super) why: Why,
    pub(super) as_of: Vec<AsOf>,
    pub(super) forget: Forget,
}

/// A session that is remembered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    pub(super) at: String,
    pub(super) title: String,
    /// What a reader of the page is told before it.
    pub(super) before: String,
    #[serde(rename = "turn")]
    pub(super) turns: Vec<Turn>,
    /// Things that a careful reader would note down: kind and name.
    pub(super) things: Vec<String>,
    /// Facts that they would note down.
    pub(super) facts: Vec<FactNote>,
}

/// A message and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Turn {
    pub(super) teen: String,
    pub(super) persona: String,
}

/// A fact: what stands in which relation to what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactNote {
    pub(super) kind: EdgeKind,
    /// The teen if absent.
    pub(super) from: Option<String>,
    #[serde(default)]
    pub(super) slot: String,
    pub(super) to: String,
    #[serde(default)]
    pub(super) ended: bool,
}

/// The session after the month: it is talked, not remembered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Next {
    pub(super) at: String,
    #[serde(rename = "message")]
    pub(super) messages: Vec<Message>,
}

/// A message of it, and what the persona says to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    pub(super) text: String,
    pub(super) persona: String,
}

/// A fact that is looked into.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    pub(super) fact: FactNote,
}

/// A question about a day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AsOf {
    pub(super) question: String,
    pub(super) from: String,
    pub(super) slot: String,
    pub(super) on: String,
    /// From what was known at the end of this day; of all that is known if absent.
    pub(super) believed: Option<String>,
}

/// A thing that the teen wants forgotten.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forget {
    pub(super) kind: String,
    pub(super) name: String,
}

impl Scenario {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        toml::from_str(text).context("the scenario is none")
    }

    /// A time of day in the teen's zone as an instant.
    pub(super) fn instant(&self, at: &str) -> anyhow::Result<Timestamp> {
        let at: DateTime = at.parse().with_context(|| format!("{at} is no time"))?;
        let zone = calendar::zone(&self.zone).unwrap_or(TimeZone::UTC);
        let zoned = at.to_zoned_datetime(zone)?;
        Ok(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
    }

    /// The last instant of a day in the teen's zone.
    pub(super) fn end_of(&self, day: &str) -> anyhow::Result<Timestamp> {
        calendar::end_of(&self.zone, day).with_context(|| format!("{day} is no day"))
    }

    /// `Monday, 2 March`.
    pub(super) fn long_day(&self, at: Timestamp) -> String {
        self.day(at).strftime("%A, %-d %B").to_string()
    }

    /// `2 March`.
    pub(super) fn short_day(&self, at: Timestamp) -> String {
        self.day(at).strftime("%-d %B").to_string()
    }

    fn day(&self, at: Timestamp) -> Date {
        calendar::day_in(&self.zone, at)
    }
}

/// Reads "Person Maya".
pub(super) fn thing(note: &str) -> anyhow::Result<(NodeKind, &str)> {
    let split = note.split_once(' ');
    split
        .and_then(|(kind, name)| Some((NodeKind::parse(kind)?, name)))
        .with_context(|| format!("{note:?} is not a kind and a name"))
}
