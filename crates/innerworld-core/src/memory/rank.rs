//! How well turns fit a query: BM25 over an inverted index, z-scores, and their weighted sum.

use std::mem::size_of;

use super::{recipe::Recipe, tokens::StemId, wanted::Wanted};

/// Saturation of term frequency.
const K1: f32 = 1.5;
/// Weight of the document's length.
const B: f32 = 0.75;

/// One document of a posting list: 20 bits of document number, 12 bits of term frequency.
#[derive(Clone, Copy, Debug)]
struct Posting(u32);

impl Posting {
    const TIMES_BITS: u32 = 12;
    const MAX_TIMES: u32 = (1 << Self::TIMES_BITS) - 1;

    const fn new(document: u32, times: u32) -> Self {
        let times = if times > Self::MAX_TIMES {
            Self::MAX_TIMES
        } else {
            times
        };
        Self((document << Self::TIMES_BITS) | times)
    }

    const fn document(self) -> u32 {
        self.0 >> Self::TIMES_BITS
    }

    const fn times(self) -> u32 {
        self.0 & Self::MAX_TIMES
    }
}

/// An inverted index of one indexed form, scored by BM25.
///
/// Term weights are made while scoring: a query reads a few hundred postings, and average
/// length and document frequencies change with every added turn.
#[derive(Clone, Debug, Default)]
pub struct Field {
    settled: Settled,
    /// Postings of the documents that came after, by stem.
    postings: Vec<Vec<Posting>>,
    lengths: Vec<u32>,
    total: usize,
}

/// The postings of the first documents, one stem's after the other: a list of its own for each of
/// some thousand stems would take more than what is in them. A posting is how much further its
/// document is than the one before, and how often the stem is in there; both are mostly one byte.
#[derive(Clone, Debug, Default)]
struct Settled {
    /// Where each stem's postings begin; one more at the end.
    starts: Box<[u32]>,
    packed: Box<[u8]>,
    documents: u32,
}

impl Settled {
    fn of(lists: &[Vec<Posting>], documents: usize) -> Self {
        let mut starts = Vec::with_capacity(lists.len() + 1);
        let mut packed = Vec::new();
        for list in lists {
            starts.push(short(packed.len()));
            let mut last = 0;
            for posting in list {
                pack(posting.document() - last, &mut packed);
                pack(posting.times(), &mut packed);
                last = posting.document();
            }
        }
        starts.push(short(packed.len()));
        Self {
            starts: starts.into(),
            packed: packed.into(),
            documents: short(documents),
        }
    }

    fn list(&self, stem: StemId) -> Packed<'_> {
        let stem = stem as usize;
        let bounds = self.starts.get(stem..stem.saturating_add(2));
        let packed = match bounds {
            Some([start, end]) => self.packed.get(*start as usize..*end as usize),
            _ => None,
        };
        Packed {
            rest: packed.unwrap_or_default().iter(),
            last: 0,
        }
    }

    fn lists(&self) -> Vec<Vec<Posting>> {
        let stems = 0..self.starts.len().saturating_sub(1);
        stems.map(|stem| self.list(short(stem)).collect()).collect()
    }
}

/// Packed postings of a stem, from the first.
#[derive(Clone)]
struct Packed<'p> {
    rest: std::slice::Iter<'p, u8>,
    last: u32,
}

