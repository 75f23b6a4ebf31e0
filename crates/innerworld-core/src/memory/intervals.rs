//! What was true when: the pure derivation of intervals from assertions (memory.md 3).
//!
//! Nothing is overwritten. The log of an edge is a set; this module reads it in one fixed order,
//! so the result depends neither on the order of arrival nor on repetition. What is meant at one
//! instant is read as it was said, not as it was written down: a session may arrive late.

use std::{collections::BTreeMap, time::Duration};

use super::{
    graph::{Assertion, AssertionId, EdgeId, EmotionWeights, Polarity, Precision},
    ontology::EdgeKind,
};
use crate::{calendar, clock::Timestamp, ids::TurnId};

/// Slots of which a thing has one value at a time: a new value ends the old one.
pub const EXCLUSIVE_SLOTS: [&str; 5] = [
    "attends",
    "lives_in",
    "grade",
    "relationship_status",
    "goal_status",
];

/// Half of an assertion's mood is left after this many days.
const MOOD_HALF_LIFE_DAYS: f32 = 14.0;
const MILLIS_PER_DAY: f32 = 86_400_000.0;
/// No number of repetitions makes a thing certain.
const CONFIDENCE_CAP: f32 = 0.99;

/// A time during which an edge held: from `from` up to but not including `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Interval {
    /// First instant at which it held.
    pub from: Timestamp,
    /// First instant at which it held no more; `None` while it holds.
    pub until: Option<Timestamp>,
}

impl Interval {
    /// Whether the edge held at `day`.
    pub fn holds_at(&self, day: Timestamp) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// Whether edges of this slot are derived together, per kind and start.
pub fn is_exclusive(kind: EdgeKind, slot: &str) -> bool {
    kind != EdgeKind::Mentions && EXCLUSIVE_SLOTS.contains(&slot)
}

/// One assertion of one edge of a group.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The edge it speaks of.
    pub edge: EdgeId,
    /// The assertion.
    pub assertion: &'a Assertion,
}

