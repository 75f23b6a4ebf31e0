//! The chain as a whole: consent, ledger, budget, limits, where it may connect.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::StreamExt as _;
use innerworld_core::{
    identity::consent::Purpose,
    model::{
        call::CallPurpose,
        chat_model::{ChatModel, ModelErrorKind, ModelItem, ModelPhase},
    },
    usage::UsageState,
};
use innerworld_models::{
    chain::{Chain, ChainError},
    config::{Concurrency, Dialect, Privacy},
    consent_gate::{ConsentGate, ConsentVersions},
    fallback::{Fallback, Hop, REPLY_BUDGET},
};
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Wire, scripts},
    model_calls::{self, error_of, text_of},
    scripted_model::{ScriptedModel, ScriptedReply},
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::support::{
    self, Bench, COMPANY, Consents, KEY, Ledger, OFFLINE_WORDS, PRIMARY, SECONDARY, count, items,
};

#[tokio::test]
async fn a_good_answer_goes_through_and_its_record_is_complete() {
    let bench = Bench::with([Wire::good().chunked()], |config| {
        config.model_fallback = Some(SECONDARY.to_owned());
    })
    .await;
    let found = bench.ask().await;
    assert_eq!(text_of(&found), "Hello there.");
    assert_eq!(
        count(&found, |item| matches!(item, ModelItem::Started { .. })),
        1
    );
    let request = bench.upstream.requests().remove(0);
    assert_eq!(request.line, "POST /v1/chat/completions");
    assert_eq!(
        request.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(
        request.json()["models"],
        serde_json::json!([PRIMARY, SECONDARY])
    );
    let user = request.json()["user"].as_str().unwrap().to_owned();

    let records = bench.settled().await;
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!(record.state, UsageState::Done);
    assert!(record.pseudonym.starts_with("t_") && record.pseudonym == user);
    assert_eq!(record.model_answered.as_deref(), Some("test/answering"));
    assert_eq!(record.finish.as_deref(), Some("stop"));
    assert_eq!(record.http_status, Some(200));
    assert_eq!(record.tokens.cost_nanousd, Some(1_230_000));
    assert_eq!(record.consent_version, "1");
    assert!(record.first_token_ms.is_some() && !record.cancelled);
    assert!(!format!("{record:?} {found:?}").contains(KEY));
}

#[tokio::test]
async fn without_consent_there_is_no_connection_at_all() {
    let wrong: [fn(&Consents); 5] = [
        |_none| {},
        |consents| consents.record(Purpose::ChatModel, "Another Inc.", "1", true),
        |consents| consents.record(Purpose::ChatModel, COMPANY, "0", true),
        |consents| consents.record(Purpose::ExtractionModel, COMPANY, "1", true),
        |consents| {
            consents.record(Purpose::ChatModel, COMPANY, "1", true);
            consents.record(Purpose::ChatModel, COMPANY, "1", false);
        },
    ];
    for prepare in wrong {
        let upstream = HostileUpstream::start([Wire::good().chunked()]).await;
        let consents = Arc::new(Consents::default());
        prepare(&consents);
        let ledger = Arc::new(Ledger::default());
        let offline = Arc::new(ScriptedModel::saying(OFFLINE_WORDS));
        let config = support::provider(&upstream.base_url());
        let ports = support::ports(&ledger, &consents, &offline);
        let chain = Chain::build(&[config], &ports).unwrap();
        let found = items(&*chain.model).await;
        assert_eq!(text_of(&found), OFFLINE_WORDS);
        assert_eq!(count(&found, |item| *item == ModelItem::Fallback), 0);
        assert_eq!(upstream.connections(), 0);
        assert!(ledger.records().is_empty());

        // The record makes the difference, and nothing else does.
        consents.record(Purpose::ChatModel, COMPANY, "1", true);
        assert_eq!(text_of(&items(&*chain.model).await), "Hello there.");
        assert_eq!(upstream.connections(), 1);
    }
}

#[tokio::test]
async fn consents_that_cannot_be_read_count_as_none() {
    let bench = Bench::new([Wire::good().chunked()]).await;
    bench.consents.broken.store(true, Ordering::SeqCst);
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    assert_eq!(bench.upstream.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_ends_a_call_in_flight_within_a_second() {
    let source = Arc::new(ScriptedModel::new([ScriptedReply::hanging_after("Hello ")]));
    let consents = Consents::granted();
    let versions = ConsentVersions {
        chat_model: "1".to_owned(),
        ..ConsentVersions::default()
    };
    let inner = Arc::clone(&source) as Arc<dyn ChatModel>;
    let gate = ConsentGate::new(inner, Arc::clone(&consents) as _, COMPANY, versions);
    let mut stream = gate.stream(model_calls::call(1, "hello")).await.unwrap();
    while !matches!(stream.next().await, Some(Ok(ModelItem::Text(_)))) {}
    let still_there = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
    assert!(still_there.is_err(), "a standing consent ends nothing");

    consents.record(Purpose::ChatModel, COMPANY, "1", false);
    let since = tokio::time::Instant::now();
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(since.elapsed() < Duration::from_secs(1));
    assert_eq!(error.kind, ModelErrorKind::NoConsent);
    assert_eq!(error.phase, ModelPhase::AfterFirstToken);
    assert_eq!(source.open_streams(), 0);
}

#[tokio::test]
async fn erasing_the_teen_closes_the_connection() {
    let bench = Bench::new([scripts::h11_silent_after_text()]).await;
    let call = model_calls::call(1, "hello");
    let mut stream = bench.chain.model.stream(call).await.unwrap();
    while !matches!(stream.next().await, Some(Ok(ModelItem::Text(_)))) {}
    bench.consents.fenced.store(true, Ordering::SeqCst);
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::NoConsent);
}

#[tokio::test]
async fn a_withdrawal_closes_the_connection_and_is_recorded() {
    let bench = Bench::new([scripts::h11_silent_after_text()]).await;
    let call = model_calls::call(1, "hello");
    let mut stream = bench.chain.model.stream(call).await.unwrap();
    while !matches!(stream.next().await, Some(Ok(ModelItem::Text(_)))) {}
    bench
        .consents
        .record(Purpose::ChatModel, COMPANY, "1", false);
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::NoConsent);
    let record = bench.settled().await.remove(0);
    assert!(record.cancelled);
}

#[tokio::test]
async fn the_ledger_is_written_before_the_request_leaves() {
    let bench = Bench::new([Wire::good().chunked()]).await;
    let gate = Arc::new(Semaphore::new(0));
    *bench.ledger.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let model = Arc::clone(&bench.chain.model);
    let asking = JoinSet::from_iter([async move { items(&*model).await }]);
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(
        bench.upstream.connections(),
        0,
        "the record is not durable yet"
    );
    gate.add_permits(1);
    let found = asking.join_all().await.remove(0);
    assert_eq!(text_of(&found), "Hello there.");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_lets_nothing_out() {
    let bench = Bench::new([Wire::good().chunked()]).await;
    bench.ledger.broken.store(true, Ordering::SeqCst);
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    assert_eq!(bench.upstream.connections(), 0);
}

#[tokio::test]
async fn every_hop_has_its_own_record() {
    let bench = Bench::with(
        [
            scripts::h07_status("402 Payment Required", &[], false),
            Wire::good().chunked(),
        ],
        |config| config.model_fallback = Some(SECONDARY.to_owned()),
    )
    .await;
    let found = bench.ask().await;
    assert_eq!(text_of(&found), "Hello there.");
    assert_eq!(count(&found, |item| *item == ModelItem::Fallback), 1);
    let records = bench.settled().await;
    let summary: Vec<_> = records
        .iter()
        .map(|one| {
            (
                one.model_asked.as_str(),
                one.finish.as_deref(),
                one.fallback_from.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            (PRIMARY, Some("denied"), None),
            (SECONDARY, Some("stop"), Some(PRIMARY)),
        ]
    );
}

#[tokio::test]
async fn the_next_provider_is_another_company_that_needs_its_own_consent() {
    let down = HostileUpstream::start([scripts::h13_unavailable()]).await;
    let other = HostileUpstream::start([Wire::good().chunked()]).await;
    let first = support::provider(&down.base_url());
    let mut second = support::provider(&other.base_url());
    (second.name, second.company) = ("other".to_owned(), "Other Inc.".to_owned());
    let bench = Bench::over(down, &[first, second]);
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    assert_eq!(other.connections(), 0);
    bench
        .consents
        .record(Purpose::ChatModel, "Other Inc.", "1", true);
    let found = bench.ask().await;
    assert_eq!(text_of(&found), "Hello there.");
    let company = count(
        &found,
        |item| matches!(item, ModelItem::Started { company, .. } if company == "Other Inc."),
    );
    assert_eq!(company, 1);
}

fn hop(reply: ScriptedReply) -> (Hop, Arc<ScriptedModel>) {
    let model = Arc::new(ScriptedModel::new([reply]));
    let hop = Hop {
        model: Arc::clone(&model) as Arc<dyn ChatModel>,
        name: "scripted".to_owned(),
    };
    (hop, model)
}

#[tokio::test(start_paused = true)]
async fn a_reply_begins_within_twenty_seconds_over_all_hops() {
    let slow = || ScriptedReply::text("Too late.").every(Duration::from_secs(14));
    let (one, first) = hop(ScriptedReply::failing(
        innerworld_core::model::chat_model::ModelError::early(ModelErrorKind::Timeout),
    )
    .after(Duration::from_secs(14)));
    let (two, second) = hop(slow());
    let (three, third) = hop(slow());
    let offline: Arc<dyn ChatModel> = Arc::new(ScriptedModel::saying(OFFLINE_WORDS));
    let chain = Fallback::new(vec![one, two, three], Some(offline), REPLY_BUDGET);
    let since = tokio::time::Instant::now();
    let found = items(&chain).await;
    assert_eq!(text_of(&found), OFFLINE_WORDS);
    assert_eq!(since.elapsed(), Duration::from_secs(20));
    assert_eq!(count(&found, |item| *item == ModelItem::Fallback), 2);
    assert_eq!(
        (
            first.calls().len(),
            second.calls().len(),
            third.calls().len()
        ),
        (1, 1, 0)
    );
    assert_eq!(second.open_streams(), 0, "the slow hop was let go");
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_may_take_longer_than_the_budget_once_it_has_begun() {
    let (one, _first) =
        hop(ScriptedReply::text("one two three four").every(Duration::from_secs(9)));
    let chain = Fallback::new(vec![one], None, REPLY_BUDGET);
    assert_eq!(text_of(&items(&chain).await), "one two three four");
}

#[tokio::test]
async fn only_replies_end_with_the_offline_persona() {
    let bench = Bench::new([scripts::h13_unavailable()]).await;
    bench
        .consents
        .record(Purpose::ExtractionModel, COMPANY, "", true);
    let mut call = model_calls::call(1, "hello");
    call.purpose = CallPurpose::Extraction;
    let stream = bench.chain.model.stream(call).await.unwrap();
    let found = model_calls::collect(stream).await;
    assert_eq!(error_of(&found).unwrap().kind, ModelErrorKind::Unavailable);
    assert!(bench.offline.calls().is_empty());
}

#[tokio::test]
async fn a_full_queue_is_refused_at_once() {
    let upstream = HostileUpstream::start([scripts::h11_silent_after_text()]).await;
    let mut config = support::provider(&upstream.base_url());
    config.limits.concurrency = Concurrency {
        running: 1,
        waiting: 0,
    };
    let client = support::client(&config);
    let mut first = client.stream(model_calls::call(1, "hello")).await.unwrap();
    while !matches!(first.next().await, Some(Ok(ModelItem::Text(_)))) {}
    assert_eq!(
        error_of(&items(&client).await).unwrap().kind,
        ModelErrorKind::Budget
    );
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn connections_are_used_again() {
    let bench = Bench::new([Wire::good().chunked()]).await;
    for _ in 0..5 {
        assert_eq!(text_of(&bench.ask().await), "Hello there.");
    }
    assert_eq!(bench.upstream.connections(), 1);
}

#[test]
fn a_dialect_without_privacy_flags_needs_an_agreement() {
    let ledger = Arc::new(Ledger::default());
    let offline = Arc::new(ScriptedModel::saying(""));
    let ports = support::ports(&ledger, &Consents::granted(), &offline);
    let mut config = support::provider("https://models.example/v1");
    config.dialect = Dialect::OpenAi;
    let provider = "test".to_owned();
    let refused = Chain::build(&[config.clone()], &ports).unwrap_err();
    assert_eq!(refused, ChainError::NoPrivacy { provider });
    config.privacy = Privacy::Contract("DPA 2026".to_owned());
    assert!(Chain::build(&[config.clone()], &ports).is_ok());
    config.company = " ".to_owned();
    let provider = "test".to_owned();
    assert_eq!(
        Chain::build(&[config], &ports).unwrap_err(),
        ChainError::NoCompany { provider }
    );
}

#[tokio::test]
async fn without_providers_the_offline_persona_answers() {
    let upstream = HostileUpstream::start([Wire::good().chunked()]).await;
    let bench = Bench::over(upstream, &[]);
    let found = bench.ask().await;
    assert_eq!(text_of(&found), OFFLINE_WORDS);
    assert_eq!(count(&found, |item| *item == ModelItem::Fallback), 0);
}
