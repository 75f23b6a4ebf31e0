//! H10 and H11: connections that break, stall, and lead elsewhere.

use std::time::Duration;

use innerworld_core::model::chat_model::{ModelErrorKind, ModelPhase};
use innerworld_models::config::Clocks;
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Script, Wire, scripts},
    model_calls::{error_of, text_of},
};

use crate::support::{self, Bench, OFFLINE_WORDS, ask, ask_with, items, patient_clocks};

#[tokio::test]
async fn h10_a_connection_that_breaks_mid_token_keeps_the_partial_text() {
    for (name, script) in scripts::h10_broken_after_text() {
        let found = ask(script).await;
        let error = error_of(&found).unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert_eq!(error.phase, ModelPhase::AfterFirstToken, "{name}");
        assert_eq!(text_of(&found), "Hello", "{name}");
    }
}

#[tokio::test]
async fn h10_a_connection_that_breaks_at_once_is_tried_again() {
    for (name, script) in scripts::h10_broken_at_once() {
        let bench = Bench::new([script, Wire::good().chunked()]).await;
        assert_eq!(text_of(&bench.ask().await), "Hello there.", "{name}");
        assert_eq!(bench.upstream.requests().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn h10_one_byte_at_a_time_runs_into_the_idle_clock() {
    let script = scripts::h10_one_byte_at_a_time(Duration::from_millis(25));
    let clocks = Clocks {
        idle: Duration::from_millis(200),
        ..patient_clocks()
    };
    let found = ask_with(script, clocks).await;
    let error = error_of(&found).unwrap();
    assert_eq!(error.kind, ModelErrorKind::Timeout);
    assert_eq!(text_of(&found), "Hello");
}

#[tokio::test]
async fn h10_an_interim_response_is_passed_over() {
    let found = ask(scripts::h10_continue_first()).await;
    assert_eq!(text_of(&found), "Hello there.");
}

#[tokio::test]
async fn h10_http2_streams_that_were_not_looked_at_are_tried_again() {
    // A connection that goes away is replaced; a refused stream is followed by the next one.
    for (bad, stream, connections) in [
        (scripts::h10_go_away(), 1, 2),
        (scripts::h10_refused_stream(), 3, 1),
    ] {
        let good = scripts::h10_good_http2(stream);
        let upstream = HostileUpstream::start_http2([bad, good]).await;
        let mut config = support::provider(&upstream.base_url());
        config.limits.cleartext_http2 = true;
        let bench = Bench::over(upstream, &[config]);
        let found = bench.ask().await;
        assert_eq!(text_of(&found), "Hello there.", "{found:?}");
        assert_eq!(bench.upstream.connections(), connections);
        assert_eq!(bench.settled().await[0].retries, 1);
    }
}

#[tokio::test]
async fn h11_each_phase_has_its_own_clock() {
    let soon = Duration::from_millis(150);
    for (name, script, clocks, text) in phases(soon) {
        let since = tokio::time::Instant::now();
        let found = ask_with(script, clocks).await;
        let error = error_of(&found).unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert_eq!(error.kind, ModelErrorKind::Timeout, "{name}");
        let shown = error.phase == ModelPhase::AfterFirstToken;
        assert_eq!(shown, !text.is_empty(), "{name}");
        assert!(text_of(&found).starts_with(text), "{name}");
        assert!(since.elapsed() >= soon, "{name}");
        assert!(since.elapsed() < Duration::from_secs(10), "{name}");
    }
}

/// For each clock a server that only this one ends, and what it says before.
fn phases(soon: Duration) -> [(&'static str, Script, Clocks, &'static str); 5] {
    let patient = patient_clocks();
    let nothing = scripts::h11_silent_after_headers;
    let endless = scripts::h11_endless_tokens(Duration::from_millis(10));
    let headers = Clocks {
        headers: soon,
        ..patient
    };
    let first_token = Clocks {
        first_token: soon,
        ..patient
    };
    let liveness = Clocks {
        liveness: soon,
        ..patient
    };
    let idle = Clocks {
        idle: soon,
        ..patient
    };
    let total = Clocks {
        total: soon * 3,
        ..patient
    };
    [
        ("headers", scripts::h10_silent_after_request(), headers, ""),
        ("first token", nothing(), first_token, ""),
        ("liveness", nothing(), liveness, ""),
        ("idle", scripts::h11_silent_after_text(), idle, "Hello"),
        ("total", endless, total, "la "),
    ]
}

#[tokio::test]
async fn h11_a_connect_that_never_completes_runs_into_the_connect_clock() {
    // A listener whose backlog is full answers no further SYN.
    let full = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while waiting.len() < 5_000 {
        let timeout = Duration::from_millis(50);
        match std::net::TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => waiting.push(stream),
            Err(_full) => break,
        }
    }
    let mut config = support::provider(&format!("http://{address}/v1"));
    config.limits.clocks.connect = Duration::from_millis(100);
    let found = items(&support::client(&config)).await;
    let kind = error_of(&found).unwrap().kind;
    assert_eq!(kind, ModelErrorKind::Timeout);
}

#[tokio::test]
async fn h11_a_hanging_upstream_never_delays_a_reply_beyond_its_clocks() {
    let bench = Bench::with([scripts::h11_silent_after_headers()], |config| {
        config.limits.clocks.first_token = Duration::from_millis(400);
    })
    .await;
    let since = tokio::time::Instant::now();
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    // One first-token clock for all tries of the hop together.
    assert!(since.elapsed() < Duration::from_secs(10));
}
