//! TLS at the public listener: who is believed, what is refused, and a certificate that is renewed.

use std::{io::Write as _, path::Path, time::Duration};

use base64::Engine as _;
use rcgen::{CertificateParams, KeyPair};
use reqwest::Client;

use super::{closed, metric, stranger};
use crate::{
    chat::run,
    innerworld,
    serving::{Home, Serving},
    stderr, stdout,
};

const CONFIG: &str = "[http]\ntls_certificate_file = \"chain.pem\"\ntls_key_file = \"key.pem\"\n";

/// A certificate for this machine, and its key.
struct Issued {
    der: Vec<u8>,
    chain: String,
    key: String,
}

impl Issued {
    fn until(year: i32) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self {
            chain: pem("CERTIFICATE", &der),
            key: pem("PRIVATE KEY", &key.serialize_der()),
            der,
        }
    }

    fn write(&self, home: &Home) {
        home.secret("chain.pem", &self.chain);
        home.secret("key.pem", &self.key);
    }

    /// Somebody who believes this certificate and no other.
    fn believer(&self) -> Client {
        let root = reqwest::Certificate::from_der(&self.der).unwrap();
        Client::builder()
            .tls_certs_only([root])
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = encoded
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    let body = lines.join("\n");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn served(home: &Home) -> (Issued, Serving) {
    let issued = Issued::until(2100);
    issued.write(home);
    (issued, home.start())
}

async fn alive(client: &Client, server: &Serving) -> bool {
    let url = format!("{}/healthz", server.url("http_url"));
    client
        .get(url)
        .send()
        .await
        .is_ok_and(|got| got.status() == 200)
}

/// `chat` against a server, believing the certificate in `roots`.
fn chat(home: &Path, url: &str, roots: &Path, input: &str) -> std::process::Output {
    let mut command = innerworld(home);
    command
        .args(["chat", "--url", url])
        .env("SSL_CERT_FILE", roots);
    run(&mut command, input)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_talks_over_tls() {
    let home = Home::new(CONFIG);
    let (_issued, server) = served(&home);
    let url = server.url("http_url");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    assert!(server.url("ws_url").starts_with("wss://127.0.0.1:"));
    let input = "up\nkim@example.org\nfour words are better\n\nKim\n2010-05-04\nus\n\nyes\nfull\nyes\nyes\n\
        courage\nI froze again today\n/end\n";
    let teen = tempfile::tempdir().unwrap();
    let roots = home.path().join("chain.pem");
    let said = tokio::task::spawn_blocking(move || {
        let trusting = chat(teen.path(), &url, &roots, input);
        let stranger = tempfile::tempdir().unwrap();
        let nobody = stranger.path().join("none.pem");
        std::fs::write(&nobody, "").unwrap();
        (trusting, chat(stranger.path(), &url, &nobody, input))
    })
    .await
    .unwrap();
    let (trusting, doubting) = said;
    assert!(
        trusting.status.success(),
        "{}{}",
        stdout(&trusting),
        stderr(&trusting)
    );
    assert!(
        stdout(&trusting).contains("Courage: "),
        "{}",
        stdout(&trusting)
    );
    assert!(!doubting.status.success(), "{}", stdout(&doubting));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_takes_over_and_a_broken_one_does_not() {
    let home = Home::new(CONFIG);
    let (first, server) = served(&home);
    let (old, second) = (first.believer(), Issued::until(2090));
    assert!(alive(&old, &server).await);
    let end = "innerworld_tls_certificate_end_timestamp_seconds";
    let before = metric(&server, end).await.unwrap();

    second.write(&home);
    server.hang_up();
    server.says("the certificate was read anew").await;
    assert!(alive(&second.believer(), &server).await);
    assert!(alive(&old, &server).await, "an open connection goes on");
    assert!(
        !alive(&first.believer(), &server).await,
        "a new one gets the new certificate"
    );
    assert!(metric(&server, end).await.unwrap() < before);

    // Half of a renewal: the new chain beside the key of before.
    home.secret("chain.pem", &first.chain);
    server.hang_up();
    server.says("does not belong to the certificate").await;
    assert!(alive(&second.believer(), &server).await);
    home.secret("chain.pem", "nothing of the kind");
    server.hang_up();
    server.says("holds no certificate").await;
    assert!(alive(&second.believer(), &server).await);
    assert_eq!(
        metric(&server, "innerworld_tls_reload_failures_total").await,
        Some(2.0)
    );
    // Nothing of a key is ever said.
    let inner = second.key.lines().nth(1).unwrap();
    assert!(!server.said().contains(inner));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_no_tls_is_turned_away_and_nobody_waits_for_a_handshake() {
    let home = Home::new(&format!("{CONFIG}[limits]\nrequest_head_ms = 300\n"));
    let (issued, server) = served(&home);
    let mut plain = stranger(&server);
    plain
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut silent = stranger(&server);
    let said = tokio::task::spawn_blocking(move || {
        closed(&mut silent);
        closed(&mut plain)
    })
    .await
    .unwrap();
    assert!(!said.contains("HTTP/1.1 200"), "{said}");
    let refused = "innerworld_connections_refused_total{kind=\"tls\"}";
    assert_eq!(metric(&server, refused).await, Some(2.0));
    assert!(alive(&issued.believer(), &server).await);
}

#[test]
fn files_that_cannot_be_used_are_named_and_nothing_starts() {
    let (one, other) = (Issued::until(2100), Issued::until(2100));
    let cases: [(&str, &str, &str, &str); 5] = [
        (
            CONFIG,
            &one.chain,
            &other.key,
            "does not belong to the certificate",
        ),
        (
            CONFIG,
            &one.chain,
            &one.chain,
            "key.pem holds no private key",
        ),
        (CONFIG, &one.key, &one.key, "chain.pem holds no certificate"),
        (
            CONFIG,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            &one.key,
            "the first certificate in chain.pem is broken",
        ),
        (
            "[http]\ntls_key_file = \"key.pem\"\n",
            "",
            &one.key,
            "must be set when `http.tls_key_file` is",
        ),
    ];
    for (config, chain, key, reason) in cases {
        let home = Home::new(config);
        home.secret("chain.pem", chain);
        home.secret("key.pem", key);
        let said = stderr(&home.refused());
        assert!(said.contains(reason), "{reason}: {said}");
        assert!(!said.contains(one.key.lines().nth(1).unwrap()), "{said}");
    }
    let home = Home::new("[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"proxy\"]\n");
    assert!(stderr(&home.refused()).contains("`proxy` is no address or network"));
}

#[test]
fn an_ended_certificate_is_warned_of() {
    let home = Home::new(CONFIG);
    Issued::until(2021).write(&home);
    let output = home.verb("check-config").output().unwrap();
    let said = format!("{}{}", stdout(&output), stderr(&output));
    assert!(said.contains("has ended: no client accepts it"), "{said}");
}
