//! Logistic regression over sparse rows, by limited-memory BFGS (Nocedal and Wright, Numerical
//! Optimization, algorithm 7.5), in double precision.

use std::collections::VecDeque;

/// Steps that the approximation of the curvature remembers.
const MEMORY: usize = 10;
/// Steps at most.
const STEPS: usize = 200;
/// The search ends once the gradient has shrunk to this share of the first.
const SMALL: f64 = 1e-4;
/// What a step must gain of what the slope promises.
const ENOUGH: f64 = 1e-4;

/// A row: places of its values, which rise, and the values.
pub(super) type Row = Vec<(u32, f32)>;

/// Rows with the class that is asked for.
pub(super) struct Task<'a> {
    pub(super) rows: &'a [&'a Row],
    pub(super) positive: &'a [bool],
    /// How often each row counts; once where there is nothing.
    pub(super) counts: &'a [f64],
    /// How many places there are.
    pub(super) width: usize,
    /// How much the rows count against small weights.
    pub(super) c: f64,
}

/// Weights by place, and a last one that stands for all rows.
pub(super) fn fit(task: &Task<'_>) -> Vec<f64> {
    let mut point = vec![0.0; task.width + 1];
    let mut gradient = vec![0.0; point.len()];
    let mut loss = task.loss(&point, &mut gradient);
    let goal = dot(&gradient, &gradient).sqrt() * SMALL;
    let mut past: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
    for _ in 0..STEPS {
        let direction = downhill(&gradient, &past);
        let slope = dot(&direction, &gradient);
        let mut length = if past.is_empty() {
            1.0 / dot(&gradient, &gradient).sqrt().max(1.0)
        } else {
            1.0
        };
        let mut next_gradient = vec![0.0; point.len()];
        let (next, next_loss) = loop {
            let next = moved(&point, &direction, length);
            let next_loss = task.loss(&next, &mut next_gradient);
            if next_loss <= loss + ENOUGH * length * slope || length < 1e-12 {
                break (next, next_loss);
            }
            length /= 2.0;
        };
        let step = moved(&next, &point, -1.0);
        let change = moved(&next_gradient, &gradient, -1.0);
        if dot(&step, &change) > 1e-12 {
            if past.len() == MEMORY {
                past.pop_front();
            }
            past.push_back((step, change));
        }
        (point, gradient, loss) = (next, next_gradient, next_loss);
        if dot(&gradient, &gradient).sqrt() <= goal {
            break;
        }
    }
    point
}

/// The odds that `weights` give to a row.
pub(super) fn margin(weights: &[f64], row: &Row) -> f64 {
    let bias = weights.last().copied().unwrap_or_default();
    row.iter().fold(bias, |sum, (place, value)| {
        let weight = weights.get(*place as usize).copied().unwrap_or_default();
        sum + weight * f64::from(*value)
    })
}

impl Task<'_> {
    /// The loss at `point`; its slope goes to `gradient`. The bias is not kept small.
    fn loss(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let (Some((_bias, weights)), Some((bias_slope, slopes))) =
            (point.split_last(), gradient.split_last_mut())
        else {
            return 0.0;
        };
        slopes.copy_from_slice(weights);
        *bias_slope = 0.0;
        let mut loss = 0.5 * dot(weights, weights);
        let counts = self.counts.iter().copied().chain(std::iter::repeat(1.0));
        for ((row, positive), count) in self.rows.iter().zip(self.positive).zip(counts) {
            let c = self.c * count;
            let sign = if *positive { 1.0 } else { -1.0 };
            let margin = sign * margin(point, row);
            // Written so that no power overflows.
            loss += c * (libm::log1p(libm::exp(-margin.abs())) + (-margin).max(0.0));
            let pull = -sign * c / (1.0 + libm::exp(margin));
            *bias_slope += pull;
            for (place, value) in *row {
                if let Some(slope) = slopes.get_mut(*place as usize) {
                    *slope += pull * f64::from(*value);
                }
            }
        }
        loss
    }
}

fn downhill(gradient: &[f64], past: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(past.len());
    for (step, change) in past.iter().rev() {
        let share = dot(step, &direction) / dot(step, change);
        direction = moved(&direction, change, -share);
        shares.push(share);
    }
    if let Some((step, change)) = past.back() {
        let scale = dot(step, change) / dot(change, change);
        for part in &mut direction {
            *part *= scale;
        }
    }
    for ((step, change), share) in past.iter().zip(shares.into_iter().rev()) {
        let back = dot(change, &direction) / dot(step, change);
        direction = moved(&direction, step, share - back);
    }
    direction
}

fn moved(from: &[f64], along: &[f64], length: f64) -> Vec<f64> {
    let parts = from.iter().zip(along);
    parts.map(|(from, along)| from + length * along).collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}