impl Iterator for Packed<'_> {
    type Item = Posting;

    fn next(&mut self) -> Option<Posting> {
        self.last += unpack(&mut self.rest)?;
        Some(Posting::new(self.last, unpack(&mut self.rest)?))
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that more come.
fn pack(mut number: u32, packed: &mut Vec<u8>) {
    while number > 0x7f {
        packed.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    packed.push(low_bits(number));
}

fn low_bits(number: u32) -> u8 {
    let [low, ..] = number.to_le_bytes();
    low & 0x7f
}

fn unpack(packed: &mut std::slice::Iter<'_, u8>) -> Option<u32> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let byte = *packed.next()?;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Some(number)
}

fn short(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Field {
    /// Number of documents.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether it holds no document.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Adds `stems`, each `times` times, to a document; documents come into being as needed.
    pub fn add(&mut self, document: u32, stems: &[StemId], times: u32) {
        if document < self.settled.documents {
            // Of a session that was going on when the others were settled: rare.
            self.unsettle();
        }
        let place = document as usize;
        if self.lengths.len() <= place {
            self.lengths.resize(place + 1, 0);
        }
        for &stem in stems {
            let stem = stem as usize;
            if self.postings.len() <= stem {
                self.postings.resize_with(stem + 1, Vec::new);
            }
            if let Some(list) = self.postings.get_mut(stem) {
                bump(list, document, times);
            }
        }
        let added = u32::try_from(stems.len())
            .unwrap_or(u32::MAX)
            .saturating_mul(times);
        if let Some(length) = self.lengths.get_mut(place) {
            *length = length.saturating_add(added);
        }
        self.total += added as usize;
    }

    /// Packs what was added so far; it is found as before.
    pub fn settle(&mut self) {
        self.unsettle();
        self.settled = Settled::of(&self.postings, self.lengths.len());
        self.postings = Vec::new();
        self.lengths.shrink_to_fit();
    }

    fn unsettle(&mut self) {
        if self.settled.documents == 0 {
            return;
        }
        let mut lists = self.settled.lists();
        let newer = std::mem::take(&mut self.postings);
        lists.resize_with(lists.len().max(newer.len()), Vec::new);
        for (list, newer) in lists.iter_mut().zip(newer) {
            list.extend(newer);
        }
        self.postings = lists;
        self.settled = Settled::default();
    }

    /// BM25 of every document for the words of a query.
    ///
    /// Of a word and those near to it the one counts that weighs most in a document. A near word is
    /// never rarer than the word that was asked for: else a rare word that means only about the
    /// same would outweigh it.
    pub fn bm25(&self, query: &[Wanted]) -> Vec<f32> {
        let mut scores = vec![0.0; self.lengths.len()];
        let mut best = Best::default();
        for wanted in query {
            let holding = wanted.stem.map_or(0, |stem| self.list(stem).count());
            let asked = wanted.stem.filter(|_| holding > 0);
            if let (Some(stem), true) = (asked, wanted.near.is_empty()) {
                self.weigh(stem, self.rarity(holding), |place, weight| {
                    if let Some(score) = scores.get_mut(place) {
                        *score += weight;
                    }
                });
                continue;
            }
            let mut most = f32::INFINITY;
            best.make_room(self.lengths.len());
            if let Some(stem) = asked {
                most = self.rarity(holding);
                self.weigh(stem, most, |place, weight| best.raise(place, weight));
            }
            for &(stem, share) in &wanted.near {
                let rarity = self.rarity(self.list(stem).count()).min(most);
                self.weigh(stem, share * rarity, |place, weight| {
                    best.raise(place, weight);
                });
            }
            best.add_to(&mut scores);
        }
        scores
    }

    /// The postings of a stem.
    fn list(&self, stem: StemId) -> impl Iterator<Item = Posting> {
        let newer = self.postings.get(stem as usize);
        let newer = newer.map_or(&[][..], Vec::as_slice);
        self.settled.list(stem).chain(newer.iter().copied())
    }

    /// What a word is worth that so many documents hold.
    fn rarity(&self, holding: usize) -> f32 {
        let (count, holding) = (real(self.lengths.len()), real(holding));
        (1.0 + (count - holding + 0.5) / (holding + 0.5)).ln()
    }

    /// Calls `take` with the place of every document that holds a stem, and what it gains by it.
    fn weigh(&self, stem: StemId, rarity: f32, mut take: impl FnMut(usize, f32)) {
        let count = real(self.lengths.len());
        let average = (real(self.total) / count.max(1.0)).max(1.0);
        for posting in self.list(stem) {
            let place = posting.document() as usize;
            let length = real(self.lengths.get(place).map_or(0, |&length| length as usize));
            let times = real(posting.times() as usize);
            let weight = rarity * times / (times + K1 * (1.0 - B + B * length / average));
            take(place, weight);
        }
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let each = size_of::<Posting>();
        let newer = self.postings.iter().map(|list| list.capacity() * each);
        self.settled.packed.len()
            + (self.settled.starts.len() + self.lengths.capacity()) * size_of::<u32>()
            + self.postings.capacity() * size_of::<Vec<Posting>>()
            + newer.sum::<usize>()
    }
}

/// The greatest weight of each document among the words that stand for one another.
#[derive(Debug, Default)]
struct Best {
    weights: Vec<f32>,
    touched: Vec<usize>,
}

impl Best {
    fn make_room(&mut self, documents: usize) {
        self.weights.resize(documents, 0.0);
    }

    fn raise(&mut self, place: usize, weight: f32) {
        if let Some(best) = self.weights.get_mut(place) {
            if *best <= 0.0 && weight > 0.0 {
                self.touched.push(place);
            }
            *best = best.max(weight);
        }
    }

    /// Moves the weights to `scores`.
    fn add_to(&mut self, scores: &mut [f32]) {
        for place in self.touched.drain(..) {
            if let (Some(score), Some(best)) = (scores.get_mut(place), self.weights.get_mut(place))
            {
                *score += std::mem::take(best);
            }
        }
    }
}

/// Counts a stem in a document. New documents come last, so this is mostly a look at the end.
fn bump(list: &mut Vec<Posting>, document: u32, times: u32) {
    let place = match list.last() {
        Some(last) if last.document() == document => Ok(list.len() - 1),
        Some(last) if last.document() > document => {
            list.binary_search_by_key(&document, |posting| posting.document())
        }
        _ => Err(list.len()),
    };
    match place {
        Ok(place) => {
            if let Some(posting) = list.get_mut(place) {
                *posting = Posting::new(document, posting.times() + times);
            }
        }
        Err(place) => list.insert(place, Posting::new(document, times)),
    }
}

/// Turns scores into z-scores in place: (x - mean) / population standard deviation, all zero if
/// they do not differ.
pub fn standardise(scores: &mut [f32]) {
    let (mean, deviation) = spread(scores);
    for score in scores {
        *score = if deviation > 0.0 {
            (*score - mean) / deviation
        } else {
            0.0
        };
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of words and turns stay far below 2^24"
)]
const fn real(count: usize) -> f32 {
    count as f32
}

/// Mean and population standard deviation.
pub fn spread(scores: &[f32]) -> (f32, f32) {
    let count = real(scores.len().max(1));
    let mean = scores.iter().sum::<f32>() / count;
    let variance = scores
        .iter()
        .map(|score| (score - mean) * (score - mean))
        .sum::<f32>()
        / count;
    (mean, variance.sqrt())
}

/// What ranking knows of a turn beside its words.
#[derive(Clone, Copy, Debug)]
pub struct Signals {
    /// Number of its session.
    pub session: u32,
    /// Said by the person whom the query is about.
    pub subject: bool,
    /// A short question.
    pub asking: bool,
    /// The place of the question that it answers: the turn before it, if that is one.
    pub answers: Option<u32>,
}

/// The three indexed forms of all turns.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// A turn's own words, with its speaker and day.
    pub own: Field,
    /// The same twice, with its neighbours' words.
    pub window: Field,
    /// All words of a session.
    pub session: Field,
}

/// Cosines to a query, as they are.
#[derive(Clone, Debug, Default)]
pub struct Dense {
    /// Of each turn's text alone.
    pub own: Vec<f32>,
    /// Of each turn with its neighbours.
    pub window: Vec<f32>,
    /// Of each session.
    pub session: Vec<f32>,
}

/// Scores by words, as z-scores.
struct Lexical {
    own: Vec<f32>,
    window: Vec<f32>,
    session: Vec<f32>,
}

impl Lexical {
    /// A turn's words with its neighbours'.
    fn words(&self, recipe: &Recipe) -> impl Iterator<Item = f32> {
        let both = self.own.iter().zip(&self.window);
        both.map(|(own, window)| recipe.own * own + recipe.window * window)
    }

    /// By how much the question fits that a turn answers.
    fn answers(&self, signals: &Signals) -> f32 {
        let question = signals
            .answers
            .and_then(|place| self.own.get(place as usize));
        question.map_or(0.0, |fits| fits.max(0.0))
    }
}

/// What the score of a turn is made of: it is their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// Its words, together with its neighbours'.
    pub words: f32,
    /// What it is about, alone and with its neighbours; 0 without an encoder.
    pub near: f32,
    /// The words of its session.
    pub session_words: f32,
    /// What its session is about; 0 without an encoder.
    pub session_near: f32,
    /// The words of the question that it answers.
    pub answers: f32,
    /// Who says it, and whether it only asks.
    pub speaker: f32,
}

impl Parts {
    /// The score.
    pub fn total(self) -> f32 {
        let said = self.words + self.near + self.session_words + self.session_near;
        said + self.answers + self.speaker
    }
}

impl Signals {
    fn score(self, recipe: &Recipe) -> f32 {
        let subject = if self.subject { recipe.subject } else { 0.0 };
        subject - if self.asking { recipe.asking } else { 0.0 }
    }

    fn of_session(self, scores: &[f32]) -> f32 {
        scores.get(self.session as usize).copied().unwrap_or(0.0)
    }
}

impl Fields {
    /// Packs what was added so far.
    pub(super) fn settle(&mut self) {
        for field in [&mut self.own, &mut self.window, &mut self.session] {
            field.settle();
        }
    }

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.own.bytes() + self.window.bytes() + self.session.bytes()
    }

    fn lexical(&self, query: &[Wanted]) -> Lexical {
        let scored = |field: &Field| standardised(field.bm25(query));
        Lexical {
            own: scored(&self.own),
            window: scored(&self.window),
            session: scored(&self.session),
        }
    }

    /// The model-free score of every turn, in the order of `signals`.
    pub fn lexfuse(
        &self,
        recipe: &Recipe,
        query: &[Wanted],
        signals: impl ExactSizeIterator<Item = Signals>,
    ) -> Vec<Parts> {
        let lexical = self.lexical(query);
        let scored = lexical
            .words(recipe)
            .zip(signals)
            .map(|(words, signals)| Parts {
                words,
                session_words: recipe.session * signals.of_session(&lexical.session),
                answers: recipe.answer * lexical.answers(&signals),
                speaker: signals.score(recipe),
                ..Parts::default()
            });
        scored.collect()
    }

    /// The score of every turn by words and by nearness, in the order of `signals`.
    pub fn fuse(
        &self,
        recipe: &Recipe,
        query: &[Wanted],
        dense: Dense,
        signals: impl ExactSizeIterator<Item = Signals>,
    ) -> Vec<Parts> {
        let lexical = self.lexical(query);
        let (own, window, session) = (
            standardised(dense.own),
            standardised(dense.window),
            standardised(dense.session),
        );
        let near = own.iter().zip(&window).map(|(own, window)| own + window);
        let scored = lexical.words(recipe).zip(near).zip(signals);
        let fused = &recipe.fused;
        let scored = scored.map(|((words, near), signals)| Parts {
            words: fused.words * words,
            near: fused.near * near,
            session_words: fused.session * signals.of_session(&lexical.session),
            session_near: fused.session_near * signals.of_session(&session),
            answers: recipe.answer * lexical.answers(&signals),
            speaker: signals.score(recipe),
        });
        scored.collect()
    }
}

