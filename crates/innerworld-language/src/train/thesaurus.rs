//! The maker of the thesaurus: the table of word pieces -> which stems are near to which.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::memory::tokens::each_stem;

use super::TrainError;
use crate::{
    asset::{self, Asset, Bytes, InvalidAsset, Maker, Source},
    embed::{self, DIMENSIONS},
    load_error::LoadError,
    thesaurus::{FORMAT, NAME, STEPS},
};

/// `trainer` counts changes that change what it makes from the same table.
const MAKER: Maker = Maker {
    name: NAME,
    format: FORMAT,
    trainer: 1,
};
/// Words whose cosine is less than this have different subjects.
const LEAST_COSINE: f64 = 0.45;
/// Stems near to one stem at most.
const MOST_NEAR: usize = 32;
/// Letters of the shortest word: two letters are mostly an abbreviation of many things.
const SHORTEST: usize = 3;

/// The stems near to each stem, with their cosines.
type Lists = BTreeMap<String, BTreeMap<String, f64>>;

/// Makes the asset from the table of word pieces in `table` (an asset) and from `forms`: a line for
/// each irregular word, with its forms.
///
/// # Errors
/// [`LoadError`] if the table is damaged; [`TrainError`] if the asset cannot be written.
pub fn make_thesaurus(
    table: &[u8],
    forms: &str,
    sources: Vec<Source>,
) -> Result<Vec<u8>, ThesaurusError> {
    let table = Asset::read(table, embed::NAME, embed::FORMAT).map_err(LoadError::from)?;
    let words = words(&table).ok_or(TrainError::Data {
        line: 0,
        reason: "the table of word pieces ends too early",
    })?;
    let mut lists = near(&words);
    join_forms(&mut lists, forms);
    let lists: BTreeMap<String, Vec<(String, f64)>> = lists
        .into_iter()
        .map(|(stem, near)| (stem, nearest(near)))
        .collect();
    let stems: BTreeSet<&str> = lists
        .iter()
        .flat_map(|(stem, near)| near.iter().map(|(near, _)| near).chain([stem]))
        .map(String::as_str)
        .collect();
    let stems: Vec<&str> = stems.into_iter().collect();
    let pairs: usize = lists.values().map(Vec::len).sum();
    let header = MAKER.header(
        sources,
        [
            ("vectors", table.header.version().to_owned()),
            ("least cosine", LEAST_COSINE.to_string()),
            ("most near", MOST_NEAR.to_string()),
        ],
        BTreeMap::from([
            ("stems".to_owned(), stems.len().to_string()),
            ("pairs".to_owned(), pairs.to_string()),
        ]),
    );
    let payload = payload(&stems, &lists).ok_or(TrainError::Data {
        line: 0,
        reason: "there are more stems than numbers for them",
    })?;
    Ok(asset::write(header, &payload).map_err(TrainError::from)?)
}

/// Why no thesaurus was made.
#[derive(Debug, thiserror::Error)]
pub enum ThesaurusError {
    /// The table of word pieces is damaged or another asset.
    #[error(transparent)]
    Table(#[from] LoadError),
    /// Nothing could be made of it.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl From<InvalidAsset> for ThesaurusError {
    fn from(invalid: InvalidAsset) -> Self {
        Self::Table(invalid.into())
    }
}

/// A whole word, its stem and its vector.
struct Word<'a> {
    stem: String,
    steps: &'a [i8],
    square: f64,
}

/// The whole words of plain letters; parts of words and names in other alphabets have no stem that
/// a message could hold.
fn words(table: &Asset) -> Option<Vec<(String, Vec<i8>)>> {
    let mut bytes = Bytes::new(&*table.payload, table.payload.len());
    let count = bytes.count(DIMENSIONS + 4 + 1).ok()?;
    let rows = bytes.int8s(count * DIMENSIONS).ok()?;
    bytes.take(count * size_of::<f32>()).ok()?;
    let words = String::from_utf8(bytes.rest().ok()?).ok()?;
    let rows = rows.chunks_exact(DIMENSIONS);
    let whole = words.lines().zip(rows).filter(|(word, _)| {
        word.len() >= SHORTEST && word.bytes().all(|letter| letter.is_ascii_lowercase())
    });
    let mut stemmed = Vec::new();
    for (word, row) in whole {
        each_stem(word, |stem| stemmed.push((stem.to_owned(), row.to_vec())));
    }
    Some(stemmed)
}

