//! Key phrases: runs of one to three words that look like a subject of talk but are in no list
//! ("robotics club", "sourdough"). They are tentative: memory takes one for a topic when a second
//! session says it too.
//!
//! The score is that of YAKE (Campos et al., Information Sciences 509, 2020) as far as a chat has what
//! it counts: a word weighs by how often, in how many lines and how early it is said, and by how few
//! different neighbours it has; its part for capitals is left out, since teens write few.

use std::collections::BTreeMap;

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{ontology::NodeKind, store::Mention},
};

use super::{Line, found::Found, rule::Rule};
use crate::fnv;

/// Neighbours of a word that are told apart.
const MOST_BESIDE: usize = 32;
/// Phrases of one session that are kept, and the places of each.
const MOST: usize = 6;
const MOST_PLACES: usize = 2;
const LONGEST: usize = 3;
/// Letters of a word of a phrase.
const SHORTEST: usize = 3;
/// A single word is a subject only if it is rarer than so many others, and one word of a longer
/// phrase if it is rarer than so many: numbers of pieces, which stand in the order of their frequency.
const COMMON: u32 = 4_000;
const COMMON_IN_PHRASE: u32 = 2_000;
/// How sure a phrase is of being one.
const CONFIDENCE: f32 = 0.3;

/// Words after which a noun may stand.
const OPENERS: &[&str] = &[
    "a", "an", "the", "my", "our", "his", "her", "their", "another", "about", "of", "for", "with",
];
/// Ends of words that are no nouns.
const NO_NOUN: &[&str] = &[
    "ly", "ing", "ful", "ous", "able", "ible", "less", "ish", "est", "iest",
];

/// What a session's lines offer.
#[derive(Debug, Default)]
pub(super) struct KeyPhrases {
    phrases: BTreeMap<Vec<String>, Vec<Place>>,
    words: BTreeMap<String, Word>,
    lines: usize,
}

/// Where a phrase is said.
#[derive(Clone, Copy, Debug)]
struct Place {
    turn: TurnId,
    said_at: Timestamp,
    span: (u32, u32),
}

/// What YAKE counts of a word.
#[derive(Debug, Default)]
struct Word {
    times: usize,
    /// Numbers of the lines, each once.
    lines: Vec<usize>,
    /// Hashes of the neighbours, each once.
    beside: Vec<u64>,
}

impl KeyPhrases {
    /// Reads a line of which the rules have found all that they know.
    pub(super) fn hear(&mut self, line: &Line<'_>, found: &Found, said: (TurnId, Timestamp)) {
        self.lines += 1;
        let scan = &line.scan;
        let mut run: Vec<usize> = Vec::new();
        for at in scan.real() {
            let goes_on = run.last().is_some_and(|last| last + 1 == at);
            let opens = OPENERS.contains(&scan.before(at, 1));
            if !goes_on {
                self.take(line, &std::mem::take(&mut run), said);
            }
            if (goes_on || opens) && can_be_part(line, found, at) {
                self.count(line, at);
                run.push(at);
            }
        }
        self.take(line, &run, said);
    }

    fn count(&mut self, line: &Line<'_>, at: usize) {
        let scan = &line.scan;
        let word = self.words.entry(scan.base(at).to_owned()).or_default();
        word.times += 1;
        if word.lines.last() != Some(&self.lines) {
            word.lines.push(self.lines);
        }
        for (side, other) in [(b"<", scan.before(at, 1)), (b">", scan.low(at + 1))] {
            let hash = fnv::hash(side.iter().copied().chain(other.bytes()));
            if word.beside.len() < MOST_BESIDE && !word.beside.contains(&hash) {
                word.beside.push(hash);
            }
        }
    }

    /// Notes every phrase of a run.
    fn take(&mut self, line: &Line<'_>, run: &[usize], (turn, said_at): (TurnId, Timestamp)) {
        for length in 1..=LONGEST.min(run.len()) {
            for part in run.windows(length) {
                let (Some(first), Some(last)) = (part.first(), part.last()) else {
                    continue;
                };
                let words: Vec<String> = part
                    .iter()
                    .map(|at| line.scan.base(*at).to_owned())
                    .collect();
                let rarest = words
                    .iter()
                    .map(|word| line.vocabulary.encoder.rank(word))
                    .max();
                let common = if length == 1 {
                    COMMON
                } else {
                    COMMON_IN_PHRASE
                };
                if rarest.is_none_or(|rank| rank < common)
                    || words.last().is_none_or(|word| is_no_noun(word))
                {
                    continue;
                }
                let span = line.scan.span(&(*first..last + 1));
                let places = self.phrases.entry(words).or_default();
                places.push(Place {
                    turn,
                    said_at,
                    span,
                });
            }
        }
    }

