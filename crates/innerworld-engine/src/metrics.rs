//! Counters and histograms for `/metrics`. Labels name kinds, never a person, session or text.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// One label `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Kind {
    /// What it was.
    pub kind: &'static str,
}

/// One turn's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TurnLabels {
    /// Who answered.
    pub origin: &'static str,
    /// How it ended.
    pub finish: &'static str,
}

/// A verdict's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct VerdictLabels {
    /// What says so: `phrase`, `scorer`, `window`, `language`; `model` for a second look; `none` on
    /// `pass`.
    pub tier: &'static str,
    /// `pass`, `escalate`, `trigger`; of a second look its level, or why there is none.
    pub verdict: &'static str,
    /// What it may be about; `none` on `pass`.
    pub category: &'static str,
}

/// Everything that is measured.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Open sockets.
    pub connections: Gauge,
    /// Turns that run now.
    pub turns_running: Gauge,
    /// Frames from clients, by type.
    pub frames: Family<Kind, Counter>,
    /// Errors sent, by code.
    pub errors: Family<Kind, Counter>,
    /// Handshakes refused, by reason.
    pub handshakes_refused: Family<Kind, Counter>,
    /// What was passed on to the server that holds its teen: `request`, `socket`.
    pub passed_on: Family<Kind, Counter>,
    /// Connections turned away before any request, by reason: `full`, `address`, `tls`.
    pub connections_refused: Family<Kind, Counter>,
    /// When the certificate ends, in seconds since 1970; 0 without TLS.
    pub tls_certificate_end: Gauge,
    /// Times that a changed certificate could not be used.
    pub tls_reload_failures: Counter,
    /// Seconds from a message to its `accepted`.
    pub accepted_seconds: Histogram,
    /// Seconds from `accepted` to the first word.
    pub first_word_seconds: Histogram,
    /// Turns that ended.
    pub turns: Family<TurnLabels, Counter>,
    /// Sessions taken up, by how.
    pub resumes: Family<Kind, Counter>,
    /// Verdicts of the local tier.
    pub safety_verdicts: Family<VerdictLabels, Counter>,
    /// Seconds from a message to its safety frame.
    pub safety_frame_seconds: Histogram,
    /// Seconds from the acceptance of a message to the end of its second look.
    pub safety_look_seconds: Histogram,
    /// Safety changes waiting outside the store; must be 0.
    pub safety_spool_depth: Gauge,
    /// Days since the oldest check of the list of helpers; -1 while nobody checked any.
    pub resources_age_days: Gauge,
    /// Times that changed safety files could not be used.
    pub safety_reload_failures: Counter,
    /// Characters of an answer held back by the output filter, at each release.
    pub output_held_characters: Histogram,
    /// Answers stopped by the output filter, by class.
    pub output_blocks: Family<Kind, Counter>,
    /// Answers that held a part of their prompt; must be 0.
    pub output_leaks: Counter,
    /// Jobs finished, by kind.
    pub jobs_done: Family<Kind, Counter>,
    /// Jobs that failed and were put back, by kind.
    pub jobs_failed: Family<Kind, Counter>,
    /// Jobs waiting.
    pub jobs_waiting: Gauge,
    /// Grants at Apple to be taken back after an erase: `done`, `failed` (it is tried again),
    /// `given_up` (after seven days: somebody must look).
    pub apple_revocations: Family<Kind, Counter>,
    /// Those that wait.
    pub apple_revocations_waiting: Gauge,
    /// Sessions put before the extraction model, by what came of it.
    pub extraction_sessions: Family<Kind, Counter>,
    /// Extraction calls, and how many of them were repairs, fallbacks and splits.
    pub extraction_calls: Family<Kind, Counter>,
    /// Items of extraction answers that were not believed, by reason.
    pub extraction_dropped: Family<Kind, Counter>,
    /// Model calls that reported tokens, by class.
    pub tokens: Family<Kind, Counter<u64, AtomicU64>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Fresh metrics, all zero.
    pub fn new() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.000_1, 2.0, 18));
        let metrics = Self {
            registry: Registry::with_prefix("innerworld"),
            connections: Gauge::default(),
            turns_running: Gauge::default(),
            frames: Family::default(),
            errors: Family::default(),
            handshakes_refused: Family::default(),
            passed_on: Family::default(),
            connections_refused: Family::default(),
            tls_certificate_end: Gauge::default(),
            tls_reload_failures: Counter::default(),
            accepted_seconds: seconds(),
            first_word_seconds: seconds(),
            turns: Family::default(),
            resumes: Family::default(),
            safety_verdicts: Family::default(),
            safety_frame_seconds: seconds(),
            safety_look_seconds: seconds(),
            safety_spool_depth: Gauge::default(),
            resources_age_days: Gauge::default(),
            safety_reload_failures: Counter::default(),
            output_held_characters: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            output_blocks: Family::default(),
            output_leaks: Counter::default(),
            jobs_done: Family::default(),
            jobs_failed: Family::default(),
            jobs_waiting: Gauge::default(),
            apple_revocations: Family::default(),
            apple_revocations_waiting: Gauge::default(),
            extraction_sessions: Family::default(),
            extraction_calls: Family::default(),
            extraction_dropped: Family::default(),
            tokens: Family::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let r = &mut self.registry;
        r.register("connections", "Open sockets", self.connections.clone());
        r.register(
            "turns_running",
            "Turns that run now",
            self.turns_running.clone(),
        );
        r.register(
            "frames",
            "Frames from clients, by type",
            self.frames.clone(),
        );
        r.register("errors", "Errors sent, by code", self.errors.clone());
        r.register(
            "handshakes_refused",
            "Refused handshakes",
            self.handshakes_refused.clone(),
        );
        r.register(
            "passed_on",
            "Requests and sockets passed on to the server that holds their teen",
            self.passed_on.clone(),
        );
        r.register(
            "connections_refused",
            "Connections turned away before any request",
            self.connections_refused.clone(),
        );
        r.register(
            "tls_certificate_end_timestamp_seconds",
            "When the certificate ends, 0 without TLS",
            self.tls_certificate_end.clone(),
        );
        r.register(
            "tls_reload_failures",
            "Times that a changed certificate could not be used",
            self.tls_reload_failures.clone(),
        );
        r.register(
            "accepted_seconds",
            "Message to accepted",
            self.accepted_seconds.clone(),
        );
        r.register(
            "first_word_seconds",
            "Accepted to first word",
            self.first_word_seconds.clone(),
        );
        r.register("turns", "Turns that ended", self.turns.clone());
        r.register("resumes", "Sessions taken up, by how", self.resumes.clone());
        self.registered_safety()
    }

    /// Verdicts, frames and what was stopped.
    fn registered_safety(mut self) -> Self {
        let r = &mut self.registry;
        r.register(
            "safety_verdict",
            "Verdicts of the local tier, and of a model's second look",
            self.safety_verdicts.clone(),
        );
        r.register(
            "safety_frame_seconds",
            "Message to its safety frame",
            self.safety_frame_seconds.clone(),
        );
        r.register(
            "safety_look_seconds",
            "A message's second look by a model",
            self.safety_look_seconds.clone(),
        );
        r.register(
            "safety_spool_depth",
            "Safety changes outside the store",
            self.safety_spool_depth.clone(),
        );
        r.register(
            "safety_reload_failures",
            "Times that changed safety files could not be used",
            self.safety_reload_failures.clone(),
        );
        r.register(
            "output_held_characters",
            "Characters held back by the output filter",
            self.output_held_characters.clone(),
        );
        r.register(
            "output_blocks",
            "Answers stopped, by class",
            self.output_blocks.clone(),
        );
        self.registered_alarms()
    }

    /// What somebody must look at.
    fn registered_alarms(mut self) -> Self {
        let r = &mut self.registry;
        r.register(
            "output_leaks",
            "Answers stopped because they held a part of their prompt",
            self.output_leaks.clone(),
        );
        r.register(
            "resources_age_days",
            "Days since the oldest check of the list of helpers, -1 while nobody checked any",
            self.resources_age_days.clone(),
        );
        self.registered_jobs()
    }

    /// What happens after a session, and what models used.
    fn registered_jobs(mut self) -> Self {
        let r = &mut self.registry;
        r.register("jobs_done", "Jobs finished", self.jobs_done.clone());
        r.register(
            "jobs_failed",
            "Jobs put back after a failure",
            self.jobs_failed.clone(),
        );
        r.register("jobs_waiting", "Jobs waiting", self.jobs_waiting.clone());
        r.register(
            "apple_revocations",
            "Grants at Apple to be taken back after an erase, by outcome",
            self.apple_revocations.clone(),
        );
        r.register(
            "apple_revocations_waiting",
            "Grants at Apple that are still to be taken back",
            self.apple_revocations_waiting.clone(),
        );
        r.register(
            "extraction_sessions",
            "Sessions put before the extraction model, by outcome",
            self.extraction_sessions.clone(),
        );
        r.register(
            "extraction_calls",
            "Extraction calls, and repairs, fallbacks and splits among them",
            self.extraction_calls.clone(),
        );
        r.register(
            "extraction_dropped",
            "Items of extraction answers that were not believed, by reason",
            self.extraction_dropped.clone(),
        );
        r.register(
            "tokens",
            "Tokens of model calls, by class",
            self.tokens.clone(),
        );
        self
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> String {
        let mut out = String::new();
        if encode(&mut out, &self.registry).is_err() {
            out.clear();
        }
        out
    }
}
