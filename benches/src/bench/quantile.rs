//! Quantiles of measured times.

use std::time::Duration;

/// Measured times, in microseconds.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<u64>);

impl Times {
    /// Takes one in.
    pub(super) fn add(&mut self, time: Duration) {
        self.0
            .push(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Takes all of another in.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Milliseconds within which this share of all lies, for each share.
    pub(super) fn quantiles_ms<const N: usize>(&mut self, shares: [f64; N]) -> [f64; N] {
        self.0.sort_unstable();
        shares.map(|share| {
            let last = self.0.len().saturating_sub(1);
            let at = place(share, last);
            self.0
                .get(at)
                .map_or(f64::NAN, |micros| number(*micros) / 1_000.0)
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length lies between zero and the length"
)]
fn place(share: f64, last: usize) -> usize {
    (share * number(u64::try_from(last).unwrap_or(0))).round() as usize
}

/// A count as a number to divide.
#[expect(
    clippy::cast_precision_loss,
    reason = "figures are shown with three digits"
)]
pub(super) const fn number(count: u64) -> f64 {
    count as f64
}

/// The middle one.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The least and the greatest.
pub(super) fn range(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    values
        .into_iter()
        .fold([f64::NAN; 2], |[least, most], value| {
            [least.min(value), most.max(value)]
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_places_in_order() {
        let mut times = Times::default();
        for millis in (0..=1_000).rev() {
            times.add(Duration::from_millis(millis));
        }
        let expected = [500.0_f64, 990.0, 999.0, 1_000.0].map(f64::to_bits);
        assert_eq!(
            times
                .quantiles_ms([0.5, 0.99, 0.999, 1.0])
                .map(f64::to_bits),
            expected
        );
    }

    #[test]
    fn the_median_of_three_rounds_is_the_middle_one() {
        assert_eq!(median([3.0, 1.0, 2.0]).to_bits(), 2.0_f64.to_bits());
    }
}
