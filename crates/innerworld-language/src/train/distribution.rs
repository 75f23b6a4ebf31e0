//! Words as vectors of what stands beside them: positive pointwise mutual information with their
//! neighbours, in few dimensions (Levy and Goldberg, 2014; Halko, Martinsson and Tropp, 2011).

use std::collections::{BTreeMap, HashMap};

use super::{principal::eigen, shuffle::Shuffle, two_means::dot};

/// A word is listed if it was seen this often.
const SEEN: u32 = 3;
/// Most frequent words that count as neighbours.
const NEIGHBOURS: usize = 6_000;
/// Where neighbours stand.
const PLACES: [isize; 4] = [-2, -1, 1, 2];
/// Holds down frequent neighbours.
const SMOOTHING: f64 = 0.75;
/// Dimensions that are kept.
pub(super) const WIDTH: usize = 64;
/// More dimensions that help to find them.
const SPARE: usize = 16;
/// Rounds of multiplying by the matrix and its transpose.
const ROUNDS: usize = 3;

/// Words with a vector each.
#[derive(Debug)]
pub(super) struct Distributed {
    pub(super) words: Vec<String>,
    pub(super) counts: Vec<u32>,
    /// One after the other, of length one.
    pub(super) vectors: Vec<f32>,
}

/// A row: columns with values.
type Sparse = Vec<(u32, f32)>;

/// The vectors of the words of these sentences.
pub(super) fn distributed(sentences: &[Vec<String>]) -> Distributed {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for word in sentences.iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let mut words: Vec<(&str, u32)> = counts
        .into_iter()
        .filter(|(_, count)| *count >= SEEN)
        .collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let numbers: HashMap<&str, u32> = words
        .iter()
        .enumerate()
        .map(|(number, (word, _))| (*word, number as u32))
        .collect();
    let rows = informative(co_occurrences(sentences, &numbers, words.len()));
    Distributed {
        vectors: reduced(&rows),
        counts: words.iter().map(|(_, count)| *count).collect(),
        words: words.into_iter().map(|(word, _)| word.to_owned()).collect(),
    }
}

fn co_occurrences(
    sentences: &[Vec<String>],
    numbers: &HashMap<&str, u32>,
    words: usize,
) -> Vec<BTreeMap<u32, u32>> {
    let mut rows = vec![BTreeMap::new(); words];
    for sentence in sentences {
        let sentence: Vec<Option<u32>> = sentence
            .iter()
            .map(|word| numbers.get(word.as_str()).copied())
            .collect();
        for (at, word) in sentence.iter().enumerate() {
            let Some(row) = word.and_then(|word| rows.get_mut(word as usize)) else {
                continue;
            };
            for (place, step) in (0_u32..).zip(PLACES) {
                let beside = at.checked_add_signed(step);
                let beside = beside.and_then(|beside| *sentence.get(beside)?);
                if let Some(beside) = beside.filter(|beside| (*beside as usize) < NEIGHBOURS) {
                    *row.entry(place * NEIGHBOURS as u32 + beside).or_default() += 1;
                }
            }
        }
    }
    rows
}

/// Counts -> positive pointwise mutual information.
fn informative(rows: Vec<BTreeMap<u32, u32>>) -> Vec<Sparse> {
    let mut columns = vec![0.0_f64; PLACES.len() * NEIGHBOURS];
    let mut all = 0.0;
    for (column, count) in rows.iter().flatten() {
        if let Some(sum) = columns.get_mut(*column as usize) {
            *sum += f64::from(*count);
        }
        all += f64::from(*count);
    }
    for column in &mut columns {
        *column = libm::pow(*column, SMOOTHING);
    }
    let smoothed: f64 = columns.iter().sum();
    rows.into_iter()
        .map(|row| {
            let own: f64 = row.values().map(|count| f64::from(*count)).sum();
            let values = row.into_iter().filter_map(|(column, count)| {
                let beside = columns.get(column as usize)? / smoothed;
                let both = f64::from(count) / all;
                let value = libm::log(both / (own / all * beside)) as f32;
                (value > 0.0).then_some((column, value))
            });
            values.collect()
        })
        .collect()
}

