//! H7 to H9, H16 and H19: errors, in every place where providers write them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use innerworld_core::{
    error::PortError,
    model::chat_model::{ModelErrorKind, ModelItem, ModelPhase},
    secret::Secret,
};
use innerworld_models::key::KeySource;
use innerworld_testkit::{
    hostile_upstream::{
        Wire,
        scripts::{self, QUOTED},
    },
    model_calls::{error_of, text_of},
};

use crate::support::{Bench, Items, OFFLINE_WORDS, PRIMARY, SECONDARY, ask, count};

fn retries(items: &Items) -> usize {
    count(items, |item| *item == ModelItem::Retrying)
}

#[tokio::test]
async fn h07_statuses_are_tried_again_or_not_as_the_table_says() {
    // Status, headers, requests in all.
    let cases: [(&str, &[&str], usize); 13] = [
        ("400 Bad Request", &[], 1),
        ("401 Unauthorized", &[], 2),
        ("402 Payment Required", &[], 1),
        ("402 Payment Required", &["retry-after: 0"], 3),
        ("404 Not Found", &[], 1),
        ("408 Request Timeout", &[], 3),
        ("413 Too Large", &[], 2),
        ("429 Too Many Requests", &[], 3),
        ("429 Too Many Requests", &["retry-after: 6"], 1),
        (
            "429 Too Many Requests",
            &["retry-after: Sun, 30 Nov 2036 10:00:00 GMT"],
            1,
        ),
        ("500 Internal Server Error", &[], 3),
        ("502 Bad Gateway", &[], 3),
        ("529 Overloaded", &[], 3),
    ];
    for (status, headers, requests) in cases {
        for html in [false, true] {
            let bench = Bench::new([scripts::h07_status(status, headers, html)]).await;
            let items = bench.ask().await;
            assert_eq!(text_of(&items), OFFLINE_WORDS, "{status}");
            assert_eq!(
                bench.upstream.requests().len(),
                requests,
                "{status} {headers:?}"
            );
            let record = bench.settled().await.remove(0);
            let code = status.split(' ').next().unwrap().parse().ok();
            assert_eq!(record.http_status, code, "{status}");
            assert_eq!(usize::from(record.retries), retries(&items), "{status}");
            assert!(!format!("{items:?} {record:?}").contains(QUOTED));
        }
    }
}

#[tokio::test]
async fn h07_a_short_retry_after_is_obeyed() {
    let busy = scripts::h07_status("429 Too Many Requests", &["retry-after: 1"], false);
    let bench = Bench::new([busy, Wire::good().chunked()]).await;
    let since = tokio::time::Instant::now();
    let items = bench.ask().await;
    assert_eq!(text_of(&items), "Hello there.");
    assert!(since.elapsed() >= std::time::Duration::from_secs(1));
}

#[tokio::test]
async fn h07_a_refused_text_is_not_sent_to_another_model() {
    let refused = scripts::h07_status("403 Forbidden", &[], false);
    let bench = Bench::with([refused], |config| {
        config.model_fallback = Some(SECONDARY.to_owned());
    })
    .await;
    let items = bench.ask().await;
    let error = error_of(&items).unwrap();
    assert_eq!(error.kind, ModelErrorKind::Refused);
    assert!(!format!("{error:?} {error}").contains(QUOTED));
    assert_eq!(bench.upstream.requests().len(), 1);
    assert!(bench.offline.calls().is_empty());
}

/// A key that was rotated since it was read.
#[derive(Debug, Default)]
struct Rotated(AtomicUsize);

#[async_trait]
impl KeySource for Rotated {
    async fn key(&self) -> Result<Arc<Secret>, PortError> {
        Ok(Arc::new(Secret::new("old".to_owned())))
    }

    async fn reread(&self) -> Result<Arc<Secret>, PortError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Arc::new(Secret::new("new".to_owned())))
    }
}

#[tokio::test]
async fn h07_a_refused_key_is_read_again_once() {
    let key = Arc::new(Rotated::default());
    let refused = scripts::h07_status("401 Unauthorized", &[], false);
    let bench = Bench::with([refused, Wire::good().chunked()], |config| {
        config.key = Arc::clone(&key) as Arc<dyn KeySource>;
    })
    .await;
    assert_eq!(text_of(&bench.ask().await), "Hello there.");
    assert_eq!(key.0.load(Ordering::SeqCst), 1);
    let keys: Vec<_> = bench
        .upstream
        .requests()
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    assert_eq!(keys, ["Bearer old", "Bearer new"]);
}

