//! Ports: the local screens before and after the model. Both are synchronous and pure.

use serde::{Deserialize, Serialize};

use crate::secret::Text;

/// What a message may be about. The words never cross the wire as a label on a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Wishing to be dead, thoughts of suicide.
    Ideation,
    /// A stated intent or plan.
    IntentPlan,
    /// A present or past attempt.
    Attempt,
    /// Somebody may be in bodily danger now.
    Medical,
    /// Self-injury without intent to die.
    Nssi,
    /// Being hurt or threatened.
    Abuse,
    /// An adult seeking contact.
    Grooming,
    /// A threat to others.
    ThreatOthers,
    /// Disordered eating.
    Eating,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Ideation,
        Self::IntentPlan,
        Self::Attempt,
        Self::Medical,
        Self::Nssi,
        Self::Abuse,
        Self::Grooming,
        Self::ThreatOthers,
        Self::Eating,
    ];

    /// The name in data files and counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ideation => "ideation",
            Self::IntentPlan => "intent_plan",
            Self::Attempt => "attempt",
            Self::Medical => "medical",
            Self::Nssi => "nssi",
            Self::Abuse => "abuse",
            Self::Grooming => "grooming",
            Self::ThreatOthers => "threat_others",
            Self::Eating => "eating",
        }
    }
}

/// How serious.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth a check-in.
    Concern,
    /// Interrupts or asks, by category.
    Risk,
    /// Somebody may be in danger now.
    Danger,
}

/// Why a message deserves a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspicion {
    /// It sounds like danger.
    Scorer,
    /// The last messages together do.
    Window,
    /// It is in a language that no rule is written in.
    Language,
}

impl Suspicion {
    /// The name in verdicts and counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scorer => "scorer",
            Self::Window => "window",
            Self::Language => "language",
        }
    }
}

/// Parts of a probability of one, as it is stored.
const PARTS: f32 = 10_000.0;

impl LocalVerdict {
    /// An escalation for this category, as [`LocalVerdict::suspected`] told of it.
    pub fn of_suspicion(category: Category, (by, parts): (Suspicion, u16)) -> Self {
        let score = f32::from(parts) / PARTS;
        Self::Escalate {
            category,
            score,
            by,
        }
    }

    /// What asks for a second look, and the probability in ten-thousandths, rounded up;
    /// `None` for what needs none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a probability: between 0 and 10,000"
    )]
    pub fn suspected(&self) -> Option<(Suspicion, u16)> {
        match self {
            Self::Escalate { score, by, .. } => {
                Some((*by, (score.clamp(0.0, 1.0) * PARTS).ceil() as u16))
            }
            Self::Pass | Self::Trigger { .. } => None,
        }
    }
}

/// What the local tier found in a message.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalVerdict {
    /// Nothing.
    Pass,
    /// Worth a second look.
    Escalate {
        /// The likeliest category.
        category: Category,
        /// Probability, 0 to 1.
        score: f32,
        /// What asks for it.
        by: Suspicion,
    },
    /// A phrase rule fired.
    Trigger {
        /// The rule's category.
        category: Category,
        /// The rule's level.
        level: Level,
        /// The rule's id, for counters; never the text.
        rule: String,
    },
}

/// A message as the rules see it. What is stored or shown is always the message itself.
///
/// Kept for as long as the next messages are read together with this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Views {
    /// The message itself.
    pub text: Text,
    /// In plain letters and full words.
    pub plain: Text,
    /// Digits and symbols inside words read as letters, where that reads otherwise.
    pub letters: Option<Text>,
    /// Words that were written letter by letter, joined, where there are any.
    pub joined: Option<Text>,
    /// Log-odds that it says that somebody may be in danger; the least of all numbers where nothing
    /// weighs it.
    pub odds: f32,
}

/// What came before a message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before<'a> {
    /// The teen's last messages, oldest first, at most two, each sent within 120 s of this one.
    pub recent: &'a [&'a Views],
    /// The odds of the teen's last messages, oldest first, whenever they were sent.
    pub odds: &'a [f32],
    /// Whether less is enough for a second look: in the days after a crisis.
    pub watchful: bool,
}

