//! A session's log -> evidence turns: scrubbed, without what must never be remembered.

use std::{collections::BTreeSet, time::Duration};

use super::{
    bounds,
    encoder::{Encoded, Encoder},
    graph::EmotionWeights,
    store::{EntityExtractor, EvidenceTurn, Speaker},
    suppressed::Suppressed,
};
use crate::{
    calendar,
    clock::Timestamp,
    conversation::{
        record::{Finish, TurnOrigin, TurnRecord},
        store::SessionLog,
    },
    ids::{SessionId, TurnId},
    model::call::Scrubber,
    secret::Text,
};

/// Stands for a teen who gave no name.
const NAMELESS: &str = "Teen";
/// Bit that makes an answer's id out of its turn's: the lowest of the 80 random bits.
const ANSWER_BIT: u128 = 1;

/// How turns become evidence.
#[derive(Clone, Copy)]
pub struct EvidenceRules<'a> {
    /// Replaces contact data.
    pub scrubber: &'a dyn Scrubber,
    /// Gives emotion weights, with the consent `mood` only.
    pub mood: Option<&'a dyn EntityExtractor>,
    /// The account's IANA time zone, for the day.
    pub zone: &'a str,
    /// Days until the text goes.
    pub days: u32,
    /// What the teen is called.
    pub teen_name: Option<&'a Text>,
    /// What the persona is called.
    pub persona_name: &'a str,
    /// Version of the assets.
    pub version: &'a str,
    /// Tells what a text is about; without one recall goes by words alone.
    pub encoder: Option<&'a dyn Encoder>,
}

impl std::fmt::Debug for EvidenceRules<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EvidenceRules").finish_non_exhaustive()
    }
}

/// The id of the answer of `turn`: always the same, so that remembering twice writes the same
/// rows. That another turn has just this id is as likely as any collision of 80 random bits.
pub fn answer_id(turn: TurnId) -> TurnId {
    TurnId::from_bits(turn.bits() ^ ANSWER_BIT)
}

/// The day of `at` in words, as the index reads it: `8 May 2023 Monday`.
pub fn day_words(zone: &str, at: Timestamp) -> String {
    calendar::day_in(zone, at)
        .strftime("%-d %B %Y %A")
        .to_string()
}

/// Whether anything of this turn may be remembered: never a crisis, a journal entry, a fixed text
/// or what the safety protocol said.
pub fn may_be_remembered(turn: &TurnRecord) -> bool {
    !turn.excluded
        && turn.finish != Some(Finish::Safety)
        && matches!(turn.origin, TurnOrigin::Model | TurnOrigin::Offline)
        && turn.message.is_some()
}

/// Evidence of a whole session, oldest first.
pub fn of_session(
    log: &SessionLog,
    suppressed: &Suppressed,
    rules: &EvidenceRules<'_>,
) -> Vec<EvidenceTurn> {
    let mut ids = BTreeSet::new();
    log.turns
        .iter()
        .flat_map(|turn| of_turn(turn, rules))
        .filter(|turn| !suppressed.turn(turn.id) && ids.insert(turn.id))
        .collect()
}

/// Evidence of one turn: the message under the turn's id, the answer under an id of its own.
pub fn of_turn(turn: &TurnRecord, rules: &EvidenceRules<'_>) -> Vec<EvidenceTurn> {
    let Some(message) = turn.message.as_ref().filter(|_| may_be_remembered(turn)) else {
        return Vec::new();
    };
    let sequence = u32::try_from(turn.sequence).unwrap_or(u32::MAX);
    let said = Utterance {
        id: turn.id,
        session: turn.session,
        sequence,
        speaker: Speaker::Teen,
        said_at: turn.created_at,
        text: message.text.reveal(),
    };
    let answered = Utterance {
        id: answer_id(turn.id),
        sequence: sequence.saturating_add(1),
        speaker: Speaker::Persona,
        text: turn.answer.reveal(),
        ..said
    };
    [said, answered]
        .iter()
        .filter_map(|said| of_utterance(said, rules))
        .collect()
}

/// What somebody said, as it was said.
#[derive(Clone, Copy)]
pub struct Utterance<'a> {
    /// The id that its evidence gets.
    pub id: TurnId,
    /// The session it was said in.
    pub session: SessionId,
    /// Position in the session.
    pub sequence: u32,
    /// Who said it.
    pub speaker: Speaker,
    /// When.
    pub said_at: Timestamp,
    /// The words.
    pub text: &'a str,
}

impl std::fmt::Debug for Utterance<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Utterance")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Evidence of one utterance, scrubbed and cut; `None` if nothing was said.
pub fn of_utterance(said: &Utterance<'_>, rules: &EvidenceRules<'_>) -> Option<EvidenceTurn> {
    let scrubbed = rules.scrubber.scrub(said.text.trim());
    let text: String = scrubbed.chars().take(bounds::TURN_CHARS).collect();
    if text.is_empty() {
        return None;
    }
    let life = Duration::from_secs(86_400) * rules.days;
    Some(EvidenceTurn {
        id: said.id,
        session: said.session,
        sequence: said.sequence,
        speaker: said.speaker,
        name: rules.name_of(said.speaker),
        said_at: said.said_at,
        day: day_words(rules.zone, said.said_at),
        fact_words: Vec::new(),
        caption: None,
        recalled: false,
        asset_version: rules.version.to_owned(),
        encoded: rules.encoder.map(|encoder| Encoded::of(&text, encoder)),
        emotion: rules.emotion(said.speaker, &text),
        expires_at: said.said_at.plus(life),
        text: Some(text.into()),
    })
}

impl EvidenceRules<'_> {
    fn name_of(&self, speaker: Speaker) -> Text {
        match speaker {
            Speaker::Persona => self.persona_name.to_owned().into(),
            Speaker::Teen => self
                .teen_name
                .cloned()
                .unwrap_or_else(|| NAMELESS.to_owned().into()),
        }
    }

    fn emotion(&self, speaker: Speaker, text: &str) -> EmotionWeights {
        match (speaker, self.mood) {
            (Speaker::Teen, Some(extractor)) => extractor.emotions(text),
            _ => [0.0; 7],
        }
    }
}
