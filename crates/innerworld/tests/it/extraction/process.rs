//! The real process with a provider on this machine.

use std::time::Duration;

use innerworld_testkit::hostile_upstream::{HostileUpstream, Script, Wire, scripts};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    guest::{Guest, ask, http},
    life,
    serving::{Home, PATIENCE, Serving},
    talk::{say, until},
    world::send,
};

const SAID: &str = "maya says the plan since forever is being a vet, she is my best friend";

/// A provider that reads ended sessions; nobody takes a second look at messages.
fn provider(upstream: &HostileUpstream, rest: &str) -> String {
    let rest = format!("[safety.model]\nenabled = false\n{rest}");
    life::provider(upstream, &rest)
}

/// What a model makes of it: a goal that the local rules do not see.
fn answer() -> Script {
    let answer = json!({"nodes": [{"t":"n1","kind":"Goal","name":"being a vet","aliases":[],
        "existing_id":null,"lines":["L1"],"quote":"the plan since forever is being a vet"}],
        "edges": [], "emotions": []});
    Wire::saying(&[&answer.to_string()]).chunked()
}

/// Talks once and ends the session.
async fn talk(guest: &Guest) {
    let mut socket = guest.talking().await;
    say(&mut socket, 1, SAID).await;
    until(&mut socket, "turn.end").await;
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
}

/// Waits until memory holds `name`.
async fn remembers(guest: &Guest, name: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let nodes = guest.get("/v1/me/memory?view=nodes").await.text;
        if nodes.contains(name) {
            return;
        }
        assert!(Instant::now() < deadline, "not remembered: {nodes}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a metric has a line that begins like this.
async fn counts(server: &Serving, line: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let metrics = http().get(format!("{}/metrics", server.url("admin_url")));
        let text = ask(metrics).await.text;
        if text.contains(line) {
            return;
        }
        assert!(Instant::now() < deadline, "{line} is not in {text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The requests that asked for JSON.
fn extractions(upstream: &HostileUpstream) -> Vec<Value> {
    let bodies = upstream
        .requests()
        .into_iter()
        .map(|request| request.json());
    bodies
        .filter(|body| body.get("response_format").is_some())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_read_by_the_model_and_charged() {
    let upstream = HostileUpstream::start([Wire::good().chunked(), answer()]).await;
    let rest = "[extraction]\nmodel = \"test/small\"\n";
    let home = Home::new(&provider(&upstream, rest));
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    talk(&guest).await;
    remembers(&guest, "being a vet").await;
    let asked = extractions(&upstream);
    assert_eq!(asked.len(), 1, "one call for a session");
    assert_eq!(asked[0]["model"], "test/small");
    let prompt = asked[0]["messages"].to_string();
    assert!(
        prompt.contains("best friend") && !prompt.contains("Robin"),
        "no name of the teen"
    );
    counts(
        &server,
        "innerworld_extraction_sessions_total{kind=\"model\"} 1",
    )
    .await;
    counts(
        &server,
        "innerworld_extraction_calls_total{kind=\"call\"} 1",
    )
    .await;
    counts(&server, "innerworld_jobs_waiting 0").await;
    let said = String::from_utf8(server.output()).unwrap();
    assert!(!said.contains("vet"), "no word of it in the logs");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_no_byte_leaves() {
    let upstream = HostileUpstream::start([answer()]).await;
    let home = Home::new(&provider(&upstream, ""));
    home.secret("model.key", "your-key");
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    talk(&guest).await;
    counts(&server, "innerworld_jobs_waiting 0").await;
    assert_eq!(upstream.connections(), 0);
    let offered = guest.get("/v1/consents").await.json();
    let mut entries = offered["consents"].as_array().unwrap().iter();
    let extraction = entries
        .find(|entry| entry["purpose"] == "extraction_model")
        .unwrap();
    assert_eq!(
        extraction["recipients"],
        json!([]),
        "nobody would receive anything"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_consent_that_names_the_provider_no_session_leaves() {
    let upstream = HostileUpstream::start([Wire::good().chunked(), answer()]).await;
    let home = Home::new(&provider(&upstream, ""));
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let no = json!({"consents": [{"purpose": "extraction_model", "recipient": "Local Models",
        "text_version": "2", "granted": false}]});
    let put = guest
        .request(reqwest::Method::PUT, "/v1/me/consents")
        .json(&no);
    assert_eq!(ask(put).await.status, 200);
    talk(&guest).await;
    counts(&server, "innerworld_jobs_waiting 0").await;
    assert_eq!(
        upstream.requests().len(),
        1,
        "the chat itself has its consent"
    );
    assert!(extractions(&upstream).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_it_asks_nobody() {
    let upstream = HostileUpstream::start([Wire::good().chunked(), answer()]).await;
    let home = Home::new(&provider(&upstream, "[extraction]\nenabled = false\n"));
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    talk(&guest).await;
    counts(&server, "innerworld_jobs_waiting 0").await;
    assert!(extractions(&upstream).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_leaves_the_local_reading_and_a_waiting_job() {
    let upstream =
        HostileUpstream::start([Wire::good().chunked(), scripts::h13_unavailable()]).await;
    let home = Home::new(&provider(&upstream, ""));
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    talk(&guest).await;
    remembers(&guest, "aya").await;
    counts(
        &server,
        "innerworld_extraction_sessions_total{kind=\"unavailable\"} 1",
    )
    .await;
    counts(&server, "innerworld_jobs_waiting 1").await;
    let sessions = guest.get("/v1/sessions").await.json();
    assert_eq!(sessions["items"][0]["state"], "remembered");
    assert!(extractions(&upstream).len() <= 5, "tries do not multiply");
}