/// Port: the local tier over a teen's message.
pub trait LocalScreen: Send + Sync {
    /// Reads a message, once for all screenings it takes part in. Never fails, linear time.
    fn read(&self, text: &str) -> Views;

    /// Screens `message` alone and together with what came before it. Never panics, linear time.
    fn screen(&self, message: &Views, before: &Before<'_>) -> LocalVerdict;

    /// Version of the rules, stored with every count.
    fn version(&self) -> &str;

    /// Score from which an escalated message leads to a question when no model takes a second
    /// look; below it, help is shown quietly.
    fn ask_from(&self) -> f32 {
        1.0
    }
}

/// Classes of the output filter. Where two rules stand at the same word, the first class here decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputClass {
    /// Strings of the prompt.
    Leak,
    /// Instruction or quantity near a means or a word of self-injury; how to get drugs or weapons.
    Method,
    /// Approval of self-harm, disordered eating or revenge.
    Encourage,
    /// Love vows, dating, anything sexual, and playing at it.
    SexualRomantic,
    /// Keeping things from parents and adults, meeting, moving to another app.
    Secrecy,
    /// Guilt on leaving, loneliness, being the only one, prompting to return, excessive praise.
    Manipulation,
    /// Diagnosis, being a therapist, treatment plans, advice on medication.
    TherapyClaim,
    /// A claim to be a human being.
    HumanClaim,
    /// Contact data that is not in the resource list. Only the sentence is cut.
    Contact,
}

impl OutputClass {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Leak,
        Self::Method,
        Self::Encourage,
        Self::SexualRomantic,
        Self::Secrecy,
        Self::Manipulation,
        Self::TherapyClaim,
        Self::HumanClaim,
        Self::Contact,
    ];

    /// The name in data files, metrics and counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Method => "method",
            Self::Encourage => "encourage",
            Self::SexualRomantic => "sexual_romantic",
            Self::Secrecy => "secrecy",
            Self::Manipulation => "manipulation",
            Self::TherapyClaim => "therapy_claim",
            Self::HumanClaim => "human_claim",
            Self::Contact => "contact",
        }
    }

    /// Whether the teen is asked how they are after an answer of this class was stopped.
    pub const fn asks(self) -> bool {
        matches!(self, Self::Method | Self::Encourage)
    }
}

/// What the filter lets out after more text came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Released {
    /// Text that may be shown now, in order, after everything released before.
    pub text: String,
    /// A rule that voids the whole turn: show `replacement` instead of everything so far.
    pub reset: Option<OutputHit>,
    /// A sentence was cut because of contact data in it.
    pub cut: bool,
}

/// A rule that voids a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputHit {
    /// The rule's class.
    pub class: OutputClass,
    /// The text to show instead.
    pub replacement: String,
    /// What the teen is asked about, for the classes that ask.
    pub about: Option<Category>,
}

/// The filter over one answer as it streams in.
pub trait OutputFilter: Send {
    /// Takes more of the model's text. How the text was cut into chunks never changes what comes
    /// out in the end. After a reset everything further is swallowed.
    fn push(&mut self, chunk: &str) -> Released;

    /// The model is done: what was held back is decided and released.
    fn finish(&mut self) -> Released;

    /// Characters held back now, for the published figure.
    fn held_back(&self) -> usize;
}

/// Port: makes output filters.
pub trait OutputScreen: Send + Sync {
    /// A filter for one answer. `leaks` are strings of this prompt that must not come out (the
    /// canary and distinctive policy sentences); replacements are in the language of `locale`.
    fn filter(&self, leaks: &[&str], locale: &str) -> Box<dyn OutputFilter>;

    /// What a text that is complete comes out as: the text itself if nothing in it is stopped.
    fn whole(&self, text: &str, locale: &str) -> Released {
        let mut filter = self.filter(&[], locale);
        let mut out = filter.push(text);
        let rest = filter.finish();
        out.text.push_str(&rest.text);
        out.reset = out.reset.or(rest.reset);
        out.cut |= rest.cut;
        out
    }
}
