//! Port: a paid model that reads ended sessions.

use async_trait::async_trait;

use super::{
    excerpt::Excerpt,
    patch::{Drops, ModelPatch},
};
use crate::{
    ids::{SessionId, TeenId},
    persona::PersonaId,
};

/// A session to read.
#[derive(Clone, Debug)]
pub struct ReadOrder {
    /// Whose.
    pub teen: TeenId,
    /// Which.
    pub session: SessionId,
    /// The persona it was with, for the ledger.
    pub persona: PersonaId,
    /// Its parts.
    pub parts: Vec<Excerpt>,
}

/// Why a session was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReadFailure {
    /// No consent names the company: no byte left.
    #[error("no consent names the company")]
    NoConsent,
    /// The provider or the model will not read this text.
    #[error("the model refused")]
    Refused,
    /// Answers came, but none of use.
    #[error("the answers were of no use")]
    Unusable,
    /// A limit of ours, of the day's cost or of calls at a time: no byte left.
    #[error("a limit is reached")]
    Limit,
    /// No model could be reached.
    #[error("no model answered")]
    Unavailable,
    /// The time for the whole session ran out.
    #[error("the time ran out")]
    Timeout,
}

impl ReadFailure {
    /// Its name in metrics and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoConsent => "no_consent",
            Self::Refused => "refused",
            Self::Unusable => "unusable",
            Self::Limit => "limit",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
        }
    }
}

/// What reading took. Counts only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// Calls made, retries of the transport aside.
    pub calls: u32,
    /// Second calls with the validator's complaints.
    pub repairs: u32,
    /// Parts that the fallback model was asked about.
    pub fallbacks: u32,
    /// Parts divided because the answer broke off.
    pub splits: u32,
    /// Items not believed.
    pub drops: Drops,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct ReadOutcome {
    /// What is believed, or why there is nothing.
    pub result: Result<ModelPatch, ReadFailure>,
    /// What it took.
    pub report: ReadReport,
}

/// Port: reads a session by a paid model.
///
/// # Contract
/// * No byte leaves before a stored consent for extraction that names [`SessionReader::company`].
/// * It ends within its deadline, whatever the provider does.
/// * What it returns has passed [`super::validate::check`].
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// Version of prompt, checks and model; a session read under another version is read anew while
    /// its rows are there.
    fn version(&self) -> &str;

    /// The company that a consent must name.
    fn company(&self) -> &str;

    /// Reads a session.
    async fn read(&self, order: ReadOrder) -> ReadOutcome;
}
