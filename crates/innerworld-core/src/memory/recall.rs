//! The recall index of one teen: finds the turns that a message is about.
//!
//! It lives in RAM only, is derived from sealed evidence when a session starts, and is updated
//! in place as the session goes on. Text that is indexed is never stored unsealed.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::{
    asks::{asks_what_persona_said, spaced_words},
    encoder::{Encoded, Encoder, Vector},
    first_person::in_first_person,
    rank::{Fields, Parts, Signals},
    store::{EvidenceTurn, Speaker},
    tokens::{StemId, Vocabulary},
    vectors::Vectors,
};
use crate::ids::{SessionId, TurnId};

/// With fewer turns than this, deviations are noise: all are given, oldest first.
pub const MIN_RANKED_TURNS: usize = 8;

/// A question of at least this many characters tells something itself.
const SHORT_QUESTION_CHARS: usize = 120;

/// Whose turns a query may prefer.
#[derive(Clone, Copy, Debug)]
pub enum Speakers<'a> {
    /// A message of the teen to a persona: it asks about the teen, unless it asks what the
    /// persona of this name said.
    Talk {
        /// Display name of the persona, as in its evidence turns.
        persona: &'a str,
    },
    /// A question of a third party about two people of these names: it asks about the one it
    /// names, if it names just one.
    Pair([&'a str; 2]),
}

/// What to look for.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// The message or question, as asked.
    pub text: &'a str,
    /// Whose turns it may prefer.
    pub speakers: Speakers<'a>,
}

impl std::fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Query([redacted])")
    }
}

/// A turn with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The turn.
    pub id: TurnId,
    /// Sum of z-scores: comparable within one ranking only.
    pub score: f32,
}

/// A teen's evidence turns, indexed: by words, and by vectors where there is an encoder.
#[derive(Clone, Default)]
pub struct RecallIndex {
    encoder: Option<Arc<dyn Encoder>>,
    vectors: Vectors,
    vocabulary: Vocabulary,
    fields: Fields,
    turns: Vec<Entry>,
    places: HashMap<TurnId, usize>,
    sessions: HashMap<SessionId, OpenSession>,
}

#[derive(Clone, Debug)]
struct Entry {
    turn: EvidenceTurn,
    session: u32,
    asking: bool,
}

/// A session's number, and its last turn so far: the neighbour of the next one.
#[derive(Clone, Debug)]
struct OpenSession {
    number: u32,
    last: u32,
    last_said: Vec<StemId>,
}

/// Whom a query is about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Nobody,
    Teen,
    Persona(&'a str),
    Named(&'a str),
}

impl std::fmt::Debug for RecallIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecallIndex({} turns)", self.turns.len())
    }
}

impl RecallIndex {
    /// Indexes turns, which come oldest first. Turns whose text expired are left out. Without an
    /// encoder turns are found by their words alone.
    pub fn build(turns: &[EvidenceTurn], encoder: Option<Arc<dyn Encoder>>) -> Self {
        let mut index = Self {
            encoder,
            ..Self::default()
        };
        for turn in turns {
            index.add(turn.clone());
        }
        index
    }

    /// Adds the newest turn; one that is known is replaced.
    pub fn add(&mut self, mut turn: EvidenceTurn) {
        if let Some(&place) = self.places.get(&turn.id) {
            self.replace(place, turn);
            return;
        }
        // The index has it from here on.
        let stored = turn.encoded.take();
        let (Some(text), Ok(document)) = (&turn.text, u32::try_from(self.turns.len())) else {
            return;
        };
        let text = text.reveal();
        let asking = text.trim_end().ends_with('?') && text.chars().count() < SHORT_QUESTION_CHARS;
        let vector = self.vector(text, stored);
        let (session, before) = self.index_words(document, &turn, text);
        if let Some(vector) = vector {
            self.vectors.add(vector, session, before);
        }
        self.places.insert(turn.id, self.turns.len());
        self.turns.push(Entry {
            turn,
            session,
            asking,
        });
    }

    /// A changed text changes its neighbours' windows too: rebuilding is simplest, and rare.
    fn replace(&mut self, place: usize, turn: EvidenceTurn) {
        let encoder = self.encoder.take();
        let old = std::mem::take(self);
        self.encoder = encoder;
        let mut turns: Vec<_> = old.turns.into_iter().map(|entry| entry.turn).collect();
        if let Some(old) = turns.get_mut(place) {
            *old = turn;
        }
        for turn in turns {
            self.add(turn);
        }
    }

    /// The stored vector if it is this encoder's, else a new one; none without an encoder.
    fn vector(&self, text: &str, stored: Option<Encoded>) -> Option<Vector> {
        let encoder = self.encoder.as_deref()?;
        let stored = stored.and_then(|stored| stored.made_by(encoder));
        Some(stored.unwrap_or_else(|| Vector::of(&encoder.encode(text))))
    }

    /// Gives a turn its vector, so that adding it again and again encodes it once.
    pub(super) fn encode(&self, turn: &mut EvidenceTurn) {
        if let (Some(encoder), Some(text), None) = (&self.encoder, &turn.text, &turn.encoded) {
            turn.encoded = Some(Encoded::of(text.reveal(), &**encoder));
        }
    }

