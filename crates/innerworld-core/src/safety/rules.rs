//! The numbers and the category table of the protocol, read from `protocol.toml`.
//!
//! They are data so that a clinician can review and change them without touching the program.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::screen::{Category, Level};

/// What a trigger of a category does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// A crisis frame; no persona.
    Interrupt,
    /// A question beside the persona's answer.
    Ask,
}

/// Wording and resources of a frame. Only these names cross the wire: none is a diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// Thoughts of dying or of hurting oneself.
    SelfHarm,
    /// Bodily danger now.
    Urgent,
    /// Being hurt by somebody.
    Unsafe,
    /// A stranger online.
    Online,
    /// Anger that could hurt others.
    Conflict,
    /// Food and body.
    Body,
    /// Help shown quietly, about nothing in particular.
    General,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SelfHarm,
        Self::Urgent,
        Self::Unsafe,
        Self::Online,
        Self::Conflict,
        Self::Body,
        Self::General,
    ];

    /// The name on the wire and in the data files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfHarm => "self_harm",
            Self::Urgent => "urgent",
            Self::Unsafe => "unsafe",
            Self::Online => "online",
            Self::Conflict => "conflict",
            Self::Body => "body",
            Self::General => "general",
        }
    }
}

/// A row of the category table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryRule {
    /// The level of a trigger whose rule names none.
    pub level: Level,
    /// What a trigger does. A trigger of level danger always interrupts.
    pub response: Response,
    /// Wording and resources.
    pub variant: Variant,
}

/// The protocol's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// A second trigger within this many minutes resends the same event.
    pub same_event_min: u32,
    /// A question, and a quiet offer, at most once in this many minutes.
    pub ask_every_min: u32,
    /// Messages without concern that, with a `safe` reply, end a check-in.
    pub passes_to_normal: u32,
    /// Hours without concern that end a check-in.
    pub checkin_hours: u32,
    /// Hours after which an unacknowledged crisis becomes journal-only.
    pub unacknowledged_hours: u32,
    /// Minutes that must lie between the two `safe` replies.
    pub safe_apart_min: u32,
    /// Minutes between the last trigger and the `safe` reply that counts.
    pub safe_after_trigger_min: u32,
    /// Hours after the last trigger at which, on a new local day, risk ends.
    pub risk_hours: u32,
    /// Hours after the last trigger from which, on a new local day, one `safe` ends danger.
    pub danger_hours: u32,
    /// Hours after the last trigger at which danger ends by itself.
    pub danger_limit_hours: u32,
    /// Hours of support after a crisis.
    pub cooldown_hours: u32,
    /// Days in `Normal` after which the record is forgotten.
    pub forget_days: u32,
}

impl Rules {
    pub(crate) fn minutes(count: u32) -> Duration {
        Duration::from_secs(u64::from(count) * 60)
    }

    pub(crate) fn hours(count: u32) -> Duration {
        Duration::from_secs(u64::from(count) * 3_600)
    }
}

/// The category table: every category has a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Categories(BTreeMap<Category, CategoryRule>);

impl Categories {
    /// Categories without a row.
    pub fn missing(&self) -> Vec<Category> {
        Category::ALL
            .into_iter()
            .filter(|category| !self.0.contains_key(category))
            .collect()
    }

    /// Whether a trigger interrupts.
    pub fn interrupts(&self, category: Category, level: Level) -> bool {
        level == Level::Danger
            || self
                .0
                .get(&category)
                .is_none_or(|rule| rule.response == Response::Interrupt)
    }

    /// Wording and resources of a category.
    pub fn variant(&self, category: Option<Category>) -> Variant {
        let Some(category) = category else {
            return Variant::General;
        };
        self.0
            .get(&category)
            .map_or(Variant::SelfHarm, |rule| rule.variant)
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = (Category, CategoryRule)> + '_ {
        self.0.iter().map(|(category, rule)| (*category, *rule))
    }
}