/// Of two stems the cosine of the two words that are nearest. Sums are of whole numbers, so that
/// every machine makes the same list.
fn near(words: &[(String, Vec<i8>)]) -> Lists {
    let words: Vec<Word<'_>> = words
        .iter()
        .map(|(stem, steps)| Word {
            stem: stem.clone(),
            steps,
            square: f64::from(product(steps, steps)),
        })
        .collect();
    let mut lists = Lists::new();
    for (place, one) in words.iter().enumerate() {
        for other in words.iter().skip(place + 1) {
            let product = product(one.steps, other.steps);
            if product <= 0 || one.stem == other.stem {
                continue;
            }
            let cosine = f64::from(product) / (one.square * other.square).sqrt();
            if cosine >= LEAST_COSINE {
                note(&mut lists, &one.stem, &other.stem, cosine);
                note(&mut lists, &other.stem, &one.stem, cosine);
            }
        }
    }
    lists
}

fn product(one: &[i8], other: &[i8]) -> i32 {
    let products = one.iter().zip(other);
    products
        .map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b)))
        .sum()
}

fn note(lists: &mut Lists, stem: &str, near: &str, cosine: f64) {
    let list = lists.entry(stem.to_owned()).or_default();
    let known = list.entry(near.to_owned()).or_default();
    *known = known.max(cosine);
}

/// Forms of one word mean the same, and are near to the same.
fn join_forms(lists: &mut Lists, forms: &str) {
    for line in forms.lines().filter(|line| !line.starts_with('#')) {
        let mut family = BTreeSet::new();
        each_stem(line, |stem| {
            family.insert(stem.to_owned());
        });
        let mut shared = BTreeMap::new();
        for (near, cosine) in family.iter().filter_map(|stem| lists.get(stem)).flatten() {
            let known: &mut f64 = shared.entry(near.clone()).or_default();
            *known = known.max(*cosine);
        }
        for stem in &family {
            for (near, cosine) in shared.iter().filter(|(near, _)| !family.contains(*near)) {
                note(lists, stem, near, *cosine);
            }
            for form in family.iter().filter(|form| *form != stem) {
                note(lists, stem, form, 1.0);
            }
        }
    }
}

/// The nearest first; equal ones by their letters.
fn nearest(near: BTreeMap<String, f64>) -> Vec<(String, f64)> {
    let mut near: Vec<(String, f64)> = near.into_iter().collect();
    near.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    near.truncate(MOST_NEAR);
    near
}

/// See the reader. A near stem is worth the square of its cosine: half as near is a quarter as sure.
fn payload(stems: &[&str], lists: &BTreeMap<String, Vec<(String, f64)>>) -> Option<Vec<u8>> {
    let mut payload = u32::try_from(stems.len()).ok()?.to_le_bytes().to_vec();
    let (mut low, mut high, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for stem in stems {
        let list = lists.get(*stem).map(Vec::as_slice).unwrap_or_default();
        payload.push(u8::try_from(list.len()).ok()?);
        for (near, cosine) in list {
            let number = stems.binary_search(&near.as_str()).ok()?;
            let [first, second] = u16::try_from(number).ok()?.to_le_bytes();
            low.push(first);
            high.push(second);
            shares.push((cosine * cosine * f64::from(STEPS)).round().max(1.0) as u8);
        }
    }
    payload.extend(low);
    payload.extend(high);
    payload.extend(shares);
    payload.extend(stems.join("\n").bytes());
    Some(payload)
}
