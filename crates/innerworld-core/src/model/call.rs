//! What is asked of a model.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CallId, SessionId, TeenId, TurnId},
    persona::PersonaId,
    secret::Text,
};

/// Finds contact data in a text and replaces it.
///
/// Port: implemented by `innerworld-language`, used before every remote call and before evidence
/// is kept.
pub trait Scrubber: Send + Sync {
    /// The text with e-mail addresses, phone numbers, cards and the like replaced by numbered
    /// placeholders. Deterministic.
    fn scrub(&self, text: &str) -> String;
}

/// Text that may leave this machine: it can only be made by a [`Scrubber`].
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteText(String);

impl RemoteText {
    /// Scrubs `raw`.
    pub fn scrubbed(scrubber: &dyn Scrubber, raw: &str) -> Self {
        Self(scrubber.scrub(raw))
    }

    /// Text of this project's own files (policy, persona, fixed lines): nobody's words.
    pub fn authored(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Policy and persona text from data files that an operator controls.
    pub fn from_persona_file(persona: &crate::persona::card::Persona) -> Self {
        Self(persona.system_prompt.clone())
    }

    /// The persona's fixed first line.
    pub fn opening_of(persona: &crate::persona::card::Persona) -> Self {
        Self(persona.opening.clone())
    }

    /// Text of this teen's that was scrubbed before it was stored (history, memory).
    pub fn from_scrubbed_record(text: &Text) -> Self {
        Self(text.reveal().clone())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Text of which a veil covered the names.
    pub(super) const fn veiled(text: String) -> Self {
        Self(text)
    }

    /// The text with about half of its inner lines left out, the later ones first. The first and
    /// the last line stay, since they delimit a quoted block.
    #[must_use]
    pub fn half_of_its_lines(&self) -> Self {
        let lines: Vec<&str> = self.0.lines().collect();
        let Some((last, body)) = lines.split_last() else {
            return self.clone();
        };
        let keep = body.len().div_ceil(2);
        let kept = body.iter().take(keep).chain(std::iter::once(last));
        Self(kept.copied().collect::<Vec<_>>().join("\n"))
    }
}

impl std::fmt::Debug for RemoteText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallPurpose {
    /// A persona's answer.
    Reply,
    /// Extraction after a session.
    Extraction,
    /// A second look at a message.
    Safety,
    /// Vectors.
    Embedding,
}

/// An answer that must be one JSON object of this shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonAnswer {
    /// Name of the shape, in letters and `_`.
    pub name: &'static str,
    /// Its JSON schema, in the strict subset of providers. It stands in the prompt too, for models
    /// that can only be held to JSON.
    pub schema: &'static str,
}

/// One earlier turn, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryTurn {
    /// The teen's message.
    pub user: RemoteText,
    /// The answer.
    pub assistant: RemoteText,
}

/// The prompt in the parts that decide about caching (models.md 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// Part 1: policy, then persona. Changes only with a release.
    pub system: RemoteText,
    /// Part 2: the memory digest, fixed for the session; `None` without memory.
    pub digest: Option<RemoteText>,
    /// Part 3: the opening line, then every turn, append-only. Byte-identical from turn to turn.
    /// Empty for calls that are no talk: then the system message is followed by part 4.
    pub opening: RemoteText,
    /// Earlier turns.
    pub history: Vec<HistoryTurn>,
    /// Part 4: freshly recalled memory, quoted; `None` if the topic did not move.
    pub recalled: Option<RemoteText>,
    /// Part 4: support suffix when safety asked for it.
    pub support: Option<RemoteText>,
    /// Part 4: the message.
    pub message: RemoteText,
    /// Version of prompts and persona, for the ledger.
    pub version: String,
}

/// A request for an answer.
#[derive(Clone, Debug)]
pub struct ModelCall {
    /// Its id in the ledger.
    pub id: CallId,
    /// What for.
    pub purpose: CallPurpose,
    /// Whose; adapters send only a keyed hash of it.
    pub teen: TeenId,
    /// Keyed hash of the teen, rotated yearly: the `user` field of providers. Callers leave it
    /// empty; the chain fills it in (see [`super::pseudonym::Pseudonyms`]).
    pub pseudonym: String,
    /// Session it belongs to.
    pub session: SessionId,
    /// Turn it belongs to.
    pub turn: TurnId,
    /// The persona that speaks.
    pub persona: PersonaId,
    /// The prompt.
    pub prompt: Prompt,
    /// Set for calls whose answer a program reads.
    pub json: Option<JsonAnswer>,
    /// Most tokens of the answer.
    pub max_tokens: u32,
    /// 0 to 1.
    pub temperature: f32,
    /// The model that was given up before this hop. Callers leave it `None`; the fallback chain
    /// fills it in.
    pub fallback_from: Option<String>,
    /// Local hints for the offline persona: nothing of it is ever sent.
    pub local: LocalHints,
}

/// What the offline persona works from.
#[derive(Clone, Debug, Default)]
pub struct LocalHints {
    /// Emotion weights of the message.
    pub emotion: crate::memory::graph::EmotionWeights,
    /// Names found in the message, with their kinds.
    pub entities: Vec<(crate::memory::ontology::NodeKind, Text)>,
    /// One fact from memory that the persona may ask about, as a plain clause.
    pub fact: Option<Text>,
    /// What memory holds in general, most telling first, as plain clauses: for a greeting, and for
    /// a question about memory that no fact answers.
    pub known: Vec<Text>,
    /// Lines of this session's earlier answers, so that none repeats.
    pub said: Vec<Text>,
    /// Number of offline turns before this one in the session.
    pub offline_turns: u32,
    /// What the teen wants to be called.
    pub name: Option<Text>,
    /// Seed of choices: the same seed gives the same reply.
    pub seed: u64,
}
