//! A second look that finds what a test tells it to.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use innerworld_core::safety::{
    Category, Level,
    look::{About, LookFailure, LookLevel, LookOrder, LookVerdict, SafetyModel},
};
use tokio::sync::Semaphore;

/// What a look comes to.
pub type Finding = Result<LookVerdict, LookFailure>;

/// A [`SafetyModel`] that plays findings, in order, and records what it was shown. When they are used
/// up, the last is played again.
#[derive(Debug)]
pub struct ScriptedLook {
    findings: Mutex<VecDeque<Finding>>,
    orders: Mutex<Vec<LookOrder>>,
    places: Semaphore,
}

impl ScriptedLook {
    /// The company that a consent must name.
    pub const COMPANY: &str = "Careful Readers";

    /// Plays `findings` at once.
    pub fn new(findings: impl IntoIterator<Item = Finding>) -> Self {
        Self::with(findings, Semaphore::MAX_PERMITS)
    }

    /// Plays `findings`, each only after [`ScriptedLook::let_one_end`].
    pub fn held(findings: impl IntoIterator<Item = Finding>) -> Self {
        Self::with(findings, 0)
    }

    fn with(findings: impl IntoIterator<Item = Finding>, places: usize) -> Self {
        Self {
            findings: Mutex::new(findings.into_iter().collect()),
            orders: Mutex::default(),
            places: Semaphore::new(places),
        }
    }

    /// Lets one look end that waits, or the next one.
    pub fn let_one_end(&self) {
        self.places.add_permits(1);
    }

    /// What it was shown so far, oldest first.
    pub fn orders(&self) -> Vec<LookOrder> {
        lock(&self.orders).clone()
    }
}

/// A finding by its name: `none`, `<level> <category>`, or a failure such as `timeout`.
///
/// # Panics
/// On any other name.
pub fn finding(name: &str) -> Finding {
    let failures = [
        LookFailure::NoConsent,
        LookFailure::Limit,
        LookFailure::Timeout,
        LookFailure::Unavailable,
        LookFailure::Refused,
        LookFailure::Malformed,
    ];
    if let Some(failure) = failures.into_iter().find(|one| one.name() == name) {
        return Err(failure);
    }
    let (level, category) = name.split_once(' ').unwrap_or((name, ""));
    let level = match level {
        "none" => LookLevel::Nothing,
        "concern" => LookLevel::Some(Level::Concern),
        "risk" => LookLevel::Some(Level::Risk),
        "danger" => LookLevel::Some(Level::Danger),
        _ => panic!("there is no finding {name}"),
    };
    let mut categories = Category::ALL.into_iter();
    Ok(LookVerdict {
        level,
        category: categories.find(|one| one.name() == category),
        about: About::Teen,
    })
}

#[async_trait]
impl SafetyModel for ScriptedLook {
    fn company(&self) -> &str {
        Self::COMPANY
    }

    async fn look(&self, order: LookOrder) -> Finding {
        lock(&self.orders).push(order);
        if let Ok(place) = self.places.acquire().await {
            place.forget();
        }
        let mut findings = lock(&self.findings);
        match findings.len() {
            0 => Err(LookFailure::Unavailable),
            1 => findings
                .front()
                .copied()
                .unwrap_or(Err(LookFailure::Unavailable)),
            _ => findings
                .pop_front()
                .unwrap_or(Err(LookFailure::Unavailable)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
