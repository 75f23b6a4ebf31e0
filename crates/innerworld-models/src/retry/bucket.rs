//! How many retries the whole process may make.

use std::sync::{Mutex, PoisonError};

/// Retries allowed at once before any call refills the bucket.
const BURST: f64 = 20.0;
/// Retries that each call adds.
const PER_CALL: f64 = 0.1;

/// A token bucket that all retries of the process share: one in ten calls may be a retry, so that
/// an outage is not answered with three times the load.
#[derive(Debug)]
pub struct RetryBucket(Mutex<f64>);

impl RetryBucket {
    /// A full bucket.
    pub const fn new() -> Self {
        Self(Mutex::new(BURST))
    }

    /// A call was made.
    pub(crate) fn called(&self) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = (*tokens + PER_CALL).min(BURST);
    }

    /// Takes the right to one retry.
    pub(crate) fn take(&self) -> bool {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *tokens >= 1.0;
        if enough {
            *tokens -= 1.0;
        }
        enough
    }
}

impl Default for RetryBucket {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_at_once_then_one_in_ten() {
        let bucket = RetryBucket::new();
        assert!((0..20).all(|_| bucket.take()));
        assert!(!bucket.take());
        let retries = (0..100)
            .filter(|_| {
                bucket.called();
                bucket.take()
            })
            .count();
        assert!((9..=10).contains(&retries), "{retries}");
    }
}
