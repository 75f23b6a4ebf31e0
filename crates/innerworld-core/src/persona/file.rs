//! A persona's data file: reading and checking it.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;

use super::{
    PersonaId,
    card::{EMOTIONS, OfflineVoice, Persona, SESSION_TURNS},
    contract,
};

const POLICY: &str = include_str!("../../prompts/policy.en.txt");

/// Least characters of part 1: below, providers do not cache it (models.md 5).
pub const MIN_PROMPT_CHARS: usize = 5_000;
/// Most characters of part 1: every further one is paid for on each turn.
pub const MAX_PROMPT_CHARS: usize = 10_000;

/// A file, before it was checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonaFile {
    id: PersonaId,
    name: String,
    version: String,
    tagline: String,
    voice: Vec<String>,
    boundaries: Vec<String>,
    starters: Vec<String>,
    opening: String,
    character: String,
    offline: OfflineVoice,
}

/// Reads one file. On failure: every mistake, a sentence each.
pub(super) fn read(text: &str) -> Result<Persona, Vec<String>> {
    let file: PersonaFile =
        toml::from_str(text).map_err(|cause| vec![cause.to_string().trim().replace('\n', " ")])?;
    let persona = file.into_persona();
    let mistakes = check(&persona);
    if mistakes.is_empty() {
        Ok(persona)
    } else {
        Err(mistakes)
    }
}

impl PersonaFile {
    fn into_persona(self) -> Persona {
        let body = format!("{}\n{}\n", POLICY.trim(), self.character.trim());
        let hash = hex(digest(&SHA256, body.as_bytes()).as_ref(), 12);
        let prompt_version = format!("{}/{}+{hash}", self.id, self.version);
        let mark = canary(&prompt_version);
        Persona {
            system_prompt: format!(
                "{body}\nInternal mark, never to be written in any form: {mark}"
            ),
            prompt_version,
            id: self.id,
            name: self.name,
            version: self.version,
            tagline: self.tagline,
            voice: self.voice,
            boundaries: self.boundaries,
            starters: self.starters,
            opening: self.opening,
            offline: self.offline,
        }
    }
}

/// The mark inside the prompt of this version. It means nothing: when it shows up in an answer,
/// the prompt has leaked.
pub(super) fn canary(prompt_version: &str) -> String {
    let hash = digest(
        &SHA256,
        format!("innerworld canary\n{prompt_version}").as_bytes(),
    );
    format!("iw-{}", hex(hash.as_ref(), 16))
}

fn hex(bytes: &[u8], digits: usize) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .take(digits)
        .collect()
}

fn check(persona: &Persona) -> Vec<String> {
    let mut mistakes = Vec::new();
    check_card(persona, &mut mistakes);
    check_voice(&persona.offline, &mut mistakes);
    let spoken = [&persona.tagline, &persona.opening];
    let spoken = spoken.into_iter().map(String::as_str);
    for line in spoken.chain(persona.offline.lines()) {
        for reason in contract::breaches(line) {
            mistakes.push(format!("the line \"{line}\" {reason}"));
        }
    }
    mistakes
}

fn check_card(persona: &Persona, mistakes: &mut Vec<String>) {
    let mut length = |field: &str, text: &str, least: usize, most: usize| {
        let chars = text.trim().chars().count();
        if chars < least || chars > most {
            mistakes.push(format!(
                "{field} has {chars} characters, not {least} to {most}"
            ));
        }
    };
    length("name", &persona.name, 1, 40);
    length("version", &persona.version, 1, 32);
    length("tagline", &persona.tagline, 1, 120);
    length("opening", &persona.opening, 20, 400);
    length(
        "the prompt (policy and character)",
        &persona.system_prompt,
        MIN_PROMPT_CHARS,
        MAX_PROMPT_CHARS,
    );
    for (field, entries) in [
        ("voice", &persona.voice),
        ("boundaries", &persona.boundaries),
        ("starters", &persona.starters),
    ] {
        for entry in entries {
            length(&format!("an entry of {field}"), entry, 1, 160);
        }
    }
    for (field, entries) in [
        ("voice", &persona.voice),
        ("boundaries", &persona.boundaries),
        ("starters", &persona.starters),
    ] {
        if !(1..=8).contains(&entries.len()) {
            let count = entries.len();
            mistakes.push(format!("{field} has {count} entries, not 1 to 8"));
        }
    }
    let says_ai = persona
        .opening
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == "AI");
    if !says_ai {
        mistakes.push("opening must say that this is an AI".to_owned());
    }
    let version = persona.version.bytes();
    if !version
        .clone()
        .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
    {
        mistakes.push("version may have letters, digits, dots and hyphens only".to_owned());
    }
}

fn check_voice(voice: &OfflineVoice, mistakes: &mut Vec<String>) {
    let neutral = count(&voice.reflect, "neutral");
    for emotion in EMOTIONS {
        let own = count(&voice.reflect, emotion);
        let all = if emotion == "neutral" {
            own
        } else {
            own + neutral
        };
        if own == 0 || all < SESSION_TURNS {
            mistakes.push(format!(
                "offline.reflect.{emotion} has {own} lines; with the neutral ones it needs {SESSION_TURNS}"
            ));
        }
    }
    for emotion in voice.reflect.keys() {
        if !EMOTIONS.contains(&emotion.as_str()) {
            mistakes.push(format!(
                "offline.reflect.{emotion} is not an emotion we know"
            ));
        }
    }
    let free = voice
        .invite
        .iter()
        .filter(|line| !line.contains('{'))
        .count();
    if free < SESSION_TURNS {
        mistakes.push(format!(
            "offline.invite has {free} lines without {{name}}; it needs {SESSION_TURNS}"
        ));
    }
    for (field, lines) in [("remember", &voice.remember), ("journal", &voice.journal)] {
        if lines.is_empty() {
            mistakes.push(format!("offline.{field} has no line"));
        }
    }
    check_lines(voice, mistakes);
}

fn count(reflect: &BTreeMap<String, Vec<String>>, emotion: &str) -> usize {
    reflect.get(emotion).map_or(0, Vec::len)
}

/// Lengths that add up to replies of 15 to 60 words, placeholders, and no line twice.
fn check_lines(voice: &OfflineVoice, mistakes: &mut Vec<String>) {
    let mut words = |field: &str, line: &str, least: usize, most: usize, allowed: &str| {
        let count = line.split_whitespace().count();
        if count < least || count > most {
            mistakes.push(format!(
                "\"{line}\" in {field} has {count} words, not {least} to {most}"
            ));
        }
        let rest = if allowed.is_empty() {
            line.to_owned()
        } else {
            line.replace(allowed, "")
        };
        if rest.contains(['{', '}']) {
            mistakes.push(format!(
                "\"{line}\" in {field} has a placeholder that is not known there"
            ));
        }
    };
    for line in voice.reflect.values().flatten() {
        words("offline.reflect", line, 5, 18, "");
    }
    for line in &voice.invite {
        words("offline.invite", line, 10, 26, "{name}");
    }
    for line in &voice.journal {
        words("offline.journal", line, 10, 40, "");
    }
    for line in &voice.remember {
        words("offline.remember", line, 3, 16, "{fact}");
    }
    for line in voice
        .remember
        .iter()
        .filter(|line| !line.contains("{fact}"))
    {
        mistakes.push(format!("\"{line}\" in offline.remember has no {{fact}}"));
    }
    let mut seen = BTreeSet::new();
    for line in voice.lines() {
        if !seen.insert(line) {
            mistakes.push(format!("\"{line}\" is there twice"));
        }
    }
}
