//! Consent under the real process: no connection without it, and it is on disk before it is used.

use innerworld_testkit::hostile_upstream::{HostileUpstream, Wire};
use serde_json::{Value, json};

use crate::{
    guest::{Guest, ask},
    life::provider,
    serving::Home,
    talk::{message_id, say, until},
};

/// Gives the consent for answers by the configured company, or takes it back.
async fn consent(guest: &Guest, granted: bool) {
    let catalogue = guest.get("/v1/consents").await.json();
    let entries = catalogue["consents"].as_array().unwrap();
    let chat = entries
        .iter()
        .find(|entry| entry["purpose"] == "chat_model")
        .unwrap();
    let record = json!({"purpose": "chat_model", "recipient": chat["recipients"][0],
        "text_version": chat["text_version"], "granted": granted});
    let put = ask(guest
        .request(reqwest::Method::PUT, "/v1/me/consents")
        .json(&json!({"consents": [record]})))
    .await;
    assert_eq!(put.status, 200, "{}", put.text);
}

/// Who answered.
fn origin(frames: &[Value]) -> Value {
    let start = frames.iter().find(|frame| frame["type"] == "turn.start");
    start.unwrap()["origin"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_on_disk_before_the_first_byte_leaves() {
    let upstream = HostileUpstream::start([Wire::good().closing(), Wire::good().closing()]).await;
    let home = Home::new(&provider(&upstream, ""));
    let server = home.start();
    let mut guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    consent(&guest, false).await;
    let mut socket = guest.talking().await;
    say(&mut socket, 1, "what should i paint today").await;
    let frames = until(&mut socket, "turn.end").await;
    assert_eq!(origin(&frames), "offline");
    assert_eq!(upstream.connections(), 0);

    consent(&guest, true).await;
    // It was answered: whatever happens now, it is there.
    server.kill();
    assert_eq!(upstream.connections(), 0, "a consent alone sends nothing");
    let server = home.start();
    guest.follow(&server);
    let mut socket = guest.greeted().await.0;
    say(&mut socket, 2, "and tomorrow").await;
    // Past what the new connection is shown of the turns before.
    while until(&mut socket, "accepted").await.pop().unwrap()["id"] != message_id(2) {}
    let frames = until(&mut socket, "turn.end").await;
    assert_eq!(origin(&frames), "model");
    assert_eq!(upstream.connections(), 1);
}
