//! BM25 over an inverted index, with packed posting lists.

use std::mem::size_of;

use super::real;
use crate::memory::{tokens::StemId, wanted::Wanted};

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
    pub(in crate::memory) fn bytes(&self) -> usize {
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
}
