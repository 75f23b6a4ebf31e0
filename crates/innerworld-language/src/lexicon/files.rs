//! The files as they are written.

use serde::{Deserialize, de::DeserializeOwned};

use super::BadLexicon;

pub(super) fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, BadLexicon> {
    toml::from_str(text).map_err(|source| BadLexicon { file, source })
}

#[derive(Deserialize)]
pub(super) struct List {
    pub(super) words: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct PeopleFile {
    pub(super) kind: Vec<Kind>,
    pub(super) between: List,
    pub(super) title: Vec<Title>,
}

/// What a person is to the teen.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Kind {
    /// The relation; `kin` stands for the word itself.
    pub(crate) slot: String,
    /// What is shown; the word itself if absent.
    pub(crate) role: Option<String>,
    /// Whether the word names one person by itself.
    pub(crate) alone: bool,
    /// Whether it does so even without "my".
    #[serde(default)]
    pub(crate) bare: bool,
    #[serde(rename = "words")]
    listed: Vec<String>,
}

/// A word before a name.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Title {
    pub(crate) slot: String,
    pub(crate) role: Option<String>,
    /// Whether it is part of the name that is shown.
    pub(crate) kept: bool,
    #[serde(rename = "words")]
    listed: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct NameFile {
    pub(super) sure: String,
    pub(super) cased: String,
    pub(super) words: String,
}

#[derive(Deserialize)]
pub(super) struct PlaceFile {
    pub(super) known: String,
    pub(super) prefixes: Vec<String>,
    pub(super) school_ends: Vec<String>,
    pub(super) bound: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct ThingFile {
    pub(super) pets: Vec<String>,
    pub(super) instruments: Vec<String>,
    pub(super) vehicles: Vec<String>,
    pub(super) own: Vec<String>,
    pub(super) products: Vec<String>,
    pub(super) works: Vec<String>,
    pub(super) artists: Vec<String>,
    pub(super) group_ends: Vec<String>,
    pub(super) taking_in: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct TopicFile {
    pub(super) topic: Vec<Topic>,
}

/// A subject of talk.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Topic {
    /// Never changes: it goes into the graph.
    pub(crate) id: String,
    pub(crate) name: String,
    /// Whether a line that touches it does not yet make it a subject of talk.
    #[serde(default)]
    pub(crate) passing: bool,
    triggers: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct EventFile {
    pub(super) heads: Vec<String>,
    pub(super) definite: Vec<String>,
    pub(super) strong: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct ActivityFile {
    pub(super) activity: Vec<Activity>,
    pub(super) verbs: List,
    pub(super) tails: List,
    pub(super) no_activity: List,
    pub(super) doings: DoingFile,
}

/// Verbs with their forms.
#[derive(Deserialize)]
pub(super) struct DoingFile {
    pub(super) alone: Vec<String>,
    pub(super) objects: Vec<String>,
}

/// A repeated doing.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Activity {
    pub(crate) name: String,
    #[serde(default)]
    also: Vec<String>,
    /// The word means other things too.
    #[serde(default)]
    pub(crate) ambiguous: bool,
}

#[derive(Deserialize)]
pub(super) struct GoalFile {
    pub(super) opening: Vec<Opening>,
    pub(super) denials: Vec<String>,
    pub(super) trivial: Vec<String>,
    pub(super) slight: Vec<String>,
    pub(super) empty: Vec<String>,
    pub(super) kept: Vec<String>,
    pub(super) never: Vec<String>,
    pub(super) ends: Vec<String>,
}

/// A phrase that opens a goal.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Opening {
    phrase: Vec<String>,
    /// Put before what follows ("try out for").
    pub(crate) name: Option<String>,
    /// What follows is a thing, not a verb phrase.
    #[serde(default)]
    pub(crate) noun: bool,
    pub(crate) confidence: f32,
}

#[derive(Deserialize)]
pub(super) struct WordFile {
    pub(super) not_names: String,
    pub(super) no_subjects: String,
    pub(super) stop_heads: String,
    pub(super) after_name: String,
    pub(super) past: String,
    pub(super) ask_first: Vec<String>,
    pub(super) ask_words: Vec<String>,
    pub(super) subjects: Vec<String>,
    pub(super) unreal: Vec<String>,
    pub(super) perhaps: Vec<String>,
    pub(super) stops_before: Vec<String>,
    pub(super) stops_after: Vec<String>,
    pub(super) no_denial: Vec<String>,
    pub(super) clause_starts: Vec<String>,
    pub(super) clause_subjects: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct DateFile {
    pub(super) weekdays: Vec<Vec<String>>,
    pub(super) months: Vec<Vec<String>>,
    pub(super) numbers: Vec<String>,
}

/// Words of feeling.
#[derive(Debug, Deserialize)]
pub(crate) struct EmotionWords {
    pub(crate) words: EmotionClasses,
    /// Words that deny what follows.
    pub(crate) negations: Vec<String>,
}

/// The classes that have words; the seventh, neutral, is what is left.
#[derive(Debug, Deserialize)]
pub(crate) struct EmotionClasses {
    pub(crate) anger: Vec<String>,
    pub(crate) disgust: Vec<String>,
    pub(crate) fear: Vec<String>,
    pub(crate) joy: Vec<String>,
    pub(crate) sadness: Vec<String>,
    pub(crate) surprise: Vec<String>,
}

/// Stands for the word itself.
const HELPER: &str = "helper";

impl Kind {
    pub(super) fn entries(&self) -> impl Iterator<Item = (String, Self)> + '_ {
        self.listed.iter().map(|word| {
            let mut kind = self.clone();
            kind.role.get_or_insert_with(|| word.clone());
            // A doctor is to the teen a doctor.
            if kind.slot == HELPER {
                kind.slot = word.replace(' ', "_");
            }
            kind.listed.clear();
            (word.clone(), kind)
        })
    }
}

impl Title {
    pub(super) fn entries(&self) -> impl Iterator<Item = (String, Self)> + '_ {
        self.listed.iter().map(|word| {
            let mut title = self.clone();
            title.role.get_or_insert_with(|| word.clone());
            if title.slot == HELPER {
                title.slot.clone_from(word);
            }
            title.listed.clear();
            (word.clone(), title)
        })
    }
}

impl Topic {
    pub(super) fn entries(&self) -> impl Iterator<Item = (String, Self)> + '_ {
        let bare = Self {
            triggers: Vec::new(),
            ..self.clone()
        };
        let triggers = self.triggers.iter();
        triggers.map(move |trigger| (trigger.clone(), bare.clone()))
    }
}

impl Activity {
    pub(super) fn entries(&self) -> impl Iterator<Item = (String, Self)> + '_ {
        let names = std::iter::once(&self.name).chain(&self.also);
        names.map(|name| (name.clone(), self.clone()))
    }
}

impl Opening {
    pub(super) fn entries(&self) -> impl Iterator<Item = (String, Self)> + '_ {
        let phrases = self.phrase.iter();
        phrases.map(|phrase| (phrase.clone(), self.clone()))
    }
}
