//! How a history is written down.

use std::fmt;

use innerworld_core::memory::{
    graph::Precision,
    ontology::{EdgeKind, NodeKind},
};
use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, ISOWeekDate, Weekday},
};
use serde::{Deserialize, Serialize};

/// What a history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Another town, school, grade.
    Moves,
    /// Something is begun, given up, taken up again.
    Quits,
    /// People come together and part.
    BreakUps,
    /// What is wanted changes, is reached, is dropped.
    Goals,
    /// The teen sets memory right or takes something out of it.
    Corrections,
    /// Two things are said that cannot both hold.
    Contradictions,
    /// A session arrives after later ones.
    LateSessions,
}

impl Category {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moves => "moves",
            Self::Quits => "quits",
            Self::BreakUps => "break-ups",
            Self::Goals => "goals",
            Self::Corrections => "corrections",
            Self::Contradictions => "contradictions",
            Self::LateSessions => "late-sessions",
        }
    }
}

/// A teen's history with its questions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// What it shows, in one sentence.
    pub title: String,
    /// What it is about.
    pub category: Category,
    /// The teen's time zone.
    #[serde(default = "utc")]
    pub(super) zone: String,
    /// In the order of arrival.
    pub(super) session: Vec<Session>,
    #[serde(default)]
    pub(super) act: Vec<Act>,
    pub(super) ask: Vec<Ask>,
}

fn utc() -> String {
    "UTC".to_owned()
}

impl History {
    /// Reads a history.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    pub(super) at: Local,
    /// An hour after it began, unless it came late.
    arrives: Option<Local>,
    pub(super) line: Vec<Line>,
}

impl Session {
    pub(super) fn arrives(&self) -> DateTime {
        self.arrives
            .map_or_else(|| self.at.0.saturating_add(1.hour()), |at| at.0)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) text: String,
    /// Things that are named and about which nothing else is said.
    #[serde(default)]
    pub(super) names: Vec<Name>,
    #[serde(default)]
    pub(super) facts: Vec<Fact>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    pub(super) kind: EdgeKind,
    /// The teen if absent.
    pub(super) from: Option<Name>,
    #[serde(default)]
    pub(super) slot: String,
    pub(super) to: Name,
    #[serde(default = "yes")]
    pub(super) holds: bool,
    /// When it began or stopped; as old as the line if absent.
    pub(super) when: Option<When>,
}

const fn yes() -> bool {
    true
}

/// What the teen does to their memory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    pub(super) at: Local,
    #[serde(rename = "do")]
    pub(super) deed: Deed,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Deed {
    /// This fact is not so; `instead` is.
    Correct(Correct),
    ForgetFact(About),
    ForgetThing(Name),
    /// By its text.
    ForgetLine(String),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Correct {
    pub(super) fact: About,
    pub(super) instead: Option<String>,
}

/// Facts of one kind and slot that start at one thing; with `to`, one of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    pub(super) kind: EdgeKind,
    pub(super) from: Option<Name>,
    #[serde(default)]
    pub(super) slot: String,
    pub(super) to: Option<Name>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ask {
    pub(super) about: About,
    /// At the end of this day; when the last session or act arrived if absent.
    pub(super) on: Option<Date>,
    /// As it was known at the end of this day.
    pub(super) believed: Option<Date>,
    #[serde(flatten)]
    pub(super) expected: Expected,
}

/// One of the two.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Expected {
    /// What the facts that hold lead to.
    Answer(Vec<Name>),
    /// When the one fact held, or its end if it was only ever denied.
    Held(Vec<Stretch>),
}

/// A time of day in the teen's zone: `2026-03-02 16:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Local(pub(super) DateTime);

impl TryFrom<String> for Local {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = text.parse().map(Self);
        read.map_err(|_other| format!("{text} is no time like 2026-03-02 16:00"))
    }
}

/// A day, week, month or year: `2026-03-02`, `2026-W10`, `2026-03`, `2026`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct When {
    pub(super) first: Date,
    pub(super) precision: Precision,
}

impl TryFrom<String> for When {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let date = |text: &str| text.parse::<Date>().ok();
        let (first, precision) = match (text.len(), text.split_once("-W")) {
            (8, Some((year, week))) => (monday(year, week), Precision::Week),
            (10, None) => (date(&text), Precision::Day),
            (7, None) => (date(&format!("{text}-01")), Precision::Month),
            (4, None) => (date(&format!("{text}-01-01")), Precision::Year),
            _ => (None, Precision::Unknown),
        };
        let first = first.ok_or_else(|| format!("{text} is no day, week, month or year"))?;
        Ok(Self { first, precision })
    }
}

fn monday(year: &str, week: &str) -> Option<Date> {
    let week = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday);
    week.ok().map(ISOWeekDate::date)
}

/// From a day to the one on which it held no more, if there is one: `2026-03-02..2026-05-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Stretch {
    pub(super) from: Date,
    pub(super) until: Option<Date>,
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..", self.from)?;
        self.until.map_or(Ok(()), |until| write!(f, "{until}"))
    }
}

impl TryFrom<String> for Stretch {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = |text: &str| text.parse::<Date>().ok();
        let stretch = text.split_once("..").and_then(|(from, until)| {
            Some(Self {
                from: read(from)?,
                until: if until.is_empty() {
                    None
                } else {
                    Some(read(until)?)
                },
            })
        });
        stretch.ok_or_else(|| format!("{text} is not like 2026-03-02..2026-05-01"))
    }
}

/// A thing: `Person Maya (from camp)`. The kind may be absent where a thing is only looked for, and
/// the qualifier where nothing else has the name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name {
    pub(super) kind: Option<NodeKind>,
    pub(super) surface: String,
    pub(super) qualifier: Option<String>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.surface)?;
        let qualifier = self.qualifier.as_ref();
        qualifier.map_or(Ok(()), |qualifier| write!(f, " ({qualifier})"))
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let teen = "the teen".to_owned();
        let from = self.from.as_ref().map_or(teen, ToString::to_string);
        write!(f, "{from} {} {}", self.kind.name(), self.slot)?;
        self.to.as_ref().map_or(Ok(()), |to| write!(f, " {to}"))
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |day: Option<Date>, otherwise| {
            day.map_or_else(|| String::from(otherwise), |day| day.to_string())
        };
        match &self.expected {
            Expected::Answer(names) => {
                let (on, believed) = (day(self.on, "now"), day(self.believed, "now"));
                write!(f, "{} on {on}, as known {believed}: ", self.about)?;
                write!(f, "[{}]", list(names))
            }
            Expected::Held(stretches) => write!(f, "{} held [{}]", self.about, list(stretches)),
        }
    }
}

/// Things with commas between them.
pub(super) fn list<T: ToString>(things: &[T]) -> String {
    let things: Vec<String> = things.iter().map(ToString::to_string).collect();
    things.join(", ")
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let kind = text.split_once(' ');
        let kind = kind.and_then(|(kind, rest)| Some((NodeKind::parse(kind)?, rest)));
        let (kind, rest) = kind.map_or((None, text.as_str()), |(kind, rest)| (Some(kind), rest));
        let qualified = rest
            .strip_suffix(')')
            .and_then(|rest| rest.split_once(" ("));
        let (surface, qualifier) = qualified.map_or((rest, None), |(surface, qualifier)| {
            (surface, Some(qualifier.to_owned()))
        });
        if surface.is_empty() {
            return Err(format!("{text:?} names nothing"));
        }
        Ok(Self {
            kind,
            surface: surface.to_owned(),
            qualifier,
        })
    }
}
