//! Codes by mail: what a mail server gets, and what one without TLS never sees.

use innerworld_core::{
    clock::Timestamp,
    identity::account::{Mail, Mailer as _},
    secret::Redacted,
};
use innerworld_server::mail::SmtpMailer;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::task::TaskTracker;

const FROM: &str = "InnerWorld <no-reply@example.org>";

/// A mail server for one connection, without TLS; gives every line it was sent.
async fn server() -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let received = TaskTracker::new().spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        converse(stream).await
    });
    (url, received)
}

async fn converse(stream: TcpStream) -> Vec<String> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut received = Vec::new();
    let mut in_data = false;
    write.write_all(b"220 mail.example\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.as_str() {
            "." => "250 taken\r\n",
            _ if in_data => "",
            "DATA" => "354 go on\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250 mail.example\r\n",
        };
        in_data = line == "DATA" || (in_data && line != ".");
        received.push(line);
        if write.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
    received
}

/// Hands over a mail, and waits until it was delivered or given up, as a drain does.
async fn deliver(url: &str) {
    let tasks = TaskTracker::new();
    let mailer = SmtpMailer::new(url, FROM, tasks.clone()).unwrap();
    let mail = Mail {
        to: Redacted::new("lena@example.org".to_owned()),
        kind: "sign_up".to_owned(),
        subject: "Your code".to_owned(),
        body: Redacted::new("Your code is 123456.".to_owned()),
        code: Redacted::new("123456".to_owned()),
        at: Timestamp::from_millis(0),
    };
    mailer.send(&mail).await.unwrap();
    tasks.close();
    tasks.wait().await;
}

#[tokio::test]
async fn a_code_reaches_the_mail_server() {
    let (url, received) = server().await;
    deliver(&url).await;
    let received = received.await.unwrap();
    for line in [
        "MAIL FROM:<no-reply@example.org>",
        "RCPT TO:<lena@example.org>",
        "Subject: Your code",
        "Your code is 123456.",
    ] {
        assert!(
            received.iter().any(|got| got.starts_with(line)),
            "{line}: {received:?}"
        );
    }
}

/// What the configuration asks for: no address and no code without encryption.
#[tokio::test]
async fn a_mail_server_without_tls_learns_nothing() {
    let (url, received) = server().await;
    deliver(&format!("{url}?tls=required")).await;
    let received = received.await.unwrap().join("\n");
    assert!(received.starts_with("EHLO"), "{received}");
    assert!(!received.contains("lena") && !received.contains("123456"));
}

#[tokio::test]
async fn a_mail_server_that_is_away_stops_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    deliver(&url).await;
}
