//! The state of one base URL and model: closed, open, or one probe on its way.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use innerworld_core::model::chat_model::ModelErrorKind;
use tokio::time::Instant;

use crate::config::BreakerLimits;

/// Outcomes that are looked at; more calls than this in the window say nothing new.
const MOST_OUTCOMES: usize = 256;

/// Whether calls to one model of one base URL may leave.
pub struct Circuit {
    name: String,
    limits: BreakerLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When, and whether it failed.
    outcomes: VecDeque<(Instant, bool)>,
    /// Open until then.
    open_until: Option<Instant>,
    /// How long it stayed open the last time; `None` after a success.
    last_open: Option<Duration>,
    /// A probe is on its way.
    probing: bool,
}

impl Circuit {
    /// A closed circuit; `name` (host and model) is for logs.
    pub fn new(name: impl Into<String>, limits: BreakerLimits) -> Self {
        Self {
            name: name.into(),
            limits,
            state: Mutex::default(),
        }
    }

    /// Whether it lets calls through now, as health shows it.
    pub fn is_open(&self) -> bool {
        let state = self.state();
        state.open_until.is_some_and(|until| Instant::now() < until)
    }

    /// Host and model.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The right to make one call; `None` while open. After the time is over one call probes and
    /// the others still wait.
    pub(super) fn enter(this: &Arc<Self>) -> Option<Pass> {
        let mut state = this.state();
        let probe = state.open_until.is_some();
        if let Some(until) = state.open_until {
            if Instant::now() < until || state.probing {
                return None;
            }
            state.probing = true;
        }
        Some(Pass {
            circuit: Arc::clone(this),
            probe,
            judged: false,
        })
    }

    fn succeeded(&self, probe: bool) {
        let mut state = self.state();
        if probe {
            *state = State::default();
        } else if state.open_until.is_none() {
            self.note(&mut state, false);
            state.last_open = None;
        }
    }

    fn failed(&self, probe: bool, kind: ModelErrorKind) {
        let mut state = self.state();
        if probe {
            state.probing = false;
        }
        if kind == ModelErrorKind::UnknownModel {
            self.open(&mut state, self.limits.unknown_model);
            return;
        }
        if !counts(kind) {
            return;
        }
        self.note(&mut state, true);
        let failures = state.outcomes.iter().filter(|(_, failed)| *failed).count();
        let many = failures >= self.limits.failures && failures * 2 >= state.outcomes.len();
        if probe || (many && state.open_until.is_none()) {
            let longer = state.last_open.map_or(self.limits.open, |last| last * 2);
            let open = longer.min(self.limits.max_open);
            state.last_open = Some(open);
            self.open(&mut state, open);
        }
    }

    fn open(&self, state: &mut State, time: Duration) {
        state.open_until = Some(Instant::now() + time);
        state.outcomes.clear();
        tracing::warn!(
            model.name = %self.name,
            open_s = time.as_secs(),
            "a model is left alone after failures"
        );
    }

    fn note(&self, state: &mut State, failed: bool) {
        let now = Instant::now();
        state.outcomes.push_back((now, failed));
        while let Some((at, _)) = state.outcomes.front() {
            let old = now.duration_since(*at) > self.limits.window;
            if !old && state.outcomes.len() <= MOST_OUTCOMES {
                break;
            }
            state.outcomes.pop_front();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Circuit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Circuit({}, open: {})", self.name, self.is_open())
    }
}

/// Failures of the server; a request that is wrong or refused says nothing about its health.
const fn counts(kind: ModelErrorKind) -> bool {
    matches!(
        kind,
        ModelErrorKind::Unavailable
            | ModelErrorKind::Throttled
            | ModelErrorKind::Timeout
            | ModelErrorKind::Truncated
    )
}

/// The right to make one call. Dropped without a verdict (the call was cancelled), it says nothing,
/// but a probe frees its place for the next one.
pub(super) struct Pass {
    circuit: Arc<Circuit>,
    probe: bool,
    judged: bool,
}

impl Pass {
    /// The model answered. Later calls do nothing.
    pub(super) fn succeeded(&mut self) {
        if !std::mem::replace(&mut self.judged, true) {
            self.circuit.succeeded(self.probe);
            self.probe = false;
        }
    }

    /// The model failed, possibly after it had begun to answer.
    pub(super) fn failed(mut self, kind: ModelErrorKind) {
        self.judged = true;
        self.circuit.failed(self.probe, kind);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.probe && !self.judged {
            self.circuit.state().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circuit() -> Arc<Circuit> {
        Arc::new(Circuit::new("test", BreakerLimits::default()))
    }

    fn fail(circuit: &Arc<Circuit>, kind: ModelErrorKind) {
        Circuit::enter(circuit).unwrap().failed(kind);
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_open_it_and_the_time_doubles_with_each_failed_probe() {
        let circuit = circuit();
        for _ in 0..5 {
            fail(&circuit, ModelErrorKind::Unavailable);
        }
        for seconds in [10, 20, 40, 80, 120, 120] {
            assert!(Circuit::enter(&circuit).is_none());
            tokio::time::advance(Duration::from_secs(seconds - 1)).await;
            assert!(Circuit::enter(&circuit).is_none());
            tokio::time::advance(Duration::from_secs(1)).await;
            let probe = Circuit::enter(&circuit).unwrap();
            assert!(Circuit::enter(&circuit).is_none(), "one probe at a time");
            probe.failed(ModelErrorKind::Timeout);
        }
        tokio::time::advance(Duration::from_secs(120)).await;
        Circuit::enter(&circuit).unwrap().succeeded();
        assert!(!circuit.is_open());
        assert!(Circuit::enter(&circuit).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_the_calls_must_fail_inside_the_window() {
        let circuit = circuit();
        for _ in 0..6 {
            Circuit::enter(&circuit).unwrap().succeeded();
        }
        for _ in 0..5 {
            fail(&circuit, ModelErrorKind::Throttled);
        }
        assert!(!circuit.is_open(), "5 of 11");
        fail(&circuit, ModelErrorKind::Throttled);
        assert!(circuit.is_open(), "6 of 12");

        let slow = self::circuit();
        for _ in 0..8 {
            fail(&slow, ModelErrorKind::Unavailable);
            tokio::time::advance(Duration::from_secs(6)).await;
        }
        assert!(!slow.is_open(), "never five within 20 s");
    }

    #[tokio::test(start_paused = true)]
    async fn wrong_requests_do_not_count_and_an_unknown_model_counts_for_ten_minutes() {
        let circuit = circuit();
        for _ in 0..9 {
            fail(&circuit, ModelErrorKind::Invalid);
            fail(&circuit, ModelErrorKind::Refused);
        }
        assert!(!circuit.is_open());
        fail(&circuit, ModelErrorKind::UnknownModel);
        tokio::time::advance(Duration::from_secs(599)).await;
        assert!(circuit.is_open());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!circuit.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_probe_frees_its_place() {
        let circuit = circuit();
        for _ in 0..5 {
            fail(&circuit, ModelErrorKind::Unavailable);
        }
        tokio::time::advance(Duration::from_secs(10)).await;
        drop(Circuit::enter(&circuit).unwrap());
        assert!(Circuit::enter(&circuit).is_some());
    }
}
