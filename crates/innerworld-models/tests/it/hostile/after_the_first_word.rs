//! H12 to H14: what happens once something was shown, to a server that flaps, and to one that we
//! leave.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use innerworld_core::model::chat_model::{ChatModel, ModelErrorKind, ModelItem, ModelPhase};
use innerworld_models::{
    breaker::{Breaker, Circuit},
    config::BreakerLimits,
};
use innerworld_testkit::{
    hostile_upstream::{Wire, scripts},
    model_calls::{self, error_of, text_of},
    scripted_model::{ScriptedModel, ScriptedReply},
};

use crate::support::{Bench, OFFLINE_WORDS, SECONDARY, count, items};

#[tokio::test]
async fn h12_after_the_first_word_nothing_is_tried_again() {
    let bench = Bench::with([scripts::h12_fails_after_text()], |config| {
        config.model_fallback = Some(SECONDARY.to_owned());
    })
    .await;
    let found = bench.ask().await;
    assert_eq!(text_of(&found), "Hello");
    assert_eq!(error_of(&found).unwrap().phase, ModelPhase::AfterFirstToken);
    assert_eq!(
        count(&found, |item| matches!(
            item,
            ModelItem::Retrying | ModelItem::Fallback
        )),
        0
    );
    assert_eq!(bench.upstream.requests().len(), 1);
    assert!(bench.offline.calls().is_empty());
}

#[tokio::test]
async fn h13_a_server_that_is_down_is_left_alone_and_the_tries_do_not_multiply() {
    let bench = Bench::with([scripts::h13_unavailable()], |config| {
        config.model_fallback = Some(SECONDARY.to_owned());
    })
    .await;
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    // Three times the first model, twice the second.
    assert_eq!(bench.upstream.requests().len(), 5);
    let mut requests = 0;
    for _ in 0..12 {
        assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
        requests = bench.upstream.requests().len();
    }
    assert!(bench.chain.circuits.iter().all(|circuit| circuit.is_open()));
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    assert_eq!(
        bench.upstream.requests().len(),
        requests,
        "no request while open"
    );
    // The bucket allows 20 retries and one more for ten calls, whatever each call may do.
    let first_tries = bench
        .settled()
        .await
        .iter()
        .filter(|one| one.http_status.is_some())
        .count();
    assert!(
        requests - first_tries <= 22,
        "{requests} requests, {first_tries} first tries"
    );
}

#[tokio::test]
async fn h13_a_flapping_server_is_used_while_most_calls_succeed() {
    let flaps = (0..12).map(|n| match n % 3 {
        0 => scripts::h13_unavailable(),
        _ => Wire::good().chunked(),
    });
    let bench = Bench::new(flaps).await;
    for _ in 0..8 {
        assert_eq!(text_of(&bench.ask().await), "Hello there.");
    }
    assert!(
        bench
            .chain
            .circuits
            .iter()
            .all(|circuit| !circuit.is_open())
    );
}

#[tokio::test(start_paused = true)]
async fn h13_the_upgrade_back_to_the_model_is_live() {
    let failing = (0..5).map(|_| ScriptedReply::refusing(ModelErrorKind::Unavailable));
    let source = Arc::new(ScriptedModel::new(
        failing.chain([ScriptedReply::text("Back again.")]),
    ));
    let circuit = Arc::new(Circuit::new("test", BreakerLimits::default()));
    let model = Breaker::new(Arc::clone(&source) as Arc<dyn ChatModel>, circuit);
    for _ in 0..9 {
        assert!(error_of(&items(&model).await).is_some());
    }
    assert_eq!(source.calls().len(), 5, "four calls did not leave");
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(text_of(&items(&model).await), "Back again.");
    assert_eq!(text_of(&items(&model).await), "Back again.");
}

#[tokio::test]
async fn h14_a_cancelled_call_drops_the_connection_and_keeps_the_generation() {
    let bench = Bench::new([scripts::h11_silent_after_text()]).await;
    let call = model_calls::call(1, "hello");
    let mut stream = bench.chain.model.stream(call).await.unwrap();
    while !matches!(stream.next().await, Some(Ok(ModelItem::Text(_)))) {}
    assert_eq!(bench.upstream.open(), 1);
    drop(stream);
    let dropped = async {
        while bench.upstream.open() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), dropped)
        .await
        .unwrap();
    let record = bench.settled().await.remove(0);
    assert!(record.cancelled);
    assert_eq!(record.generation.as_deref(), Some("gen-1"));
    assert_eq!(record.finish.as_deref(), Some("cancelled"));
    assert!(record.tokens.estimated && record.tokens.output > 0);
}

#[tokio::test]
async fn h14_a_call_cancelled_before_its_first_word_keeps_the_generation_too() {
    let mut script = Wire::new().token("").open();
    script.push(innerworld_testkit::hostile_upstream::Act::Hang);
    let bench = Bench::new([script]).await;
    let call = model_calls::call(1, "hello");
    let mut stream = bench.chain.model.stream(call).await.unwrap();
    assert_eq!(stream.next().await, Some(Ok(ModelItem::Alive)));
    drop(stream);
    let record = bench.settled().await.remove(0);
    assert!(record.cancelled);
    assert_eq!(record.generation.as_deref(), Some("gen-1"));
    assert_eq!(record.tokens.output, 0);
}
