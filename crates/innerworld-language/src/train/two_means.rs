//! Parting vectors in two, again and again.

/// Rounds of moving the two centres.
const ROUNDS: usize = 12;
/// Rounds of finding the direction to begin with.
const POWER_ROUNDS: usize = 8;

/// Vectors of one width, each with a weight.
#[derive(Debug)]
pub(super) struct Cloud<'v> {
    pub(super) vectors: &'v [f32],
    pub(super) width: usize,
    pub(super) weights: &'v [f32],
}

/// The centres of two halves.
#[derive(Debug)]
pub(super) struct Centres {
    pub(super) less: Vec<f32>,
    pub(super) more: Vec<f32>,
}

impl Cloud<'_> {
    pub(super) fn vector(&self, member: u32) -> &[f32] {
        let start = member as usize * self.width;
        self.vectors
            .get(start..start + self.width)
            .unwrap_or_default()
    }

    fn weight(&self, member: u32) -> f32 {
        self.weights.get(member as usize).copied().unwrap_or(0.0)
    }

    /// Two-means, begun with the sides of the direction in which the members differ most. `None`
    /// if they do not differ.
    pub(super) fn halves(&self, members: &[u32]) -> Option<Centres> {
        let middle = self.mean(members.iter().copied())?;
        let direction = self.direction(members, &middle);
        let mut centres = self.centres(members, |vector| {
            let far = vector.iter().zip(&middle).zip(&direction);
            far.map(|((x, middle), along)| (x - middle) * along)
                .sum::<f32>()
                > 0.0
        })?;
        for _round in 0..ROUNDS {
            let (across, offset) = centres.plane();
            centres = self.centres(members, |vector| dot(vector, &across) > offset)?;
        }
        Some(centres)
    }

    fn centres(&self, members: &[u32], is_more: impl Fn(&[f32]) -> bool) -> Option<Centres> {
        let (more, less): (Vec<u32>, Vec<u32>) = members
            .iter()
            .partition(|member| is_more(self.vector(**member)));
        Some(Centres {
            less: self.mean(less.into_iter())?,
            more: self.mean(more.into_iter())?,
        })
    }

    fn mean(&self, members: impl Iterator<Item = u32>) -> Option<Vec<f32>> {
        let mut sum = vec![0.0_f64; self.width];
        let mut all = 0.0_f64;
        for member in members {
            let weight = f64::from(self.weight(member));
            all += weight;
            for (sum, x) in sum.iter_mut().zip(self.vector(member)) {
                *sum += weight * f64::from(*x);
            }
        }
        (all > 0.0).then(|| sum.into_iter().map(|sum| (sum / all) as f32).collect())
    }

    /// The first principal direction, by power iteration from a fixed start.
    fn direction(&self, members: &[u32], middle: &[f32]) -> Vec<f32> {
        let mut direction: Vec<f32> = (0..self.width).map(|at| 1.0 / (at as f32 + 1.0)).collect();
        for _round in 0..POWER_ROUNDS {
            let mut next = vec![0.0_f32; self.width];
            let from_middle = dot(middle, &direction);
            for member in members {
                let vector = self.vector(*member);
                let far = self.weight(*member) * (dot(vector, &direction) - from_middle);
                for ((next, x), middle) in next.iter_mut().zip(vector).zip(middle) {
                    *next += far * (x - middle);
                }
            }
            let length = libm::sqrtf(dot(&next, &next));
            if length <= 0.0 {
                break;
            }
            direction = next.into_iter().map(|x| x / length).collect();
        }
        direction
    }
}

impl Centres {
    /// Across the plane between them, and what a vector's product with that is compared with.
    pub(super) fn plane(&self) -> (Vec<f32>, f32) {
        let pairs = self.more.iter().zip(&self.less);
        let across: Vec<f32> = pairs.map(|(more, less)| more - less).collect();
        let offset = (dot(&self.more, &self.more) - dot(&self.less, &self.less)) / 2.0;
        (across, offset)
    }
}

/// The scalar product. Eight sums side by side, always the same eight: fast, and the same bytes.
pub(super) fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (one, other) in one.chunks(8).zip(other.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(one).zip(other) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}
