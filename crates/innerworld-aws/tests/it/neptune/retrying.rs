//! Trying again, on a clock that jumps from pause to pause.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use innerworld_aws::neptune::{
    engine::{Engine, Parameters, Row},
    retrying::{BASE, Retrying, TRIES},
    statements::{self, Statement},
};
use innerworld_core::error::{ErrorKind, PortError};
use innerworld_testkit::SeededIds;
use tokio::time::Instant;

use super::house::Constant;

/// Fails in these ways, one after another, and then no more.
#[derive(Debug)]
struct Scripted {
    fails: Mutex<VecDeque<ErrorKind>>,
    asked: Mutex<Vec<Instant>>,
}

impl Scripted {
    fn new(fails: impl IntoIterator<Item = ErrorKind>) -> Arc<Self> {
        Arc::new(Self {
            fails: Mutex::new(fails.into_iter().collect()),
            asked: Mutex::default(),
        })
    }

    /// Milliseconds between the attempts, to which the timer adds less than one.
    fn pauses(&self) -> Vec<u128> {
        let asked = self.asked.lock().unwrap();
        let pauses = asked
            .iter()
            .zip(asked.iter().skip(1))
            .map(|(one, next)| *next - *one);
        pauses.map(|pause| pause.as_millis()).collect()
    }
}

#[async_trait]
impl Engine for Scripted {
    async fn run(&self, _: Statement, _: &Parameters) -> Result<Vec<Row>, PortError> {
        self.asked.lock().unwrap().push(Instant::now());
        match self.fails.lock().unwrap().pop_front() {
            Some(kind) => Err(PortError::new(kind, "answer")),
            None => Ok(Vec::new()),
        }
    }
}

async fn run(engine: &impl Engine) -> Result<Vec<Row>, PortError> {
    engine.run(statements::PING, &Parameters::new()).await
}

#[tokio::test(start_paused = true)]
async fn passing_failures_are_tried_five_times_with_doubling_pauses() {
    let inner = Scripted::new([
        ErrorKind::Unavailable,
        ErrorKind::Throttled,
        ErrorKind::Unavailable,
        ErrorKind::Throttled,
    ]);
    run(&Retrying::new(Arc::clone(&inner), Arc::new(Constant(255))))
        .await
        .unwrap();
    assert_eq!(inner.pauses(), [50, 100, 200, 400]);
}

#[tokio::test(start_paused = true)]
async fn the_fifth_failure_is_the_last() {
    let inner = Scripted::new([ErrorKind::Unavailable; 9]);
    let error = run(&Retrying::new(Arc::clone(&inner), Arc::new(Constant(0)))).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(inner.pauses().iter().all(|pause| *pause <= 1));
    assert_eq!(TRIES, 5);
}

#[tokio::test(start_paused = true)]
async fn the_jitter_is_full_and_from_the_ids() {
    let pauses = async |seed| {
        let inner = Scripted::new([ErrorKind::Throttled; 4]);
        run(&Retrying::new(
            Arc::clone(&inner),
            Arc::new(SeededIds::new(seed)),
        ))
        .await
        .unwrap();
        inner.pauses()
    };
    let longest = [1, 2, 4, 8].map(|times| (BASE * times).as_millis());
    let mut all = [0; 4];
    for seed in 0..64 {
        for ((sum, longest), pause) in all.iter_mut().zip(longest).zip(pauses(seed).await) {
            assert!(pause <= longest + 1, "{pause} of {longest}");
            *sum += pause;
        }
    }
    for (sum, longest) in all.into_iter().zip(longest) {
        let mean = sum / 64;
        assert!(
            (longest / 3..longest * 2 / 3).contains(&mean),
            "{mean} of {longest}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_help_is_not_tried_again() {
    for kind in [
        ErrorKind::Invalid,
        ErrorKind::Denied,
        ErrorKind::Corrupt,
        ErrorKind::Conflict,
        ErrorKind::NotFound,
    ] {
        let inner = Scripted::new([kind]);
        let error = run(&Retrying::new(Arc::clone(&inner), Arc::new(Constant(255)))).await;
        assert_eq!(error.unwrap_err().kind(), kind);
        assert_eq!(inner.asked.lock().unwrap().len(), 1);
    }
}
