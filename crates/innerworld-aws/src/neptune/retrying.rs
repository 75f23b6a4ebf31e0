//! Trying again what failed for a passing reason (aws.md 5).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_core::{error::PortError, ids::IdSource};

use super::{
    engine::{Engine, Parameters, Row},
    statements::Statement,
};

/// How often a statement is sent at most.
pub const TRIES: u32 = 5;
/// The longest pause before the second try; it doubles with each further one.
pub const BASE: Duration = Duration::from_millis(50);

/// Repeats a statement whose failure is retryable, with full jitter: each pause is a random part of
/// the longest one, so that writers who met once do not meet again. Every statement may run twice,
/// so an unknown outcome is a failure like any other.
pub struct Retrying<E> {
    inner: E,
    ids: Arc<dyn IdSource>,
}

impl<E> Retrying<E> {
    /// Wraps `inner`; `ids` gives the jitter.
    pub fn new(inner: E, ids: Arc<dyn IdSource>) -> Self {
        Self { inner, ids }
    }

    /// A random part of the longest pause after the try with this number, from 0.
    fn pause(&self, tried: u32) -> Duration {
        let mut random = [0; 4];
        self.ids.fill(&mut random);
        let longest = BASE.saturating_mul(2_u32.saturating_pow(tried));
        longest.mul_f64(f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX))
    }
}

impl<E: std::fmt::Debug> std::fmt::Debug for Retrying<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Retrying").field(&self.inner).finish()
    }
}

#[async_trait]
impl<E: Engine> Engine for Retrying<E> {
    async fn run(
        &self,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, PortError> {
        let mut tried = 0;
        loop {
            match self.inner.run(statement, parameters).await {
                Err(error) if error.is_retryable() && tried + 1 < TRIES => {
                    tokio::time::sleep(self.pause(tried)).await;
                    tried += 1;
                }
                done => return done,
            }
        }
    }
}
