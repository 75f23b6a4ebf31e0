//! What the desk is asked about, and what it answers.

use crate::{
    clock::Timestamp,
    conversation::record::SessionEvent,
    identity::profile::{AgeBand, Profile},
    ids::TeenId,
    safety::{
        SafetyCommit, SafetyNotice, SafetyRecord, SafetyState, SafetyVerdict, frames::SafetyFrame,
    },
};

/// The teen's record, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// Nothing is stored.
    Absent,
    /// As stored, or as committed since.
    Record(&'a SafetyRecord),
    /// It could not be read: act as in journal-only mode.
    Unreadable,
}

/// Where the teen is, by their settings.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Country of the profile.
    pub country: &'a str,
    /// Region of the profile.
    pub region: Option<&'a str>,
    /// Age band now.
    pub band: AgeBand,
    /// Language setting.
    pub locale: &'a str,
    /// Time zone of the account.
    pub zone: &'a str,
}

impl<'a> Place<'a> {
    /// The place of a profile. `locale` is the client's, or the profile's.
    pub fn of(profile: &'a Profile, locale: &'a str, now: Timestamp) -> Self {
        Self {
            country: &profile.country,
            region: profile.region.as_deref(),
            band: profile.band_at(now),
            locale,
            zone: profile.zone_at(now),
        }
    }

    /// While no profile could be read: the strictest rules, the international list.
    pub const fn unknown(locale: &'a str) -> Self {
        Self {
            country: "*",
            region: None,
            band: AgeBand::From13To15,
            locale,
            zone: "UTC",
        }
    }
}

/// A teen at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Who.
    pub teen: TeenId,
    /// Their record.
    pub known: Known<'a>,
    /// Where.
    pub place: Place<'a>,
    /// When help was last shown quietly in this session, for teens without a record.
    pub soft_at: Option<Timestamp>,
    /// Whether this session was shown help quietly because no rule is written in its language: once
    /// is enough.
    pub language_offered: bool,
    /// Now.
    pub now: Timestamp,
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Persona turn, persona turn with support, or none.
    pub verdict: SafetyVerdict,
    /// The message is answered with `journal_only` and not stored (a state before this message, the
    /// jurisdiction, or an unreadable record).
    pub journal_only: bool,
    /// State after this.
    pub state: SafetyState,
    /// To be sent first, before anything is waited for.
    pub frame: Option<SafetyFrame>,
    /// For the session's log: the frame (if new) and the change of state.
    pub events: Vec<SessionEvent>,
    /// To be stored, with its count.
    pub commit: Option<SafetyCommit>,
    /// A quiet offer to be counted without a record (`SafetyStore::count`).
    pub soft: Option<SafetyNotice>,
}

impl Assessment {
    /// Whether help was shown quietly: the session remembers when.
    pub fn showed_soft(&self) -> bool {
        self.frame.as_ref().is_some_and(|frame| !frame.needs_ack)
    }

    /// Whether a running answer must stop now and no token may follow.
    pub fn stops_persona(&self) -> bool {
        self.verdict == SafetyVerdict::Block
    }
}