#[tokio::test]
async fn h07_a_prompt_that_is_too_long_is_shortened_twice_and_then_given_up() {
    let message = "This model's maximum context length is 8192 tokens";
    let bench = Bench::new([scripts::h07_message("400 Bad Request", message)]).await;
    let mut call = innerworld_testkit::model_calls::call(1, "hello");
    call.prompt.recalled = Some(innerworld_testkit::model_calls::remote(
        "<m>\na\nb\nc\n</m>",
    ));
    call.prompt.history = (0..4)
        .map(|n| innerworld_testkit::model_calls::history_turn(&format!("u{n}"), &format!("a{n}")))
        .collect();
    let stream = bench.chain.model.stream(call).await.unwrap();
    let items = innerworld_testkit::model_calls::collect(stream).await;
    assert_eq!(text_of(&items), OFFLINE_WORDS);
    let bodies: Vec<String> = bench
        .upstream
        .requests()
        .iter()
        .map(|request| String::from_utf8(request.body.clone()).unwrap())
        .collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies[0].contains("<m>\\na\\nb\\nc\\n</m>"));
    assert!(bodies[1].contains("<m>\\na\\n</m>") && bodies[1].contains("\"u0\""));
    assert!(bodies[2].contains("<m>\\na\\n</m>") && !bodies[2].contains("\"u0\""));
    assert!(bodies[2].contains("\"u3\""));
}

#[tokio::test]
async fn h08_an_error_dressed_as_success_is_an_error() {
    for kind in ["application/json", "text/event-stream", "text/html"] {
        let items = ask(scripts::h08_error_as_success(kind)).await;
        let error = error_of(&items).unwrap();
        assert_eq!(error.kind, ModelErrorKind::Unavailable, "{kind}");
        assert_eq!(error.provider_status, Some(502), "{kind}");
        assert!(!format!("{items:?}").contains(QUOTED));
    }
}

#[tokio::test]
async fn h09_an_error_inside_the_stream_before_text_means_the_next_model() {
    for (name, event) in scripts::h09_error_events() {
        let bench = Bench::new([Wire::new().data(event).closing()]).await;
        let items = bench.ask().await;
        assert_eq!(text_of(&items), OFFLINE_WORDS, "{name}: {items:?}");
        assert_eq!(
            count(&items, |item| *item == ModelItem::Fallback),
            1,
            "{name}"
        );
        assert!(!format!("{items:?} {:?}", bench.settled().await).contains(QUOTED));
    }
}

#[tokio::test]
async fn h09_an_error_inside_the_stream_after_text_ends_the_turn_with_an_error() {
    for (name, event) in scripts::h09_error_events() {
        let script = Wire::new()
            .token("Hello")
            .data(event)
            .token(" Not this.")
            .closing();
        let bench = Bench::new([script]).await;
        let items = bench.ask().await;
        assert_eq!(text_of(&items), "Hello", "{name}");
        let error = error_of(&items).unwrap_or_else(|| panic!("{name}: {items:?}"));
        assert_eq!(error.phase, ModelPhase::AfterFirstToken, "{name}");
        assert_eq!(bench.upstream.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn h16_without_a_private_endpoint_the_flags_stay_and_the_next_model_is_asked() {
    for status in ["404 Not Found", "503 Service Unavailable"] {
        let none = scripts::h16_no_private_endpoint(status);
        let bench = Bench::with([none, Wire::good().chunked()], |config| {
            config.model_fallback = Some(SECONDARY.to_owned());
        })
        .await;
        assert_eq!(text_of(&bench.ask().await), "Hello there.");
        let requests = bench.upstream.requests();
        let models: Vec<_> = requests
            .iter()
            .map(|one| one.json()["model"].clone())
            .collect();
        assert_eq!(models, [PRIMARY, SECONDARY]);
        for request in requests {
            let flags = serde_json::json!(
                {"data_collection": "deny", "zdr": true, "require_parameters": true}
            );
            assert_eq!(request.json()["provider"], flags);
        }
        let records = bench.settled().await;
        assert_eq!(records[0].finish.as_deref(), Some("privacy_unavailable"));
        assert_eq!(records[1].fallback_from.as_deref(), Some(PRIMARY));
        assert!(records[1].flags.contains("zdr"));
    }
}

#[tokio::test]
async fn h16_when_no_model_is_private_the_offline_persona_answers() {
    let bench = Bench::new([scripts::h16_no_private_endpoint("404 Not Found")]).await;
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    assert_eq!(bench.upstream.requests().len(), 1);
}

#[tokio::test]
async fn h19_an_unknown_model_is_left_alone_for_ten_minutes() {
    for (name, script) in scripts::h19_unknown_model() {
        let bench = Bench::with([script, Wire::good().chunked()], |config| {
            config.model_fallback = Some(SECONDARY.to_owned());
        })
        .await;
        for _ in 0..3 {
            assert_eq!(text_of(&bench.ask().await), "Hello there.", "{name}");
        }
        let asked: Vec<_> = bench
            .upstream
            .requests()
            .iter()
            .map(|one| one.json()["model"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(asked, [PRIMARY, SECONDARY, SECONDARY, SECONDARY], "{name}");
        let records = bench.settled().await;
        assert_eq!(
            records[0].finish.as_deref(),
            Some("unknown_model"),
            "{name}"
        );
    }
}