    /// The best of the session, as mentions numbered from `first` on: one for each turn that says it.
    pub(super) fn mentions(self, first: u32) -> Vec<Mention> {
        let scores = self.scores();
        let mut ranked: Vec<(f64, &Vec<String>, &Vec<Place>)> = self
            .phrases
            .iter()
            .map(|(words, places)| (scores.of(words, places.len()), words, places))
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        let mut said: Vec<(Place, String)> = Vec::new();
        for (_, words, places) in ranked.into_iter().take(MOST) {
            let turns = places.chunk_by(|a, b| a.turn == b.turn);
            let firsts = turns.filter_map(|places| places.first()).take(MOST_PLACES);
            said.extend(firsts.map(|place| (*place, words.join(" "))));
        }
        said.sort_by_key(|(place, _)| (place.said_at, place.turn, place.span));
        (first..)
            .zip(said)
            .map(|(index, (place, name))| Mention {
                index,
                kind: NodeKind::Topic,
                surface: name.into(),
                qualifier: None,
                attrs: BTreeMap::new(),
                span: place.span,
                turns: vec![place.turn],
                said_at: place.said_at,
                confidence: CONFIDENCE,
                by: Rule::TopicsPhrase.id().to_owned(),
                tentative: true,
            })
            .collect()
    }

    fn scores(&self) -> Scores<'_> {
        let times = || self.words.values().map(|word| word.times);
        let mean = count(times().sum()) / count(self.words.len()).max(1.0);
        let most = count(times().max().unwrap_or(1));
        let lines = count(self.lines).max(1.0);
        let words = self.words.iter();
        let score =
            words.map(|(word, said)| (word.as_str(), said.score(mean.max(1.0), most, lines)));
        Scores(score.collect())
    }
}

impl Word {
    /// YAKE's score: the lower, the more a key. `mean` and `most` are how often words are said.
    fn score(&self, mean: f64, most: f64, lines: f64) -> f64 {
        let middle = self
            .lines
            .get(self.lines.len() / 2)
            .copied()
            .unwrap_or_default();
        let position = (3.0 + count(middle)).ln().ln();
        let frequency = count(self.times) / mean;
        let spread = count(self.lines.len()) / lines;
        let relatedness = 1.0 + count(self.beside.len()) / most;
        relatedness * position / (frequency / relatedness + spread / relatedness)
    }
}

/// Of words.
struct Scores<'a>(BTreeMap<&'a str, f64>);

impl Scores<'_> {
    /// Of a phrase that is said so often.
    fn of(&self, words: &[String], times: usize) -> f64 {
        let scores = words
            .iter()
            .map(|word| self.0.get(word.as_str()).copied().unwrap_or(1.0));
        let (product, sum) = scores.fold((1.0, 0.0), |(product, sum), score| {
            (product * score, sum + score)
        });
        product / (count(times) * (1.0 + sum))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a session has few words")]
const fn count(number: usize) -> f64 {
    number as f64
}

/// Whether a word can be part of a noun: of letters, in no list of other words, and in nothing that
/// a rule has read.
fn can_be_part(line: &Line<'_>, found: &Found, at: usize) -> bool {
    let scan = &line.scan;
    let words = &line.lexicon.words;
    let low = scan.low(at);
    let letters = low.chars().count() >= SHORTEST && low.chars().all(char::is_alphabetic);
    let ordinary = words.not_names.contains(low)
        || words.no_subjects.contains(low)
        || words.stop_heads.contains(low)
        || words.after_name.contains(low)
        || words.past.contains(low)
        || OPENERS.contains(&low)
        || (low.ends_with("ed") && !low.ends_with("eed"));
    let read = found
        .items
        .iter()
        .any(|item| item.places().any(|place| place.contains(&at)));
    letters && !ordinary && found.is_free(at) && !read && !line.is_dated(at)
}

/// Whether the end of a word shows that it is no noun.
fn is_no_noun(word: &str) -> bool {
    NO_NOUN
        .iter()
        .any(|end| word.len() > end.len() + 2 && word.ends_with(end))
}
