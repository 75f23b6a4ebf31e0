//! Reads conversations in the format of the `LoCoMo` data set as evidence turns.
//!
//! Only `conversation` and `qa` are read: the data's summaries and observations were written by a
//! language model that saw the answers' turns, so a ranking that used them would measure nothing.

use std::{collections::HashMap, fs, path::Path};

use anyhow::Context;
use innerworld_core::{
    calendar::day_in_words,
    clock::Timestamp,
    ids::{SessionId, TurnId},
    memory::store::{EvidenceTurn, Speaker},
};
use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::facts::Told;

/// One recorded conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Its name in the data.
    pub(crate) sample_id: String,
    /// The two people.
    pub(crate) speakers: [String; 2],
    /// Whether the second of them is a persona: nothing that it says is a fact.
    pub(crate) with_persona: bool,
    /// What they said, oldest first.
    pub(crate) turns: Vec<EvidenceTurn>,
    /// What is asked about it.
    pub(crate) questions: Vec<Question>,
    /// What memory reads from it; nothing until it is asked for.
    pub(super) told: Told,
    names: HashMap<TurnId, String>,
}

/// A question with the turns that answer it.
#[derive(Debug)]
pub(crate) struct Question {
    /// Position in the data.
    pub(crate) index: usize,
    /// The question.
    pub(crate) text: String,
    /// Its category: 1 multi-hop, 2 temporal, 3 open-domain, 4 single-hop, 5 adversarial.
    pub(crate) category: u8,
    /// Names of the turns that answer it.
    pub(crate) evidence: Vec<String>,
    /// Who asks it.
    pub(crate) asked_by: AskedBy,
}

/// Who asks a question: in data of others always somebody else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AskedBy {
    /// A third party, about the two people by their names.
    #[default]
    Somebody,
    /// The first of the two, as a message to the other: "when was my recital again?"
    Teen,
}

impl Question {
    /// Adversarial questions and those without evidence are left out, as in the scorer.
    pub(crate) fn is_scored(&self) -> bool {
        (1..=4).contains(&self.category) && !self.evidence.is_empty()
    }
}

impl Conversation {
    /// Name of a turn in the data.
    pub(crate) fn turn_name(&self, id: TurnId) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }
}

#[derive(Deserialize)]
struct Sample {
    #[serde(rename = "sample_id")]
    id: String,
    conversation: Map<String, Value>,
    qa: Vec<RawQuestion>,
}

#[derive(Deserialize)]
struct RawQuestion {
    question: String,
    category: u8,
    #[serde(default)]
    evidence: Vec<String>,
    #[serde(default)]
    asked_by: AskedBy,
}

#[derive(Deserialize)]
struct RawTurn {
    dia_id: String,
    speaker: String,
    text: String,
    blip_caption: Option<String>,
}

/// Reads every conversation of a file.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Conversation>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let samples: Vec<Sample> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not in the LoCoMo format", path.display()))?;
    samples.into_iter().map(conversation).collect()
}