/// The rows in the directions in which they differ most, of length one.
fn reduced(rows: &[Sparse]) -> Vec<f32> {
    let width = WIDTH + SPARE;
    let mut chance = Shuffle::new(7);
    let mut columns: Vec<f32> = (0..PLACES.len() * NEIGHBOURS * width)
        .map(|_| chance.signed() as f32)
        .collect();
    let mut tall = multiply(rows, &columns, width);
    for _round in 0..ROUNDS {
        orthonormal(&mut tall, width);
        columns = multiply_back(rows, &tall, width);
        tall = multiply(rows, &columns, width);
    }
    orthonormal(&mut tall, width);
    columns = multiply_back(rows, &tall, width);
    let mut found = eigen(squares(&columns, width));
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut vectors = Vec::with_capacity(rows.len() * WIDTH);
    for row in tall.chunks_exact(width) {
        let start = vectors.len();
        for (value, direction) in found.iter().take(WIDTH) {
            let along: f64 = direction
                .iter()
                .zip(row)
                .map(|(a, b)| a * f64::from(*b))
                .sum();
            // The square root of the singular value: between all directions alike and as they are.
            vectors.push((along * libm::pow(value.max(0.0), 0.25)) as f32);
        }
        if let Some(vector) = vectors.get_mut(start..) {
            let length = libm::sqrtf(dot(vector, vector)).max(f32::MIN_POSITIVE);
            for x in vector {
                *x /= length;
            }
        }
    }
    vectors
}

fn multiply(rows: &[Sparse], columns: &[f32], width: usize) -> Vec<f32> {
    let mut out = vec![0.0; rows.len() * width];
    for (row, out) in rows.iter().zip(out.chunks_exact_mut(width)) {
        for (column, value) in row {
            let start = *column as usize * width;
            for (out, x) in out.iter_mut().zip(columns.get(start..).unwrap_or_default()) {
                *out += value * x;
            }
        }
    }
    out
}

fn multiply_back(rows: &[Sparse], tall: &[f32], width: usize) -> Vec<f32> {
    let mut out = vec![0.0; PLACES.len() * NEIGHBOURS * width];
    for (row, tall) in rows.iter().zip(tall.chunks_exact(width)) {
        for (column, value) in row {
            let start = *column as usize * width;
            for (out, x) in out
                .get_mut(start..)
                .unwrap_or_default()
                .iter_mut()
                .zip(tall)
            {
                *out += value * x;
            }
        }
    }
    out
}

/// Products of all pairs of columns.
fn squares(columns: &[f32], width: usize) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; width]; width];
    for row in columns.chunks_exact(width) {
        for (sums, a) in sums.iter_mut().zip(row) {
            for (sum, b) in sums.iter_mut().zip(row) {
                *sum += f64::from(*a) * f64::from(*b);
            }
        }
    }
    sums
}

/// Makes the columns of a tall matrix of length one and at right angles (Gram and Schmidt, twice).
fn orthonormal(tall: &mut [f32], width: usize) {
    let height = tall.len() / width.max(1);
    let mut columns: Vec<Vec<f32>> = (0..width)
        .map(|column| tall.iter().skip(column).step_by(width).copied().collect())
        .collect();
    for at in 0..width {
        let (before, rest) = columns.split_at_mut(at);
        let Some(column) = rest.first_mut() else {
            break;
        };
        for _twice in 0..2 {
            for other in before.iter() {
                let along = dot(column, other);
                for (x, other) in column.iter_mut().zip(other) {
                    *x -= along * other;
                }
            }
        }
        let length = libm::sqrtf(dot(column, column)).max(f32::MIN_POSITIVE);
        for x in column {
            *x /= length;
        }
    }
    for row in 0..height {
        for (column, values) in columns.iter().enumerate() {
            if let (Some(place), Some(x)) = (tall.get_mut(row * width + column), values.get(row)) {
                *place = *x;
            }
        }
    }
}