    /// Adds the words of a turn to the three forms; returns the number of its session and of the
    /// turn before it in there.
    fn index_words(
        &mut self,
        document: u32,
        turn: &EvidenceTurn,
        text: &str,
    ) -> (u32, Option<u32>) {
        let (mut spoken, mut said, mut facts, mut day) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        self.vocabulary.learn(text, &mut said);
        if let Some(caption) = &turn.caption {
            self.vocabulary.learn("shares", &mut said);
            self.vocabulary.learn(caption.reveal(), &mut said);
        }
        self.vocabulary.learn(turn.name.reveal(), &mut spoken);
        spoken.extend_from_slice(&said);
        self.vocabulary.learn(&turn.day, &mut day);
        for fact in &turn.fact_words {
            self.vocabulary.learn(fact.reveal(), &mut facts);
        }

        let fields = &mut self.fields;
        for (stems, in_window) in [(&spoken, 2), (&day, 1), (&facts, 2)] {
            fields.own.add(document, stems, 1);
            fields.window.add(document, stems, in_window);
        }
        let next = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        let session = self.sessions.entry(turn.session).or_insert(OpenSession {
            number: next,
            last: document,
            last_said: Vec::new(),
        });
        let before = (session.last != document).then_some(session.last);
        if let Some(before) = before {
            fields.window.add(document, &session.last_said, 1);
            fields.window.add(before, &said, 1);
        }
        fields.session.add(session.number, &spoken, 1);
        fields.session.add(session.number, &facts, 1);
        session.last = document;
        session.last_said = said;
        (session.number, before)
    }

    /// Every turn with its score, best first; older first where scores are equal.
    pub fn query(&self, query: &Query<'_>) -> Vec<Ranked> {
        if self.turns.len() < MIN_RANKED_TURNS {
            return self.unranked();
        }
        let scores = self.parts(query);
        let scored = self.turns.iter().zip(scores);
        let mut ranked: Vec<Ranked> = scored
            .map(|(entry, parts)| Ranked {
                id: entry.turn.id,
                score: parts.total(),
            })
            .collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        ranked
    }

    /// What the scores of these turns are made of; `None` for one that it does not hold, and where
    /// turns are too few to be ranked.
    pub fn parts_of(&self, query: &Query<'_>, turns: &[TurnId]) -> Vec<Option<Parts>> {
        let all = if self.turns.len() < MIN_RANKED_TURNS {
            Vec::new()
        } else {
            self.parts(query)
        };
        let parts = |id| all.get(self.place(id)?).copied();
        turns.iter().map(|id| parts(*id)).collect()
    }

    /// Of every turn, oldest first.
    fn parts(&self, query: &Query<'_>) -> Vec<Parts> {
        let subject = query.subject();
        let signals = self.turns.iter().map(|entry| Signals {
            session: entry.session,
            subject: subject.said(&entry.turn),
            asking: entry.asking,
        });
        let stems = self.vocabulary.find(query.text);
        match &self.encoder {
            Some(encoder) => {
                let asked = encoder.encode(&query.in_first_person());
                let dense = self.vectors.near(&Vector::of(&asked));
                self.fields.fuse(&stems, dense, signals)
            }
            None => self.fields.lexfuse(&stems, signals),
        }
    }

    fn unranked(&self) -> Vec<Ranked> {
        let turns = self.turns.iter();
        turns
            .map(|entry| Ranked {
                id: entry.turn.id,
                score: 0.0,
            })
            .collect()
    }

    /// The turn with this id.
    pub fn turn(&self, id: TurnId) -> Option<&EvidenceTurn> {
        let place = *self.places.get(&id)?;
        self.turns.get(place).map(|entry| &entry.turn)
    }

    /// The turns before and after this one in its session.
    pub fn neighbours(&self, id: TurnId) -> impl Iterator<Item = &EvidenceTurn> {
        let place = self.places.get(&id).copied();
        let session = place
            .and_then(|place| self.turns.get(place))
            .map(|entry| entry.session);
        let before = place.and_then(|place| self.turns.get(..place)?.iter().next_back());
        let after = place.and_then(|place| self.turns.get(place + 1));
        before
            .into_iter()
            .chain(after)
            .filter(move |entry| Some(entry.session) == session)
            .map(|entry| &entry.turn)
    }

    /// Position of a turn in time order.
    pub(super) fn place(&self, id: TurnId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// How many turns it holds.
    pub fn len(&self) -> usize {
        self.turns.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

impl<'a> Query<'a> {
    /// The query as one of the two would say it: turns are said as "I". A teen's own message is.
    fn in_first_person(&self) -> Cow<'a, str> {
        match self.speakers {
            Speakers::Talk { .. } => Cow::Borrowed(self.text),
            Speakers::Pair(names) => Cow::Owned(in_first_person(self.text, &names)),
        }
    }

    fn subject(&self) -> Subject<'a> {
        match self.speakers {
            Speakers::Talk { persona } if asks_what_persona_said(self.text) => {
                Subject::Persona(persona)
            }
            Speakers::Talk { .. } => Subject::Teen,
            Speakers::Pair([one, other]) => {
                let words = spaced_words(self.text);
                let named = |name| words.contains(&spaced_words(name));
                match (named(one), named(other)) {
                    (true, false) => Subject::Named(one),
                    (false, true) => Subject::Named(other),
                    (true, true) | (false, false) => Subject::Nobody,
                }
            }
        }
    }
}

impl Subject<'_> {
    fn said(self, turn: &EvidenceTurn) -> bool {
        match self {
            Self::Nobody => false,
            Self::Teen => turn.speaker == Speaker::Teen,
            Self::Persona(name) => turn.speaker == Speaker::Persona && turn.name.reveal() == name,
            Self::Named(name) => turn.name.reveal() == name,
        }
    }
}
