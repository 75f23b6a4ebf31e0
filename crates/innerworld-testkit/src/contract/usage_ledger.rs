//! Suite of [`UsageLedger`].

use std::sync::Arc;

use innerworld_core::{
    model::call::CallPurpose,
    usage::{UsageLedger, UsageRecord, UsageState},
};

use super::suite;
use crate::records::{Records, at};

/// The port under test.
pub type Port = Arc<dyn UsageLedger>;

suite!($ usage_ledger_contract, usage_ledger, Port, [
    a_started_call_is_listed,
    a_finished_call_replaces_its_start,
    hops_of_one_call_are_apart,
    calls_are_listed_oldest_first,
    calls_are_each_teens_own,
    calls_of_a_purpose_are_counted_from_an_instant_on,
]);

fn done(started: &UsageRecord) -> UsageRecord {
    let mut record = started.clone();
    record.state = UsageState::Done;
    record.model_answered = Some("small-1-0924".to_owned());
    record.tokens.input = 1_200;
    record.tokens.output = 80;
    record.duration_ms = Some(900);
    record.finish = Some("stop".to_owned());
    record
}

/// It is there, whole, before a request leaves.
pub async fn a_started_call_is_listed(ledger: &Port) {
    let records = Records::named("a_started_call_is_listed");
    let teen = records.teen();
    assert_eq!(ledger.list(teen).await.unwrap(), []);
    let record = records.usage("one", at(0));
    ledger.started(teen, &record).await.unwrap();
    assert_eq!(ledger.list(teen).await.unwrap(), [record]);
}

/// One record per call and hop, however often it is written.
pub async fn a_finished_call_replaces_its_start(ledger: &Port) {
    let records = Records::named("a_finished_call_replaces_its_start");
    let teen = records.teen();
    let record = records.usage("one", at(0));
    ledger.started(teen, &record).await.unwrap();
    let record = done(&record);
    for _ in 0..2 {
        ledger.finished(teen, &record).await.unwrap();
        let listed = ledger.list(teen).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&record));
    }
}

/// A fallback is a record of its own, under the same call.
pub async fn hops_of_one_call_are_apart(ledger: &Port) {
    let records = Records::named("hops_of_one_call_are_apart");
    let teen = records.teen();
    let first = records.usage("one", at(0));
    let mut second = records.usage("two", at(1));
    second.call = first.call;
    ledger.started(teen, &first).await.unwrap();
    ledger.started(teen, &second).await.unwrap();
    let second = done(&second);
    ledger.finished(teen, &second).await.unwrap();
    assert_eq!(ledger.list(teen).await.unwrap(), [first, second]);
}

/// The order is the order of starts, also after an early call ended late.
pub async fn calls_are_listed_oldest_first(ledger: &Port) {
    let records = Records::named("calls_are_listed_oldest_first");
    let teen = records.teen();
    let mut expected: Vec<_> = (0..5).map(|n| records.usage("one", at(n))).collect();
    for record in &expected {
        ledger.started(teen, record).await.unwrap();
    }
    if let Some(first) = expected.first_mut() {
        *first = done(first);
        ledger.finished(teen, first).await.unwrap();
    }
    assert_eq!(ledger.list(teen).await.unwrap(), expected);
}

/// One teen's calls are not another's.
pub async fn calls_are_each_teens_own(ledger: &Port) {
    let records = Records::named("calls_are_each_teens_own");
    let (teen, other) = (records.teen(), records.teen());
    let record = records.usage("one", at(0));
    ledger.started(teen, &record).await.unwrap();
    assert_eq!(ledger.list(other).await.unwrap(), []);
    let theirs = records.usage("one", at(1));
    ledger.started(other, &theirs).await.unwrap();
    assert_eq!(ledger.list(teen).await.unwrap(), [record]);
    assert_eq!(ledger.list(other).await.unwrap(), [theirs]);
}

/// However a call went, it counts once, with all its hops; other purposes, teens and times do not.
pub async fn calls_of_a_purpose_are_counted_from_an_instant_on(ledger: &Port) {
    let records = Records::named("calls_of_a_purpose_are_counted_from_an_instant_on");
    let (teen, other) = (records.teen(), records.teen());
    let of = |purpose, second| UsageRecord {
        purpose,
        ..records.usage("one", at(second))
    };
    let early = of(CallPurpose::Safety, 0);
    let first = of(CallPurpose::Safety, 10);
    let hop = UsageRecord {
        call: first.call,
        ..records.usage("two", at(11))
    };
    let hop = UsageRecord {
        purpose: CallPurpose::Safety,
        ..hop
    };
    let second = of(CallPurpose::Safety, 12);
    let reply = of(CallPurpose::Reply, 13);
    for record in [&early, &first, &hop, &second, &reply] {
        ledger.started(teen, record).await.unwrap();
    }
    ledger.finished(teen, &done(&second)).await.unwrap();
    let theirs = of(CallPurpose::Safety, 14);
    ledger.started(other, &theirs).await.unwrap();
    let calls = ledger.calls(teen, CallPurpose::Safety, at(10));
    assert_eq!(calls.await.unwrap(), 2);
    let calls = ledger.calls(teen, CallPurpose::Safety, at(13));
    assert_eq!(calls.await.unwrap(), 0);
}
