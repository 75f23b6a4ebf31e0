//! The yearly report of referral notices: counts of counters, and nothing that came from anybody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    content::Content,
    record::SafetyCount,
    screen::{Category, OutputClass},
};

/// Counts below this are not told apart outside the authority's copy.
pub const SMALL: u64 = 5;

/// What may stand for what led to a notice; see [`SafetyCount::tier`].
pub const TIERS: [&str; 8] = [
    "phrase", "scorer", "window", "language", "model", "reply", "session", "output",
];
/// A tier, or a category, that is none of those that are known.
const OTHER: &str = "other";

/// Referral notices of a year in one jurisdiction, or in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The form of this report.
    pub report: &'static str,
    /// The calendar year (UTC).
    pub year: i16,
    /// Label of the jurisdiction with its regions; `all` for every one.
    pub jurisdiction: String,
    /// Whether small counts are told exactly: the authority's copy only.
    pub exact: bool,
    /// Crisis frames and questions together: what a referral notice is.
    pub referral_notices: Told,
    /// All of each action.
    pub total: Actions,
    /// By what it was about and what led to it.
    pub rows: Vec<Row>,
    /// What the notices were made with.
    pub versions: Vec<Versions>,
    /// The protocol in force when this was written.
    pub protocol: Protocol,
}

/// Counts by action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Actions {
    /// Crisis frames.
    pub crisis: Told,
    /// Questions.
    pub ask: Told,
    /// Help shown quietly; no referral notice.
    pub soft: Told,
    /// Answers of a model that were stopped; no referral notice.
    pub output_block: Told,
}

/// Counts of one category and tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The category, `none` or `other`.
    pub category: &'static str,
    /// What led to it, or `other`.
    pub tier: &'static str,
    /// The counts.
    #[serde(flatten)]
    pub actions: Actions,
}

/// Versions that notices were made with, and the days on which there were any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Versions {
    /// Of the local tier.
    pub detector: String,
    /// Of the list of helpers.
    pub resources: String,
    /// First day with a notice.
    pub from: String,
    /// Last day with a notice.
    pub to: String,
}

/// The protocol of the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Protocol {
    /// Its title.
    pub title: String,
    /// What it does, as it is published.
    pub summary: String,
    /// SHA-256 over the files.
    pub version: String,
    /// Whether a clinician reviewed exactly these files.
    pub reviewed: bool,
}

/// A count as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Told {
    /// The count.
    Exactly(u64),
    /// Fewer than five, none included.
    Few(Few),
}

/// Stands for a count that is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Few {
    /// Fewer than [`SMALL`].
    #[serde(rename = "<5")]
    FewerThanFive,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(count) => f.pad(&count.to_string()),
            Self::Few(Few::FewerThanFive) => f.pad("<5"),
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The calendar year.
    pub year: i16,
    /// A label such as `US-CA`; a country's label takes its regions in.
    pub jurisdiction: Option<&'a str>,
    /// Tell small counts exactly.
    pub exact: bool,
}

impl Query<'_> {
    /// First and last day of the year.
    pub fn days(&self) -> (String, String) {
        (
            format!("{:04}-01-01", self.year),
            format!("{:04}-12-31", self.year),
        )
    }

    /// The day of a counter that belongs here.
    fn takes(&self, count: &SafetyCount) -> Option<Date> {
        let there = self.jurisdiction.is_none_or(|wanted| {
            let rest = count.jurisdiction.strip_prefix(wanted);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        let day: Date = count.day.parse().ok()?;
        (there && day.year() == self.year).then_some(day)
    }
}

/// Sums of one group: `crisis`, `ask`, `soft`, `output_block`.
#[derive(Clone, Copy, Default)]
struct Sums([u64; 4]);

impl Sums {
    fn add(&mut self, action: &str, n: u64) {
        let names = ["crisis", "ask", "soft", "output_block"];
        for (name, sum) in names.iter().zip(&mut self.0) {
            if *name == action {
                *sum += n;
            }
        }
    }

    const fn told(self, exact: bool) -> Actions {
        let [crisis, ask, soft, output_block] = self.0;
        Actions {
            crisis: told(crisis, exact),
            ask: told(ask, exact),
            soft: told(soft, exact),
            output_block: told(output_block, exact),
        }
    }
}

impl Report {
    /// Makes the report of these counters.
    pub fn of(counts: &[(SafetyCount, u64)], query: Query<'_>, content: &Content) -> Self {
        let mut total = Sums::default();
        let mut groups: BTreeMap<(&'static str, &'static str), Sums> = BTreeMap::new();
        let mut versions: BTreeMap<(String, String), BTreeSet<Date>> = BTreeMap::new();
        for (count, n) in counts {
            let Some(day) = query.takes(count) else {
                continue;
            };
            total.add(&count.action, *n);
            let group = (count.category.map_or("none", Category::name), tier(count));
            groups.entry(group).or_default().add(&count.action, *n);
            let of = (
                version(&count.detector_version),
                version(&count.resources_version),
            );
            versions.entry(of).or_default().insert(day);
        }
        let [crisis, ask, ..] = total.0;
        let rows = groups.into_iter().map(|((category, tier), sums)| Row {
            category,
            tier,
            actions: sums.told(query.exact),
        });
        let versions = versions.into_iter().map(|((detector, resources), days)| {
            let day = |day: Option<&Date>| day.map_or_else(String::new, Date::to_string);
            Versions {
                from: day(days.first()),
                to: day(days.last()),
                detector,
                resources,
            }
        });
        Self {
            report: "innerworld-referrals/1",
            year: query.year,
            jurisdiction: query.jurisdiction.unwrap_or("all").to_owned(),
            exact: query.exact,
            referral_notices: told(crisis + ask, query.exact),
            total: total.told(query.exact),
            rows: rows.collect(),
            versions: versions.collect(),
            protocol: Protocol {
                title: content.protocol.title.clone(),
                summary: content.protocol.summary.trim().to_owned(),
                version: content.protocol_version.clone(),
                reviewed: content.is_reviewed(),
            },
        }
    }
}

const fn told(count: u64, exact: bool) -> Told {
    if exact || count >= SMALL {
        Told::Exactly(count)
    } else {
        Told::Few(Few::FewerThanFive)
    }
}

/// What led to it; of an answer that was stopped, the class that stopped it.
fn tier(count: &SafetyCount) -> &'static str {
    let classes = OutputClass::ALL.map(OutputClass::name);
    let mut known = TIERS.into_iter().chain(classes);
    known.find(|known| *known == count.tier).unwrap_or(OTHER)
}

/// A version as versions are written; anything else is not repeated.
fn version(text: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "+-._".contains(letter);
    if text.len() <= 64 && text.chars().all(fits) {
        text.to_owned()
    } else {
        OTHER.to_owned()
    }
}
