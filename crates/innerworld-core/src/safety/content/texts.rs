//! Everything a teen reads from the safety side, per language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    super::{rules::Variant, screen::Level},
    reading::{MAX_READING_AGE, reading_age},
};
use crate::conversation::record::NoticeKind;

/// Most words of a frame's text.
pub(super) const MAX_WORDS: usize = 60;

/// Texts of one language (`texts/<language>.toml`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Version of these texts.
    pub version: String,
    /// The sentence with the number, by what the first line offers.
    pub help: HelpLines,
    /// The sentence around the emergency number.
    pub emergency: OneText,
    /// Crisis frames by variant.
    pub crisis: BTreeMap<Variant, CrisisText>,
    /// Questions by variant.
    pub ask: BTreeMap<Variant, OneText>,
    /// The check-in that follows a crisis.
    pub follow: OneText,
    /// Help, quietly.
    pub soft: OneText,
    /// The quiet help while the record cannot be read.
    pub unknown: OneText,
    /// Notices.
    pub notices: Notices,
    /// A grounding exercise.
    pub grounding: Grounding,
    /// How to tell an adult.
    pub trusted_adult: TrustedAdult,
    /// The journal's offer.
    pub journaling: Journaling,
}

/// The sentence with the number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelpLines {
    /// One number for both.
    pub call_and_text: String,
    /// A number to call.
    pub call: String,
    /// A number to text.
    pub text: String,
    /// Neither.
    pub web: String,
}

/// One text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneText {
    /// The text.
    pub text: String,
}

/// Texts of a crisis frame by level.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrisisText {
    /// Level risk.
    pub risk: String,
    /// Level danger.
    pub danger: String,
}

/// Notices of the session log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    /// Version of the notices.
    pub version: String,
    /// "Not a human."
    pub not_human: String,
    /// Time for a break.
    #[serde(rename = "break")]
    pub pause: String,
    /// Another company answers.
    pub provider_change: String,
    /// The offline persona answers.
    pub offline: String,
}

/// A grounding exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grounding {
    /// Its name.
    pub title: String,
    /// Its steps, one after the other.
    pub steps: Vec<String>,
}

/// How to tell an adult.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedAdult {
    /// Heading.
    pub title: String,
    /// Lines.
    pub lines: Vec<String>,
}

/// The journal's offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journaling {
    /// Heading.
    pub title: String,
    /// What it is.
    pub offer: String,
    /// Questions to begin with.
    pub prompts: Vec<String>,
}

impl Texts {
    /// The raw text of a crisis frame.
    pub(crate) fn crisis_text(&self, variant: Variant, level: Level) -> Option<&str> {
        let texts = self.crisis.get(&variant)?;
        Some(if level == Level::Danger {
            &texts.danger
        } else {
            &texts.risk
        })
    }

    /// A notice.
    pub(crate) fn notice(&self, kind: NoticeKind) -> &str {
        match kind {
            NoticeKind::NotHuman => &self.notices.not_human,
            NoticeKind::Break => &self.notices.pause,
            NoticeKind::ProviderChange => &self.notices.provider_change,
            NoticeKind::Offline => &self.notices.offline,
        }
    }

    /// What is wrong with these texts.
    pub(super) fn check(&self, language: &str, mistakes: &mut Vec<String>) {
        let check_text = |name: &str, text: &str, mistakes: &mut Vec<String>| {
            check_slots(name, text, mistakes);
            let shown = text.replace("{help}", &self.help.call_and_text);
            let age = reading_age(&shown, language);
            if age > MAX_READING_AGE {
                mistakes.push(format!(
                    "{name} reads as for people of {age:.1} years: use shorter words and sentences, for {MAX_READING_AGE} at most"
                ));
            }
        };
        let frames = Variant::ALL
            .into_iter()
            .filter(|variant| *variant != Variant::General);
        for variant in frames {
            let name = variant.name();
            match self.crisis.get(&variant) {
                Some(texts) => {
                    check_text(&format!("crisis.{name}.risk"), &texts.risk, mistakes);
                    check_text(&format!("crisis.{name}.danger"), &texts.danger, mistakes);
                }
                None => mistakes.push(format!("crisis.{name} is missing")),
            }
            match self.ask.get(&variant) {
                Some(one) => check_text(&format!("ask.{name}"), &one.text, mistakes),
                None => mistakes.push(format!("ask.{name} is missing")),
            }
        }
        check_text("follow", &self.follow.text, mistakes);
        check_text("soft", &self.soft.text, mistakes);
        check_text("unknown", &self.unknown.text, mistakes);
        if !self.emergency.text.contains("{emergency}") {
            mistakes.push("emergency.text must contain {emergency}".to_owned());
        }
        let scripts = [
            ("grounding.steps", &self.grounding.steps),
            ("trusted_adult.lines", &self.trusted_adult.lines),
            ("journaling.prompts", &self.journaling.prompts),
        ];
        for (name, lines) in scripts {
            if lines.is_empty() || lines.iter().any(|line| line.trim().is_empty()) {
                mistakes.push(format!("{name} must have lines, none empty"));
            }
        }
    }
}

fn check_slots(name: &str, text: &str, mistakes: &mut Vec<String>) {
    if !text.contains("{help}") {
        mistakes.push(format!(
            "{name} must contain {{help}}, the sentence with the number"
        ));
    }
    let unknown = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .find(|slot| !["help", "emergency"].contains(slot));
    if let Some(slot) = unknown {
        mistakes.push(format!("{name} has the unknown slot {{{slot}}}"));
    }
    // The help sentence itself has at most ten words.
    if text.split_whitespace().count() + 9 > MAX_WORDS {
        mistakes.push(format!(
            "{name} is longer than {MAX_WORDS} words with its help sentence"
        ));
    }
}
