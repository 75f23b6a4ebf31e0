//! What strangers meet at the public listener of the real process: TLS, patience, limits, headers.

mod tls;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest as _};

use crate::{
    guest::{Guest, http},
    serving::{Home, PATIENCE, Serving},
};

/// Where a server listens.
fn address(server: &Serving) -> String {
    server.url("listen")
}

/// A connection of somebody who speaks no protocol at all.
fn stranger(server: &Serving) -> TcpStream {
    let stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads to the end, which must come.
fn closed(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("it stayed open: {error}"),
    }
    String::from_utf8_lossy(&said).into_owned()
}

async fn metric(server: &Serving, name: &str) -> Option<f64> {
    let url = format!("{}/metrics", server.url("admin_url"));
    let text = http().get(url).send().await.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_finishes_a_request_is_not_waited_for() {
    let home = Home::new("[limits]\nrequest_head_ms = 300\n");
    let server = home.start();
    let mut silent = stranger(&server);
    let mut slow = stranger(&server);
    slow.write_all(b"GET /v1/personas HTTP/1.1\r\nHost: a\r\nX-")
        .unwrap();
    tokio::task::spawn_blocking(move || {
        closed(&mut silent);
        closed(&mut slow);
    })
    .await
    .unwrap();
    let alive = http().get(format!("{}/healthz", server.url("http_url")));
    assert_eq!(alive.send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_holds_so_many_connections_and_no_more() {
    let home = Home::new("[limits]\nconnections_per_address = 4\n");
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    // An upgraded connection still takes its place.
    let _socket = guest.talking().await;
    let mut held = Vec::new();
    loop {
        let mut stream = stranger(&server);
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        let mut first = [0; 12];
        match stream.read(&mut first) {
            Ok(12) => held.push(stream),
            _turned_away => break,
        }
        assert!(held.len() < 4, "the socket takes a place as well");
    }
    let refused = "innerworld_connections_refused_total{kind=\"address\"}";
    assert!(metric(&server, refused).await.unwrap() >= 1.0);
    // Room again for whoever comes once somebody left.
    drop(held);
    let url = format!("{}/healthz", server.url("http_url"));
    let deadline = Instant::now() + PATIENCE;
    while !http()
        .get(&url)
        .send()
        .await
        .is_ok_and(|got| got.status() == 200)
    {
        assert!(Instant::now() < deadline, "no room was made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_often_waits_and_still_finds_help() {
    let home = Home::new(
        "[limits]\nrequests_per_address_min = 20\n[http]\ntrusted_proxies = [\"127.0.0.0/8\"]\n",
    );
    let server = home.start();
    let base = server.url("http_url");
    let get = async |path: &str, caller: &str| {
        let request = http().get(format!("{base}{path}"));
        request
            .header("x-forwarded-for", caller)
            .send()
            .await
            .unwrap()
    };
    for _ in 0..20 {
        assert_eq!(get("/v1/personas", "192.0.2.1").await.status(), 200);
    }
    let refused = get("/v1/personas", "192.0.2.1").await;
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limited");
    // What a client writes before its own address does not make it another one.
    let disguised = get("/v1/personas", "198.51.100.7, 192.0.2.1").await;
    assert_eq!(disguised.status(), 429);
    // An SDK reads its own words.
    let call = http()
        .post(&base)
        .header("x-forwarded-for", "192.0.2.1")
        .header(
            "x-amz-target",
            "AWSCognitoIdentityProviderService.InitiateAuth",
        );
    let answer = call.body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["__type"], "TooManyRequestsException");
    for path in [
        "/v1/safety/resources?country=US",
        "/v1/safety/protocol",
        "/healthz",
    ] {
        assert_eq!(get(path, "192.0.2.1").await.status(), 200, "{path}");
    }
    assert_eq!(
        get("/v1/personas", "192.0.2.2").await.status(),
        200,
        "a neighbour"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_trusted_proxy_nobody_says_who_they_are() {
    let home = Home::new("[limits]\nrequests_per_address_min = 5\n");
    let server = home.start();
    let url = format!("{}/v1/personas", server.url("http_url"));
    let mut statuses = Vec::new();
    for number in 1..=6 {
        let request = http()
            .get(&url)
            .header("x-forwarded-for", format!("192.0.2.{number}"));
        statuses.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
}

/// Headers that tell a browser what it may do.
fn doors(headers: &HeaderMap) -> String {
    let names = [
        "cache-control",
        "content-security-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "referrer-policy",
        "server",
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
    ];
    let line = |name: &&str| {
        let value = headers.get(*name)?;
        Some(format!("{name}: {}", value.to_str().unwrap()))
    };
    names.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_closes_the_doors_of_a_browser() {
    let home = Home::new("[auth]\npublic_url = \"https://chat.example.org\"\n");
    let server = home.start();
    let base = format!("http://{}", address(&server));
    let admin = server.url("admin_url");
    let mut seen = Vec::new();
    for url in [
        format!("{base}/nothing/here"),
        format!("{base}/health"),
        format!("{base}/v1/personas"),
        format!("{base}/v1/me"),
        format!("{base}/v1/ws"),
        format!("{base}/oauth2/authorize"),
        format!("{admin}/metrics"),
        format!("{admin}/admin/v1/drain"),
    ] {
        let got = http().get(&url).send().await.unwrap();
        seen.push((url, doors(got.headers())));
    }
    insta::assert_snapshot!("doors_public", seen[0].1);
    for (url, doors) in &seen[..6] {
        let fresh = |text: &str| text.lines().skip(1).collect::<Vec<_>>().join("\n");
        assert_eq!(fresh(doors), fresh(&seen[0].1), "{url}");
    }
    for (url, doors) in &seen[6..] {
        assert!(doors.contains("default-src 'none'"), "{url}: {doors}");
        assert!(!doors.contains("strict-transport"), "{url}: {doors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_this_server_may_open_a_socket_and_others_may_not() {
    let home = Home::new("[http]\nallowed_origins = [\"https://app.example.org\"]\n");
    let server = home.start();
    let guest = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let port = address(&server).split(':').next_back().unwrap().to_owned();
    let open = async |origin: &str| {
        let mut request = server.url("ws_url").into_client_request().unwrap();
        let headers = request.headers_mut();
        let bearer = format!("Bearer {}", guest.access);
        headers.insert("authorization", bearer.parse().unwrap());
        headers.insert("sec-websocket-protocol", "innerworld.v1".parse().unwrap());
        headers.insert("origin", origin.parse().unwrap());
        match tokio_tungstenite::connect_async(request).await {
            Ok(_) => 101,
            Err(tungstenite::Error::Http(refused)) => refused.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    for origin in ["127.0.0.1", "localhost", "[::1]"] {
        assert_eq!(
            open(&format!("http://{origin}:{port}")).await,
            101,
            "{origin}"
        );
    }
    assert_eq!(open("https://app.example.org").await, 101);
    for origin in [
        format!("https://localhost:{port}"),
        "http://localhost:1".to_owned(),
        format!("http://rebound.example.org:{port}"),
        "null".to_owned(),
    ] {
        assert_eq!(open(&origin).await, 403, "{origin}");
    }
}