fn standardised(mut scores: Vec<f32>) -> Vec<f32> {
    standardise(&mut scores);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bm25_agrees_with_the_formula_worked_by_hand() {
        let mut field = Field::default();
        field.add(0, &[0, 1, 1], 1);
        field.add(1, &[1], 1);
        // Stem 0: one of two documents, ln(1 + 1.5/1.5); length 3, mean 2.
        let expected = 2.0_f32.ln() / (1.0 + 1.5 * (0.25 + 0.75 * 1.5));
        let scores = field.bm25(&[Wanted::only(0)]);
        assert!((scores[0] - expected).abs() < 1e-6);
        assert!(scores[1].abs() < 1e-6);
    }

    #[test]
    fn adding_to_an_older_document_keeps_postings_sorted() {
        let mut field = Field::default();
        field.add(0, &[0], 1);
        field.add(2, &[0, 1], 1);
        field.add(1, &[0], 2);
        field.add(0, &[1], 2);
        let mut other = Field::default();
        other.add(0, &[0, 1, 1], 1);
        other.add(1, &[0, 0], 1);
        other.add(2, &[0, 1], 1);
        let query = [0, 1].map(Wanted::only);
        assert_eq!(field.bm25(&query), other.bm25(&query));
    }

    fn bits(scores: &[f32]) -> Vec<u32> {
        scores.iter().map(|score| score.to_bits()).collect()
    }

    #[test]
    fn of_words_that_stand_for_one_another_the_best_counts() {
        let mut field = Field::default();
        field.add(0, &[0, 2, 2, 2, 2], 1);
        field.add(1, &[1, 2, 2, 2, 2], 1);
        field.add(2, &[0, 1, 2, 2, 2], 1);
        field.add(3, &[2, 2, 2, 2, 2], 1);
        let alone = field.bm25(&[Wanted::only(0)]);
        let either = field.bm25(&[Wanted {
            stem: Some(0),
            near: vec![(1, 0.5)],
        }]);
        assert_eq!(
            bits(&[either[0], either[2], either[3]]),
            bits(&[alone[0], alone[2], 0.0])
        );
        assert!((either[1] - alone[0] / 2.0).abs() < 1e-6);
        // A word that the index does not know is found by those near to it.
        let near = Wanted {
            stem: None,
            near: vec![(1, 0.5)],
        };
        let twice = field.bm25(&[near.clone(), near]);
        assert!(twice[0].abs() < 1e-6 && (twice[1] - alone[0]).abs() < 1e-6);
    }

    #[test]
    fn packed_numbers_come_back() {
        let numbers = [0, 1, 127, 128, 300, 16_383, 16_384, 1 << 20, u32::MAX];
        let mut packed = Vec::new();
        for number in numbers {
            pack(number, &mut packed);
        }
        let mut rest = packed.iter();
        assert!(
            numbers
                .iter()
                .all(|number| unpack(&mut rest) == Some(*number))
        );
        assert_eq!(unpack(&mut rest), None);
    }

    #[test]
    fn settling_changes_no_score_and_takes_more_afterwards() {
        let parts: [(u32, &[StemId]); 5] = [
            (0, &[0, 1]),
            (1, &[1, 1]),
            (2, &[0]),
            (1, &[3]),
            (3, &[0, 4]),
        ];
        let mut plain = Field::default();
        for (document, stems) in parts {
            plain.add(document, stems, 2);
        }
        for settled_after in 0..parts.len() {
            let mut field = Field::default();
            for (at, (document, stems)) in parts.into_iter().enumerate() {
                field.add(document, stems, 2);
                if at == settled_after {
                    field.settle();
                }
            }
            let scores = |field: &Field| field.bm25(&[0, 1, 3, 4, 9].map(Wanted::only));
            assert_eq!(scores(&field), scores(&plain));
            field.settle();
            field.settle();
            assert_eq!(scores(&field), scores(&plain));
        }
    }

    #[test]
    fn equal_scores_standardise_to_zero() {
        for (mut scores, expected) in [([3.0, 3.0], [0.0, 0.0]), ([1.0, 3.0], [-1.0, 1.0])] {
            standardise(&mut scores);
            assert_eq!(scores.map(f32::to_bits), expected.map(f32::to_bits));
        }
    }
}
