//! A sentence as a field of scores: the best way through it, and how likely each label is.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns of matrices with a place for every label"
)]

use super::labels::{ALL, LABELS, Label};

/// Scores of the labels of one word.
pub(crate) type Scores = [f32; LABELS];
/// Probabilities of the labels of one word.
type Row = [f64; LABELS];

/// Which labels a word may have: a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed(pub(crate) u16);

impl Allowed {
    /// All of them.
    pub(crate) const ANY: Self = Self((1 << LABELS) - 1);

    /// Whether the label of this number is one of them.
    pub(crate) const fn has(self, label: usize) -> bool {
        self.0 & (1 << label) != 0
    }
}

/// What it adds to a sequence's score that one label follows another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transitions {
    /// For the first word.
    pub(crate) start: Scores,
    /// From the label of the first index to that of the second.
    pub(crate) next: [Scores; LABELS],
}

impl Default for Transitions {
    fn default() -> Self {
        Self {
            start: [0.0; LABELS],
            next: [[0.0; LABELS]; LABELS],
        }
    }
}

impl Transitions {
    /// The same as factors: zero where the second label may not follow.
    fn factors(&self) -> (Row, [Row; LABELS]) {
        let mut start = [0.0; LABELS];
        let mut next = [[0.0; LABELS]; LABELS];
        for (to, label) in ALL.into_iter().enumerate() {
            if label.may_follow(None) {
                start[to] = libm::exp(f64::from(self.start[to]));
            }
            for (from, before) in ALL.into_iter().enumerate() {
                if label.may_follow(Some(before)) {
                    next[from][to] = libm::exp(f64::from(self.next[from][to]));
                }
            }
        }
        (start, next)
    }
}

/// A sentence's scores, word by word.
#[derive(Debug)]
pub(crate) struct Lattice<'t> {
    pub(crate) words: Vec<Scores>,
    pub(crate) transitions: &'t Transitions,
}

/// How much of the probability goes where.
#[derive(Debug)]
pub(crate) struct Sums {
    /// Of each word and label.
    pub(crate) words: Vec<[f32; LABELS]>,
    /// Of each label at the first word.
    pub(crate) start: Row,
    /// Of each pair of labels, over all pairs of words.
    pub(crate) pairs: [Row; LABELS],
}

impl Lattice<'_> {
    /// The labels whose sum of scores is greatest (Viterbi).
    pub(crate) fn best(&self) -> Vec<Label> {
        let mut came_from: Vec<[u8; LABELS]> = Vec::with_capacity(self.words.len());
        let mut sums = [f32::NEG_INFINITY; LABELS];
        for (at, word) in self.words.iter().enumerate() {
            let mut next = [f32::NEG_INFINITY; LABELS];
            let mut from = [0_u8; LABELS];
            for (to, label) in ALL.into_iter().enumerate() {
                if at == 0 {
                    if label.may_follow(None) {
                        next[to] = self.transitions.start[to] + word[to];
                    }
                    continue;
                }
                for (before, was) in ALL.into_iter().enumerate() {
                    let sum = sums[before] + self.transitions.next[before][to] + word[to];
                    if label.may_follow(Some(was)) && sum > next[to] {
                        next[to] = sum;
                        from[to] = u8::try_from(before).unwrap_or_default();
                    }
                }
            }
            sums = next;
            came_from.push(from);
        }
        let mut label = 0;
        for (candidate, sum) in sums.iter().enumerate() {
            if *sum > sums[label] {
                label = candidate;
            }
        }
        let mut labels = vec![Label::Outside; self.words.len()];
        for (place, from) in labels.iter_mut().zip(came_from).rev() {
            *place = ALL[label];
            label = usize::from(from[label]);
        }
        labels
    }

    /// The probability of every label of every word.
    pub(crate) fn probabilities(&self) -> Vec<[f32; LABELS]> {
        self.sums(None).map(|sums| sums.words).unwrap_or_default()
    }

    /// Where the probability goes, of all sequences or of the allowed ones alone. `None` if none
    /// is allowed.
    pub(crate) fn sums(&self, allowed: Option<&[Allowed]>) -> Option<Sums> {
        let (start, next) = self.transitions.factors();
        let nodes = self.nodes(allowed);
        let forward = forward(&nodes, &start, &next)?;
        let mut sums = Sums {
            words: vec![[0.0; LABELS]; nodes.len()],
            start: [0.0; LABELS],
            pairs: [[0.0; LABELS]; LABELS],
        };
        let mut after = [1.0; LABELS];
        for at in (0..nodes.len()).rev() {
            let mut shares = [0.0; LABELS];
            let mut all = 0.0;
            for label in 0..LABELS {
                shares[label] = forward[at][label] * after[label];
                all += shares[label];
            }
            if !(all > 0.0 && all.is_finite()) {
                return None;
            }
            for (share, sum) in shares.iter_mut().zip(&mut sums.words[at]) {
                *share /= all;
                *sum = narrow(*share);
            }
            if at == 0 {
                sums.start = shares;
                break;
            }
            after = back(&forward[at - 1], &nodes[at], &after, &next, &mut sums.pairs);
        }
        Some(sums)
    }

    fn nodes(&self, allowed: Option<&[Allowed]>) -> Vec<Row> {
        let words = self.words.iter().enumerate();
        words
            .map(|(at, word)| {
                let may = allowed.map_or(Allowed::ANY, |allowed| allowed[at]);
                let most = word.iter().fold(f32::NEG_INFINITY, |most, x| most.max(*x));
                let mut row = [0.0; LABELS];
                for label in 0..LABELS {
                    if may.has(label) {
                        row[label] = libm::exp(f64::from(word[label] - most));
                    }
                }
                row
            })
            .collect()
    }
}

/// For each word the share of the sequences up to it that end in each label.
fn forward(nodes: &[Row], start: &Row, next: &[Row; LABELS]) -> Option<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut row = *start;
        if let Some(before) = rows.last() {
            row = [0.0; LABELS];
            for (share, next) in before.iter().zip(next) {
                for (sum, factor) in row.iter_mut().zip(next) {
                    *sum += share * factor;
                }
            }
        }
        let mut all = 0.0;
        for (share, factor) in row.iter_mut().zip(node) {
            *share *= factor;
            all += *share;
        }
        if !(all > 0.0 && all.is_finite()) {
            return None;
        }
        for share in &mut row {
            *share /= all;
        }
        rows.push(row);
    }
    Some(rows)
}

/// One word back: what can still follow each label, up to a factor. Adds the shares of the pairs.
fn back(
    before: &Row,
    node: &Row,
    after: &Row,
    next: &[Row; LABELS],
    pairs: &mut [Row; LABELS],
) -> Row {
    let mut row = [0.0; LABELS];
    let mut shares = [[0.0; LABELS]; LABELS];
    let (mut all, mut most) = (0.0, 0.0_f64);
    for from in 0..LABELS {
        for to in 0..LABELS {
            let follows = next[from][to] * node[to] * after[to];
            row[from] += follows;
            shares[from][to] = before[from] * follows;
            all += shares[from][to];
        }
        most = most.max(row[from]);
    }
    for from in 0..LABELS {
        row[from] /= most;
        for to in 0..LABELS {
            pairs[from][to] += shares[from][to] / all;
        }
    }
    row
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a probability is stored in fewer digits"
)]
const fn narrow(probability: f64) -> f32 {
    probability as f32
}