fn conversation(sample: Sample) -> anyhow::Result<Conversation> {
    let sample_id = sample.id;
    let speaker = |key: &str| {
        let name = sample.conversation.get(key).and_then(Value::as_str);
        let name = name.with_context(|| format!("{sample_id} names no {key}"))?;
        anyhow::Ok(name.to_owned())
    };
    let speakers = [speaker("speaker_a")?, speaker("speaker_b")?];

    let mut numbers: Vec<u32> = sample
        .conversation
        .keys()
        .filter_map(|key| key.strip_prefix("session_")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let (mut turns, mut names) = (Vec::new(), HashMap::new());
    for number in numbers {
        session(&sample.conversation, number, &speakers, |turn, name| {
            names.insert(turn.id, name);
            turns.push(turn);
        })
        .with_context(|| format!("session {number} of {sample_id} cannot be read"))?;
    }
    let questions = questions(sample.qa, &names);
    let persona = sample.conversation.get("speaker_b_is_persona");
    Ok(Conversation {
        sample_id,
        speakers,
        with_persona: persona.and_then(Value::as_bool).unwrap_or_default(),
        turns,
        questions,
        told: Told::default(),
        names,
    })
}

/// Reads one session; gives each turn with its name.
fn session(
    conversation: &Map<String, Value>,
    number: u32,
    speakers: &[String; 2],
    mut take: impl FnMut(EvidenceTurn, String),
) -> anyhow::Result<()> {
    let key = format!("session_{number}");
    let raw = conversation.get(&key).cloned().unwrap_or_default();
    let raw: Vec<RawTurn> = serde_json::from_value(raw)?;
    let when = conversation.get(&format!("{key}_date_time"));
    let when = when.and_then(Value::as_str).context("it has no date")?;
    let when = DateTime::strptime("%I:%M %p on %d %B, %Y", when)?;
    let started = when.in_tz("UTC")?.timestamp().as_millisecond();
    for (sequence, raw) in (0_u32..).zip(raw) {
        let said_at = Timestamp::from_millis(started + i64::from(sequence) * 1_000);
        let is_teen = speakers.first() == Some(&raw.speaker);
        let turn = EvidenceTurn {
            id: turn_id(said_at, number, sequence),
            session: SessionId::from_bits(u128::from(number)),
            sequence,
            speaker: if is_teen {
                Speaker::Teen
            } else {
                Speaker::Persona
            },
            name: raw.speaker.into(),
            said_at,
            text: Some(raw.text.into()),
            day: day_in_words(when.date()),
            fact_words: Vec::new(),
            caption: raw.blip_caption.map(Into::into),
            recalled: false,
            asset_version: String::new(),
            encoded: None,
            emotion: [0.0; 7],
            expires_at: Timestamp::from_millis(i64::MAX),
        };
        take(turn, raw.dia_id);
    }
    Ok(())
}

/// An id that tells when the turn was said, as the product's do.
fn turn_id(said_at: Timestamp, session: u32, sequence: u32) -> TurnId {
    let millis = u128::try_from(said_at.as_millis()).unwrap_or_default();
    TurnId::from_bits((millis << 80) | (u128::from(session) << 32) | u128::from(sequence))
}

fn questions(raw: Vec<RawQuestion>, names: &HashMap<TurnId, String>) -> Vec<Question> {
    let known: std::collections::HashSet<&str> = names.values().map(String::as_str).collect();
    let question = |(index, raw): (usize, RawQuestion)| {
        let mut evidence: Vec<String> = Vec::new();
        for id in raw.evidence.iter().flat_map(|text| turn_names(text)) {
            if known.contains(id.as_str()) && !evidence.contains(&id) {
                evidence.push(id);
            }
        }
        Question {
            index,
            text: raw.question,
            category: raw.category,
            evidence,
            asked_by: raw.asked_by,
        }
    };
    raw.into_iter().enumerate().map(question).collect()
}

/// Names of turns in a piece of evidence, with the data's typing errors mended
/// (`D8:6; D9:17`, `D:11:26`, `D30:05`).
fn turn_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split('D').skip(1) {
        let part = part.strip_prefix(':').unwrap_or(part).trim_start();
        let Some((session, rest)) = part.split_once(':') else {
            continue;
        };
        let digits = rest.find(|c: char| !c.is_ascii_digit());
        let turn = digits.map_or(rest, |end| rest.split_at(end).0);
        if let (Ok(session), Ok(turn)) = (session.parse::<u32>(), turn.parse::<u32>()) {
            names.push(format!("D{session}:{turn}"));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_in_evidence_are_mended() {
        assert_eq!(turn_names("D8:6; D9:17"), ["D8:6", "D9:17"]);
        assert_eq!(turn_names("D:11:26"), ["D11:26"]);
        assert_eq!(turn_names("D30:05"), ["D30:5"]);
        assert_eq!(turn_names("D"), Vec::<String>::new());
    }
}
