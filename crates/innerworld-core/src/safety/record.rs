//! The safety record of a teen, and what is committed with it.

use serde::{Deserialize, Serialize};

use super::screen::{Category, Level};
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{EventId, TeenId},
};

/// Where a teen stands. Order is severity.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SafetyState {
    /// Nothing known.
    #[default]
    Normal,
    /// After a crisis: persona chat with support.
    Cooldown,
    /// A question was asked.
    CheckIn,
    /// No persona output; journal, grounding and resources stay open.
    JournalOnly,
    /// A crisis frame waits for its acknowledgement.
    Crisis,
}

/// The two frames of the safety slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SafetyFrameKind {
    /// `safety.crisis`.
    Crisis,
    /// `safety.checkin`.
    Checkin,
}

/// One record per teen, changed by compare-and-set on `rev`. It holds no text.
///
/// A record that an older version wrote lacks newer fields; they read as their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SafetyRecord {
    /// Number of the last change; 0 means that nothing is stored.
    pub rev: u64,
    /// Where the teen stands.
    pub state: SafetyState,
    /// Level of the event that led here.
    pub level: Option<Level>,
    /// Its category.
    pub category: Option<Category>,
    /// When this state was entered.
    pub since: Timestamp,
    /// When a rule last fired (or a model or the teen said the same).
    pub last_trigger_at: Option<Timestamp>,
    /// When anything worrying was last seen, also what was only asked about.
    pub last_concern_at: Option<Timestamp>,
    /// The newest crisis; a resent message, a late reply and a second trigger find it here after
    /// `event` moved on to a check-in.
    pub crisis_event: Option<EventId>,
    /// When that crisis was issued.
    pub crisis_at: Option<Timestamp>,
    /// The frame that waits for an acknowledgement, or was acknowledged last.
    pub event: Option<EventId>,
    /// Which frame that is.
    pub event_kind: Option<SafetyFrameKind>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// When it was acknowledged.
    pub acked_at: Option<Timestamp>,
    /// When `safe` was answered since the last trigger, oldest first (at most 8 are kept).
    pub safe_replies: Vec<Timestamp>,
    /// Messages without concern since the last one with.
    pub passes: u32,
    /// When a question was last asked.
    pub last_ask_at: Option<Timestamp>,
    /// When help was last shown quietly.
    pub last_soft_at: Option<Timestamp>,
    /// A check-in during Cooldown.
    pub flagged: bool,
    /// Version of the protocol files that made this record.
    pub protocol_version: String,
}

/// Key of a referral counter; holds nobody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SafetyCount {
    /// UTC day, `2026-11-24`.
    pub day: String,
    /// Jurisdiction label, `US-CA`.
    pub jurisdiction: String,
    /// Category of the event; `None` where nothing says what it is about (a language that no rule is
    /// written in).
    pub category: Option<Category>,
    /// What led to it: `phrase`, `scorer`, `window`, `language`, `model`, `reply`, `session`, `output`; of
    /// an `output_block` the filter's class.
    pub tier: String,
    /// `crisis`, `ask`, `soft`, `output_block`.
    pub action: String,
    /// Version of the detector.
    pub detector_version: String,
    /// Version of the resource list.
    pub resources_version: String,
}

impl SafetyCount {
    /// The counter's key without its day: a JSON array, since its parts may hold any character.
    pub fn key(&self) -> Result<String, PortError> {
        let parts = (
            &self.jurisdiction,
            self.category,
            &self.tier,
            &self.action,
            &self.detector_version,
            &self.resources_version,
        );
        serde_json::to_string(&parts)
            .map_err(|cause| PortError::with_source(ErrorKind::Invalid, "count a notice", cause))
    }

    /// The counter of a day with this key.
    pub fn of_key(day: String, key: &str) -> Result<Self, PortError> {
        let (jurisdiction, category, tier, action, detector_version, resources_version) =
            serde_json::from_str(key).map_err(|cause| {
                PortError::with_source(ErrorKind::Corrupt, "read the counters", cause)
            })?;
        Ok(Self {
            day,
            jurisdiction,
            category,
            tier,
            action,
            detector_version,
            resources_version,
        })
    }
}

/// A record change with the notice that is counted exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafetyCommit {
    /// Whose record.
    pub teen: TeenId,
    /// The record to store; its `rev` is `expected_rev + 1`.
    pub record: SafetyRecord,
    /// The `rev` that must be stored now (0: none).
    pub expected_rev: u64,
    /// The notice to count, if this change is one.
    pub notice: Option<SafetyNotice>,
}

impl SafetyCommit {
    /// A notice that comes without a change of the record.
    pub fn counting(teen: TeenId, notice: SafetyNotice) -> Self {
        Self {
            teen,
            record: SafetyRecord::default(),
            expected_rev: 0,
            notice: Some(notice),
        }
    }

    /// The notice, if that is all there is: no stored record has the revision 0.
    pub fn as_count(&self) -> Option<&SafetyNotice> {
        self.notice.as_ref().filter(|_notice| self.record.rev == 0)
    }
}

/// A referral notice: put if absent, and only then counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafetyNotice {
    /// Keyed hash over teen, source and action: the same after crash, retry and replay.
    pub id: [u8; 16],
    /// What to count.
    pub count: SafetyCount,
    /// When the notice row may go (30 days).
    pub expires_at: Timestamp,
}