/// The intervals of every edge of a group, oldest first: one edge alone, or all values of one
/// exclusive slot. With `known_on` only what was written down by then counts. An edge that was only
/// ever denied has one empty interval at the time of the denial.
pub fn derive(
    claims: &[Claim<'_>],
    known_on: Option<Timestamp>,
) -> BTreeMap<EdgeId, Vec<Interval>> {
    let known: Vec<&Claim<'_>> = claims
        .iter()
        .filter(|claim| known_on.is_none_or(|day| claim.assertion.recorded_at <= day))
        .collect();
    let mut ordered: Vec<(Timestamp, &Claim<'_>)> = known
        .iter()
        .map(|claim| (effective_at(claim.assertion, &known), *claim))
        .collect();
    ordered.sort_by_key(|(at, claim)| order(*at, claim));
    ordered.dedup_by_key(|(at, claim)| order(*at, claim));
    let mut intervals: BTreeMap<EdgeId, Vec<Interval>> = BTreeMap::new();
    for (at, claim) in &ordered {
        let at = *at;
        if ordered.iter().any(|other| calls_off(other, (at, *claim))) {
            continue;
        }
        match claim.assertion.polarity {
            Polarity::Holds => {
                for (edge, others) in &mut intervals {
                    if *edge != claim.edge {
                        close(others, at);
                    }
                }
                open(intervals.entry(claim.edge).or_default(), at);
            }
            Polarity::Stopped => stop(intervals.entry(claim.edge).or_default(), at),
        }
    }
    intervals
}

fn order(at: Timestamp, claim: &Claim<'_>) -> (Timestamp, Option<TurnId>, AssertionId, EdgeId) {
    let assertion = claim.assertion;
    (at, said(assertion), assertion.id, claim.edge)
}

/// Whether `word` takes back that `held` ever began, so that nothing ended for its sake: said later
/// of the same instant ("no, we did not move"), or of an announcement before its day came.
fn calls_off(word: &(Timestamp, &Claim<'_>), held: (Timestamp, &Claim<'_>)) -> bool {
    let (word_at, word) = *word;
    let (held_at, held) = held;
    let (denial, began) = (word.assertion, held.assertion);
    let dated = began.precision != Precision::Unknown;
    let announced = dated && said(began).is_some_and(|turn| turn.made_at() < held_at);
    word.edge == held.edge
        && denial.polarity == Polarity::Stopped
        && began.polarity == Polarity::Holds
        && said(began) < said(denial)
        && (word_at == held_at || (announced && word_at < held_at))
}

/// The last turn that says it: turns are ordered by the time at which they were said.
pub(super) fn said(assertion: &Assertion) -> Option<TurnId> {
    assertion.turns.iter().max().copied()
}

/// When an assertion takes effect: at its `valid_at`, unless that is only the start of a week,
/// month or year within which something that was said before holds true. "I quit last month", said
/// after practice was told of for the 20th, ends it after the 20th, not on the 1st.
fn effective_at(assertion: &Assertion, known: &[&Claim<'_>]) -> Timestamp {
    let start = assertion.valid_at;
    let end = start.plus(span_of(start, assertion.precision));
    let now = said(assertion);
    let within =
        |other: &Assertion| said(other) < now && start <= other.valid_at && other.valid_at < end;
    let latest = known
        .iter()
        .map(|claim| claim.assertion)
        .filter(|other| within(other))
        .map(|other| other.valid_at)
        .max();
    let said_at = now.map_or(end, TurnId::made_at);
    latest.map_or(start, |latest| latest.max(end.min(said_at)))
}

/// How long the time may be that a precision leaves open from `start` on.
fn span_of(start: Timestamp, precision: Precision) -> Duration {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    // A first of the month in any time zone is in that month a day and a half later, in UTC.
    let within = || calendar::day_in("UTC", start.plus(DAY * 3 / 2));
    let days = match precision {
        Precision::Day | Precision::Unknown => 0,
        Precision::Week => 7,
        Precision::Month => within().days_in_month().unsigned_abs().into(),
        Precision::Year => within().days_in_year().unsigned_abs().into(),
    };
    DAY * days
}

fn open(intervals: &mut Vec<Interval>, at: Timestamp) {
    if intervals.last().is_none_or(|last| last.until.is_some()) {
        intervals.push(Interval {
            from: at,
            until: None,
        });
    }
}

fn close(intervals: &mut [Interval], at: Timestamp) {
    if let Some(last) = intervals.last_mut().filter(|last| last.until.is_none()) {
        last.until = Some(at);
    }
}

fn stop(intervals: &mut Vec<Interval>, at: Timestamp) {
    close(intervals, at);
    if intervals.is_empty() {
        intervals.push(Interval {
            from: at,
            until: Some(at),
        });
    }
}

/// 1 - product of (1 - confidence) over what says that it held during `interval`, at most 0.99.
pub fn confidence(log: &[Assertion], interval: Interval) -> f32 {
    let mut doubts: Vec<f32> = supporting(log, interval)
        .map(|assertion| 1.0 - assertion.confidence.clamp(0.0, 1.0))
        .collect();
    // A fixed order of factors: the same set gives the same bits.
    doubts.sort_by(f32::total_cmp);
    let certainty = 1.0 - doubts.iter().product::<f32>();
    if doubts.is_empty() {
        0.0
    } else {
        certainty.min(CONFIDENCE_CAP)
    }
}

/// Mean mood over what says that it held during `interval`; newer assertions weigh more. All zero
/// if no weight was stored.
pub fn mood(log: &[Assertion], interval: Interval) -> EmotionWeights {
    let mut felt: Vec<&Assertion> = supporting(log, interval)
        .filter(|assertion| assertion.emotion.iter().any(|weight| *weight > 0.0))
        .collect();
    felt.sort_by_key(|assertion| (assertion.valid_at, assertion.id));
    let Some(newest) = felt.last().map(|assertion| assertion.valid_at) else {
        return [0.0; 7];
    };
    let (mut sums, mut total) = ([0.0_f32; 7], 0.0_f32);
    for assertion in felt {
        let weight = decay(newest, assertion.valid_at, MOOD_HALF_LIFE_DAYS);
        total += weight;
        for (sum, emotion) in sums.iter_mut().zip(assertion.emotion) {
            *sum += weight * emotion;
        }
    }
    sums.map(|sum| sum / total)
}

/// What is left of a weight of 1 between `then` and `now`, halving every `half_life_days`.
pub fn decay(now: Timestamp, then: Timestamp, half_life_days: f32) -> f32 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a weight needs no more than the 24 bits that f32 keeps"
    )]
    let age_days = now.since(then).as_millis() as f32 / MILLIS_PER_DAY;
    (-age_days / half_life_days).exp2()
}

fn supporting(log: &[Assertion], interval: Interval) -> impl Iterator<Item = &Assertion> {
    log.iter().filter(move |assertion| {
        let start = assertion.valid_at;
        let end = start.plus(span_of(start, assertion.precision));
        let began_within = start < interval.from && interval.from <= end;
        assertion.polarity == Polarity::Holds && (interval.holds_at(start) || began_within)
    })
}
