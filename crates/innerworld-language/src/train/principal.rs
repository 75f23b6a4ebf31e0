//! Principal components, by Jacobi's rotations of the covariance matrix.

/// Rounds over all pairs at most; a dozen are enough for hundreds of dimensions.
const ROUNDS: usize = 30;
/// Rotations stop when what is beside the diagonal is this small a share of all.
const SMALL: f64 = 1e-22;

/// The directions in which vectors differ most.
#[derive(Debug)]
pub(super) struct Principal {
    mean: Vec<f64>,
    /// One direction after the other, the most telling first.
    directions: Vec<Vec<f64>>,
}

impl Principal {
    /// The `count` first directions of vectors of `width` components, given one after the other.
    pub(super) fn of(vectors: &[f32], width: usize, count: usize) -> Self {
        let mean = mean(vectors, width);
        let covariance = covariance(vectors, &mean);
        let mut found = eigen(covariance);
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let directions = found
            .into_iter()
            .take(count)
            .map(|(_value, direction)| upright(direction))
            .collect();
        Self { mean, directions }
    }

    /// How far a vector goes in each direction.
    pub(super) fn project(&self, vector: &[f32]) -> impl Iterator<Item = f64> {
        let centred: Vec<f64> = vector
            .iter()
            .zip(&self.mean)
            .map(|(x, mean)| f64::from(*x) - mean)
            .collect();
        self.directions.iter().map(move |direction| {
            let products = direction.iter().zip(&centred);
            products.map(|(a, b)| a * b).sum()
        })
    }
}

fn mean(vectors: &[f32], width: usize) -> Vec<f64> {
    let mut sum = vec![0.0; width];
    for vector in vectors.chunks_exact(width) {
        for (sum, x) in sum.iter_mut().zip(vector) {
            *sum += f64::from(*x);
        }
    }
    let count = (vectors.len() / width).max(1) as f64;
    sum.iter().map(|sum| sum / count).collect()
}

fn covariance(vectors: &[f32], mean: &[f64]) -> Vec<Vec<f64>> {
    let width = mean.len();
    let mut sums = vec![vec![0.0; width]; width];
    let mut centred = vec![0.0; width];
    for vector in vectors.chunks_exact(width) {
        for ((centred, x), mean) in centred.iter_mut().zip(vector).zip(mean) {
            *centred = f64::from(*x) - mean;
        }
        for (row, a) in sums.iter_mut().zip(&centred) {
            for (sum, b) in row.iter_mut().zip(&centred) {
                *sum += a * b;
            }
        }
    }
    sums
}

/// Every eigenvalue of a symmetric matrix with its direction.
pub(super) fn eigen(mut matrix: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let width = matrix.len();
    let unit = |place: usize| {
        (0..width)
            .map(|at| f64::from(u8::from(at == place)))
            .collect()
    };
    let mut directions: Vec<Vec<f64>> = (0..width).map(unit).collect();
    let all: f64 = matrix.iter().flatten().map(|x| x * x).sum();
    for _round in 0..ROUNDS {
        if beside_diagonal(&matrix) <= SMALL * all {
            break;
        }
        for first in 0..width {
            for second in first + 1..width {
                rotate(&mut matrix, &mut directions, first, second);
            }
        }
    }
    let values = matrix.iter().enumerate();
    let values = values.map(|(at, row)| row.get(at).copied().unwrap_or_default());
    values.zip(directions).collect()
}

fn beside_diagonal(matrix: &[Vec<f64>]) -> f64 {
    let rows = matrix.iter().enumerate();
    rows.flat_map(|(at, row)| row.iter().take(at))
        .map(|x| 2.0 * x * x)
        .sum()
}

/// Turns the plane of two directions until the matrix has nothing between them.
#[expect(
    clippy::indexing_slicing,
    reason = "both places are rows and columns of a square matrix"
)]
fn rotate(matrix: &mut [Vec<f64>], directions: &mut [Vec<f64>], first: usize, second: usize) {
    let between = matrix[first][second];
    if between == 0.0 {
        return;
    }
    let half = (matrix[second][second] - matrix[first][first]) / (2.0 * between);
    let tangent = half.signum() / (half.abs() + libm::sqrt(half * half + 1.0));
    let cosine = 1.0 / libm::sqrt(tangent * tangent + 1.0);
    let sine = tangent * cosine;
    turn(directions, first, second, (cosine, sine));
    turn(matrix, first, second, (cosine, sine));
    for row in matrix.iter_mut() {
        let (a, b) = (row[first], row[second]);
        row[first] = cosine * a - sine * b;
        row[second] = sine * a + cosine * b;
    }
}

fn turn(rows: &mut [Vec<f64>], first: usize, second: usize, (cosine, sine): (f64, f64)) {
    let (before, after) = rows.split_at_mut(second);
    let (Some(a), Some(b)) = (before.get_mut(first), after.first_mut()) else {
        return;
    };
    for (a, b) in a.iter_mut().zip(b) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

/// The direction or its opposite: the one whose greatest component is positive.
fn upright(direction: Vec<f64>) -> Vec<f64> {
    let greatest = direction.iter().fold(
        0.0_f64,
        |most, x| if x.abs() > most.abs() { *x } else { most },
    );
    if greatest < 0.0 {
        direction.into_iter().map(|x| -x).collect()
    } else {
        direction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_direction_comes_first() {
        // Along (1, 1, 0) vectors differ by 2, along (1, -1, 0) by 1, along the third not at all.
        let vectors = [
            [3.0_f32, 3.0, 5.0],
            [-1.0, -1.0, 5.0],
            [2.0, 0.0, 5.0],
            [0.0, 2.0, 5.0],
        ];
        let principal = Principal::of(&vectors.concat(), 3, 2);
        let far: Vec<f64> = principal.project(&vectors[0]).collect();
        assert!((far[0] - 2.0 * f64::sqrt(2.0)).abs() < 1e-9);
        assert!(far[1].abs() < 1e-9);
    }
}
