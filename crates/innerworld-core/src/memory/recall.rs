//! The recall index of one teen: finds the turns that a message is about.
//!
//! It lives in RAM only, is derived from sealed evidence when a session starts, and is updated
//! in place as the session goes on. Text that is indexed is never stored unsealed.

mod gains;
mod turn;

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    mem::size_of,
    sync::Arc,
};

pub use gains::{Gains, Known};
pub(super) use turn::ALLOCATION_BYTES;
pub use turn::IndexedTurn;
use turn::{Sayings, Stems};

use super::{
    asks::{asks_what_persona_said, spaced_words},
    encoder::{Encoded, Encoder, Vector},
    first_person::in_first_person,
    rank::{Fields, Parts, Signals},
    recipe::Recipe,
    spoken_days::{Days, in_words, spoken_days},
    store::{EvidenceTurn, Speaker},
    thesaurus::Thesaurus,
    tokens::{StemId, Vocabulary, each_stem},
    vectors::Vectors,
    wanted::Wanted,
};
use crate::{
    calendar::day_of_words,
    ids::{SessionId, TurnId},
};

/// With fewer turns than this, deviations are noise: all are given, oldest first.
pub const MIN_RANKED_TURNS: usize = 8;

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
    thesaurus: Option<Arc<dyn Thesaurus>>,
    recipe: Recipe,
    vectors: Vectors,
    vocabulary: Vocabulary,
    fields: Fields,
    turns: Vec<IndexedTurn>,
    /// Numbers of the turns, in the order of their ids.
    by_id: Vec<u32>,
    sessions: HashMap<SessionId, OpenSession>,
    sayings: Sayings,
    /// The days that turns speak of, by their places; empty unless the recipe asks for them.
    spoken: Vec<(u32, Days)>,
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
        Self::of(turns.to_vec(), encoder)
    }

    /// The same of turns that nobody else needs.
    pub(super) fn of(turns: Vec<EvidenceTurn>, encoder: Option<Arc<dyn Encoder>>) -> Self {
        let mut index = Self {
            encoder,
            ..Self::default()
        };
        index.turns.reserve(turns.len());
        index.by_id.reserve(turns.len());
        for turn in turns {
            index.add(turn);
        }
        index.settle();
        index
    }

    /// Finds turns by words that mean about the same as well.
    #[must_use]
    pub fn with_thesaurus(mut self, thesaurus: Option<Arc<dyn Thesaurus>>) -> Self {
        self.thesaurus = thesaurus;
        self
    }

    /// Ranks by another recipe. The turns are read again: what is indexed depends on it.
    #[must_use]
    pub fn with_recipe(mut self, recipe: Recipe) -> Self {
        self.recipe = recipe;
        self.read_again(None);
        self.settle();
        self
    }

    /// Packs what was added so far; it is found as before.
    fn settle(&mut self) {
        self.vectors.settle();
        self.vocabulary.settle();
        self.fields.settle();
        self.turns.shrink_to_fit();
        self.spoken.shrink_to_fit();
    }

    /// Adds the newest turn; one that is known is replaced.
    pub fn add(&mut self, turn: EvidenceTurn) {
        match self.place(turn.id) {
            // A changed text changes its neighbours' windows too: rebuilding is simplest, and rare.
            Some(place) => self.read_again(Some((place, turn))),
            None => self.append(turn),
        }
    }

    fn append(&mut self, mut turn: EvidenceTurn) {
        let (session, stored) = (turn.session, turn.encoded.take());
        if let Some(turn) = IndexedTurn::of(turn, &mut self.sayings) {
            let vector = self.vector(turn.text(), stored);
            self.put(turn, session, vector);
        }
    }

    fn put(&mut self, mut turn: IndexedTurn, session: SessionId, vector: Option<Vector>) {
        let Ok(document) = u32::try_from(self.turns.len()) else {
            return;
        };
        let before = self.index_words(document, &mut turn, session);
        let question = before.filter(|before| {
            let before = self.turns.get(*before as usize);
            before.is_some_and(IndexedTurn::asks)
        });
        turn.answers = question;
        if let Some(vector) = vector {
            self.vectors.add(&vector, turn.session, before);
        }
        // Ids come in the order of time, so that this is nearly always the end.
        let at = self
            .by_id
            .partition_point(|other| self.id_of(*other) < Some(turn.id));
        self.by_id.insert(at, document);
        self.turns.push(turn);
    }

    /// Adds all turns anew, one of them changed.
    fn read_again(&mut self, changed: Option<(usize, EvidenceTurn)>) {
        let new = Self {
            encoder: self.encoder.take(),
            thesaurus: self.thesaurus.take(),
            recipe: self.recipe,
            ..Self::default()
        };
        let old = std::mem::replace(self, new);
        let sessions: HashMap<u32, SessionId> = old
            .sessions
            .iter()
            .map(|(id, session)| (session.number, *id))
            .collect();
        // Shared by the turns.
        self.sayings = old.sayings.without_stems();
        let mut changed = changed;
        for (at, known) in old.turns.into_iter().enumerate() {
            if let Some((_place, turn)) = changed.take_if(|(place, _turn)| *place == at) {
                self.append(turn);
            } else if let Some(session) = sessions.get(&known.session) {
                self.put(known, *session, old.vectors.of_turn(at));
            }
        }
    }

    /// The stored vector if it is this encoder's, else a new one; none without an encoder.
    fn vector(&self, text: &str, stored: Option<Encoded>) -> Option<Vector> {
        let encoder = self.encoder.as_deref()?;
        let stored = stored.and_then(|stored| stored.made_by(encoder));
        Some(stored.unwrap_or_else(|| Vector::of(&encoder.encode(text))))
    }

    /// Adds the words of a turn to the three forms and numbers its session; returns the number of
    /// the turn before it in there.
    fn index_words(
        &mut self,
        document: u32,
        turn: &mut IndexedTurn,
        session: SessionId,
    ) -> Option<u32> {
        let mut stems = Stems::of(turn, &mut self.sayings, &mut self.vocabulary);
        self.learn_spoken_days(document, turn, &mut stems.day);
        let fields = &mut self.fields;
        for (stems, in_window) in [(&stems.spoken, 2), (&stems.day, 1), (&stems.facts, 2)] {
            fields.own.add(document, stems, 1);
            fields.window.add(document, stems, in_window);
        }
        let next = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        let session = self.sessions.entry(session).or_insert(OpenSession {
            number: next,
            last: document,
            last_said: Vec::new(),
        });
        let before = (session.last != document).then_some(session.last);
        if let Some(before) = before {
            fields.window.add(document, &session.last_said, 1);
            fields.window.add(before, &stems.said, 1);
        }
        fields.session.add(session.number, &stems.spoken, 1);
        fields.session.add(session.number, &stems.facts, 1);
        session.last = document;
        session.last_said = stems.said;
        turn.session = session.number;
        before
    }

    /// Appends the words of the days that the turn speaks of.
    fn learn_spoken_days(&mut self, place: u32, turn: &IndexedTurn, day: &mut Vec<StemId>) {
        let (as_words, as_days) = (self.recipe.spoken_days, self.recipe.known.dated > 0.0);
        let Some(today) = day_of_words(turn.day()).filter(|_| as_words || as_days) else {
            return;
        };
        for days in spoken_days(turn.text(), today) {
            if as_words {
                self.vocabulary.learn(&in_words(days, today), day);
            }
            if as_days {
                self.spoken.push((place, days));
            }
        }
    }

    /// Every turn with its score, best first; older first where scores are equal.
    pub fn query(&self, query: &Query<'_>) -> Vec<Ranked> {
        self.query_knowing(query, &Gains::default())
    }

    /// The same with what turns gain by what is known beside them.
    pub fn query_knowing(&self, query: &Query<'_>, gains: &Gains) -> Vec<Ranked> {
        if self.turns.len() < MIN_RANKED_TURNS {
            return self.unranked();
        }
        let scores = self.parts(query, gains);
        let scored = self.turns.iter().zip(scores);
        let mut ranked: Vec<Ranked> = scored
            .map(|(turn, parts)| Ranked {
                id: turn.id,
                score: parts.total(),
            })
            .collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        ranked
    }

    /// What the scores of these turns are made of; `None` for one that it does not hold, and where
    /// turns are too few to be ranked.
    pub fn parts_of(
        &self,
        query: &Query<'_>,
        gains: &Gains,
        turns: &[TurnId],
    ) -> Vec<Option<Parts>> {
        let all = if self.turns.len() < MIN_RANKED_TURNS {
            Vec::new()
        } else {
            self.parts(query, gains)
        };
        let parts = |id| all.get(self.place(id)?).copied();
        turns.iter().map(|id| parts(*id)).collect()
    }

    /// Of every turn, oldest first.
    fn parts(&self, query: &Query<'_>, gains: &Gains) -> Vec<Parts> {
        let subject = query.subject();
        let signals = self.turns.iter().map(|turn| Signals {
            session: turn.session,
            subject: subject.said(turn),
            asking: turn.asking,
            answers: turn.answers,
        });
        let recipe = &self.recipe;
        let thesaurus = self.thesaurus.as_deref().filter(|_| recipe.near_words);
        let wanted = Wanted::of(query.text, &self.vocabulary, thesaurus);
        let mut parts = match &self.encoder {
            Some(encoder) => {
                let asked = encoder.encode(&query.in_first_person());
                let dense = self.vectors.near(&Vector::of(&asked));
                self.fields.fuse(recipe, &wanted, dense, signals)
            }
            None => self.fields.lexfuse(recipe, &wanted, signals),
        };
        for (parts, gain) in parts.iter_mut().zip(gains.each()) {
            parts.known = gain;
        }
        parts
    }

    fn unranked(&self) -> Vec<Ranked> {
        let turns = self.turns.iter();
        turns
            .map(|turn| Ranked {
                id: turn.id,
                score: 0.0,
            })
            .collect()
    }

    /// The turn with this id.
    pub fn turn(&self, id: TurnId) -> Option<&IndexedTurn> {
        self.turns.get(self.place(id)?)
    }

    /// The turns before and after this one in its session.
    pub fn neighbours(&self, id: TurnId) -> impl Iterator<Item = &IndexedTurn> {
        let place = self.place(id);
        let session = place
            .and_then(|place| self.turns.get(place))
            .map(|turn| turn.session);
        let before = place.and_then(|place| self.turns.get(..place)?.iter().next_back());
        let after = place.and_then(|place| self.turns.get(place + 1));
        before
            .into_iter()
            .chain(after)
            .filter(move |turn| Some(turn.session) == session)
    }

    /// How many different words of a message a turn has too, in whatever form; stop words aside.
    pub fn words_in_common(&self, message: &str, id: TurnId) -> usize {
        let mut wanted = BTreeSet::new();
        each_stem(message, |stem| {
            wanted.insert(stem.to_owned());
        });
        let asked = wanted.len();
        for text in self.turn(id).into_iter().flat_map(IndexedTurn::texts) {
            each_stem(text, |stem| {
                wanted.remove(stem);
            });
        }
        asked - wanted.len()
    }

    /// Position of a turn in time order.
    pub(super) fn place(&self, id: TurnId) -> Option<usize> {
        let at = self
            .by_id
            .binary_search_by_key(&Some(id), |place| self.id_of(*place));
        at.ok()
            .and_then(|at| self.by_id.get(at))
            .map(|place| *place as usize)
    }

    fn id_of(&self, place: u32) -> Option<TurnId> {
        self.turns.get(place as usize).map(|turn| turn.id)
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.turns.iter().map(IndexedTurn::heap_bytes).sum();
        let session = |session: &OpenSession| session.last_said.capacity() * size_of::<StemId>();
        let said: usize = self.sessions.values().map(session).sum();
        let open = size_of::<(SessionId, OpenSession)>() + 1 + ALLOCATION_BYTES;
        texts
            + said
            + self.turns.capacity() * size_of::<IndexedTurn>()
            // A table is filled to seven eighths at most.
            + self.sessions.capacity() * open * 8 / 7
            + self.by_id.capacity() * size_of::<u32>()
            + self.sayings.bytes()
            + self.spoken.capacity() * size_of::<(u32, Days)>()
            + self.vocabulary.bytes()
            + self.fields.bytes()
            + self.vectors.bytes()
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
    fn said(self, turn: &IndexedTurn) -> bool {
        match self {
            Self::Nobody => false,
            Self::Teen => turn.speaker == Speaker::Teen,
            Self::Persona(name) => turn.speaker == Speaker::Persona && turn.name() == name,
            Self::Named(name) => turn.name() == name,
        }
    }
}
