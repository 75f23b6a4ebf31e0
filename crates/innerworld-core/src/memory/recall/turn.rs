//! A turn as the index keeps it: what ranking and packing read of it, and no more.

use std::{collections::HashMap, mem::size_of, sync::Arc};

use crate::{
    ids::TurnId,
    memory::{
        store::{EvidenceTurn, Speaker},
        tokens::{StemId, Vocabulary},
    },
    secret::Text,
};

/// A question of at least this many characters tells something itself.
const SHORT_QUESTION_CHARS: usize = 120;
/// What an allocation takes beside what was asked for, about.
pub(in crate::memory) const ALLOCATION_BYTES: usize = 16;

/// A turn in the index.
#[derive(Clone)]
pub struct IndexedTurn {
    /// Its id.
    pub id: TurnId,
    /// Who said it.
    pub speaker: Speaker,
    pub(super) asking: bool,
    /// Number of its session.
    pub(super) session: u32,
    /// The place of the turn before it in its session, if that one ends with a question.
    pub(super) answers: Option<u32>,
    name: Arc<str>,
    day: Arc<str>,
    text: Box<str>,
    pub(super) beside: Option<Box<Beside>>,
}

/// What few turns have.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    pub(super) caption: Option<Text>,
    pub(super) fact_words: Vec<Text>,
}

impl std::fmt::Debug for IndexedTurn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexedTurn")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl IndexedTurn {
    /// Keeps of a turn what the index needs; `None` if its text expired. Its session has no number
    /// yet.
    pub(super) fn of(turn: EvidenceTurn, sayings: &mut Sayings) -> Option<Self> {
        let text = turn.text?.into_inner();
        let asking = asks(&text) && text.chars().count() < SHORT_QUESTION_CHARS;
        let beside = (turn.caption.is_some() || !turn.fact_words.is_empty()).then(|| {
            Box::new(Beside {
                caption: turn.caption,
                fact_words: turn.fact_words,
            })
        });
        Some(Self {
            id: turn.id,
            speaker: turn.speaker,
            asking,
            session: 0,
            answers: None,
            name: sayings.shared(turn.name.reveal()),
            day: sayings.shared(&turn.day),
            text: text.into(),
            beside,
        })
    }

    /// Whether it ends with a question.
    pub(super) fn asks(&self) -> bool {
        asks(&self.text)
    }

    /// What was said.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Display name of who said it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The session's day in words.
    pub fn day(&self) -> &str {
        &self.day
    }

    /// Everything that it is found by.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let beside = self.beside.iter().flat_map(|beside| {
            let facts = beside.fact_words.iter().chain(&beside.caption);
            facts.map(|text| text.reveal().as_str())
        });
        [&*self.text, &*self.name, &*self.day]
            .into_iter()
            .chain(beside)
    }

    /// About how many bytes it takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        let beside = self.beside.as_ref().map_or(0, |beside| {
            let words = beside.fact_words.iter();
            let words: usize = words.map(|words| words.reveal().capacity()).sum();
            let each = size_of::<Text>() + ALLOCATION_BYTES;
            size_of::<Beside>() + words + (1 + beside.fact_words.len()) * each
        });
        self.text.len() + ALLOCATION_BYTES + beside
    }
}

fn asks(text: &str) -> bool {
    text.trim_end().ends_with('?')
}

/// Names and days, which many turns share, with their stems.
#[derive(Clone, Debug, Default)]
pub(super) struct Sayings(HashMap<Arc<str>, Option<Arc<[StemId]>>>);

impl Sayings {
    /// The one copy of a text.
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some((known, _)) = self.0.get_key_value(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.0.insert(Arc::clone(&text), None);
        text
    }

    /// The same texts, for a vocabulary that learns them anew.
    pub(super) fn without_stems(self) -> Self {
        Self(self.0.into_keys().map(|text| (text, None)).collect())
    }

    /// The stems of a name or day of a turn.
    pub(super) fn stems(&mut self, text: &Arc<str>, vocabulary: &mut Vocabulary) -> Arc<[StemId]> {
        let known = self.0.entry(Arc::clone(text)).or_default();
        let stems = known.get_or_insert_with(|| {
            let mut stems = Vec::new();
            vocabulary.learn(text, &mut stems);
            stems.into()
        });
        Arc::clone(stems)
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let each = 2 * size_of::<(Arc<str>, Option<Arc<[StemId]>>)>() + 4 * ALLOCATION_BYTES;
        self.0.capacity() * each
    }
}

/// The stems of a turn, part by part.
#[derive(Debug, Default)]
pub(super) struct Stems {
    /// Its text, with its caption.
    pub(super) said: Vec<StemId>,
    /// Its speaker and `said`.
    pub(super) spoken: Vec<StemId>,
    pub(super) day: Vec<StemId>,
    pub(super) facts: Vec<StemId>,
}

impl Stems {
    pub(super) fn of(
        turn: &IndexedTurn,
        sayings: &mut Sayings,
        vocabulary: &mut Vocabulary,
    ) -> Self {
        let mut stems = Self::default();
        vocabulary.learn(&turn.text, &mut stems.said);
        let caption = turn
            .beside
            .as_ref()
            .and_then(|beside| beside.caption.as_ref());
        if let Some(caption) = caption {
            vocabulary.learn("shares", &mut stems.said);
            vocabulary.learn(caption.reveal(), &mut stems.said);
        }
        stems.spoken.extend(&*sayings.stems(&turn.name, vocabulary));
        stems.spoken.extend_from_slice(&stems.said);
        stems.day.extend(&*sayings.stems(&turn.day, vocabulary));
        for fact in turn.beside.iter().flat_map(|beside| &beside.fact_words) {
            vocabulary.learn(fact.reveal(), &mut stems.facts);
        }
        stems
    }
}
