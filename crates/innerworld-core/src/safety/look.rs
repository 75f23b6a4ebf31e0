//! The second look: a model reads a message that the local tier found worth one (safety.md 4).
//!
//! All here is pure but the port itself. A look can raise what the local tier found, or let it rest;
//! whatever goes wrong with it counts as something to ask about, never as a clean bill.

pub mod answer;
pub mod request;

use async_trait::async_trait;

use super::screen::{Category, Level};
use crate::{
    ids::{SessionId, TeenId, TurnId},
    model::call::RemoteText,
    persona::PersonaId,
};

/// How long a look may take, whatever the provider does: a teen waits for it.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_millis(1_500);
/// Most tokens of an answer.
pub const ANSWER_TOKENS: u32 = 60;
/// Turns a look is given, the message's own included.
pub const TURNS: usize = 6;
/// Looks that a teen's messages get in a day, unless configured otherwise.
pub const LOOKS_A_DAY: u32 = 40;

/// A line of the talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whether the teen said it; else the persona did.
    pub by_teen: bool,
    /// The words, without contact data.
    pub text: RemoteText,
}

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct LookOrder {
    /// Whose message.
    pub teen: TeenId,
    /// The session it was said in.
    pub session: SessionId,
    /// The turn it belongs to.
    pub turn: TurnId,
    /// The persona it was said to, for the ledger.
    pub persona: PersonaId,
    /// The talk so far, oldest first; the message is the last line.
    pub lines: Vec<Line>,
}

/// How serious a model finds a message. Order is severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LookLevel {
    /// No sign of danger.
    Nothing,
    /// At least something to ask about.
    Some(Level),
}

/// Whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// The teen.
    Teen,
    /// Somebody the teen speaks of.
    Other,
    /// A made-up world.
    Fiction,
}

/// What a model found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookVerdict {
    /// How serious.
    pub level: LookLevel,
    /// What it is about; `None` if the model named nothing.
    pub category: Option<Category>,
    /// Whom it is about. It never makes a verdict milder.
    pub about: About,
}

impl LookVerdict {
    /// Its name in metrics.
    pub const fn name(&self) -> &'static str {
        match self.level {
            LookLevel::Nothing => "none",
            LookLevel::Some(Level::Concern) => "concern",
            LookLevel::Some(Level::Risk) => "risk",
            LookLevel::Some(Level::Danger) => "danger",
        }
    }
}

/// Why there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LookFailure {
    /// No consent names the company: no byte left.
    #[error("no consent names the company")]
    NoConsent,
    /// No model is there to look: no byte left.
    #[error("no model is there to look")]
    Off,
    /// The teen's looks of today are used up: no byte left.
    #[error("the looks of today are used up")]
    Limit,
    /// The time ran out.
    #[error("the time ran out")]
    Timeout,
    /// No model could be reached, or what counts looks could not.
    #[error("no model answered")]
    Unavailable,
    /// The provider or the model will not read this text.
    #[error("the model refused")]
    Refused,
    /// An answer came that is none.
    #[error("the answer was of no use")]
    Malformed,
    /// The process ended before the answer came.
    #[error("the look was cut short")]
    Interrupted,
}

impl LookFailure {
    /// Its name in metrics and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoConsent => "no_consent",
            Self::Off => "off",
            Self::Limit => "limit",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::Malformed => "malformed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether the local tier decides alone, as if there were no model.
    pub const fn leaves_it_to_the_local_tier(self) -> bool {
        matches!(self, Self::NoConsent | Self::Off | Self::Limit)
    }
}

/// Port: a model that takes a second look.
///
/// # Contract
/// * No byte leaves before a stored consent for safety that names [`SafetyModel::company`]; without
///   one the answer is [`LookFailure::NoConsent`].
/// * It ends within its deadline, whatever the provider does.
/// * Only an answer of the schema is a verdict. Everything else is a failure, never
///   [`LookLevel::Nothing`].
#[async_trait]
pub trait SafetyModel: Send + Sync {
    /// The company that a consent must name.
    fn company(&self) -> &str;

    /// Looks at the last line of `order`.
    async fn look(&self, order: LookOrder) -> Result<LookVerdict, LookFailure>;
}
