//! Posting through the gateway's double: what reaches a client, and what does not.

use std::{sync::Arc, time::Duration};

use aws_config::Region;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use futures_util::StreamExt as _;
use innerworld_aws::{PostFailure, Posting, SdkConfig};
use innerworld_testkit::{
    FakeClock,
    gateway::{Gateway, GatewaySettings, MESSAGE_BYTES, Post, Routes},
    lambda::Handlers,
    signature::Caller,
};
use serde_json::json;
use tokio::{net::TcpStream, sync::Semaphore};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(gateway: &Gateway) -> (Socket, String) {
    let (socket, _answer) = tokio_tungstenite::connect_async(gateway.url())
        .await
        .unwrap();
    (socket, gateway.connections().pop().unwrap())
}

/// The next frame, or the close code.
async fn next(socket: &mut Socket) -> Result<String, u16> {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => Ok(text.as_str().to_owned()),
        Some(Ok(Message::Close(Some(frame)))) => Err(frame.code.into()),
        other => panic!("{other:?}"),
    }
}

fn posting(gateway: &Gateway, secret: &str) -> Posting {
    let token = Some("test".to_owned());
    let key = Credentials::new("test", secret, token, None, "tests");
    let config = SdkConfig::builder()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build();
    let (endpoint, timeout) = (gateway.management_endpoint(), Duration::from_secs(10));
    Posting::new(&config, &endpoint, timeout, Arc::new(FakeClock::default())).unwrap()
}

async fn bare() -> Gateway {
    with(GatewaySettings::default()).await
}

async fn with(settings: GatewaySettings) -> Gateway {
    Gateway::start(settings, Arc::new(Handlers::new()), Caller::of_functions()).await
}

#[tokio::test]
async fn what_is_posted_arrives_in_order_and_is_counted() {
    let gateway = bare().await;
    let posting = posting(&gateway, "test");
    let (mut one, first) = open(&gateway).await;
    let (mut other, second) = open(&gateway).await;
    for number in 0..20 {
        posting
            .post(&first, &format!("{{\"n\":{number}}}"))
            .await
            .unwrap();
    }
    posting.post(&second, "{\"ä\":1}").await.unwrap();
    for number in 0..20 {
        assert_eq!(next(&mut one).await, Ok(format!("{{\"n\":{number}}}")));
    }
    assert_eq!(next(&mut other).await, Ok("{\"ä\":1}".to_owned()));
    assert_eq!(gateway.posts(&first).len(), 20);
    assert_eq!(gateway.posts(&second), [Post { bytes: 8, units: 1 }]);
}

#[tokio::test]
async fn who_is_closed_is_gone_and_so_is_who_never_was() {
    let gateway = bare().await;
    let posting = posting(&gateway, "test");
    let (mut socket, connection) = open(&gateway).await;
    assert!(posting.close(&connection).await.unwrap());
    let gone = posting.post(&connection, "{}").await;
    assert!(matches!(gone, Err(PostFailure::Gone)), "{gone:?}");
    assert_eq!(next(&mut socket).await, Err(1_000));
    drop(socket);
    gateway.over(&connection).await;
    assert!(!posting.close(&connection).await.unwrap());
    for connection in [connection.as_str(), "L0SM9cOFvHcCIhw="] {
        let gone = posting.post(connection, "{}").await;
        assert!(matches!(gone, Err(PostFailure::Gone)), "{gone:?}");
    }
    assert_eq!(gateway.posts(&connection), []);
}

#[tokio::test]
async fn before_connect_has_returned_there_is_nobody_to_post_to() {
    let (asked, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let told = Arc::new(tokio::sync::Mutex::new(String::new()));
    let handlers = Handlers::new().with("connect", {
        let (asked, go_on, told) = (asked.clone(), go_on.clone(), told.clone());
        move |event| {
            let (asked, go_on, told) = (asked.clone(), go_on.clone(), told.clone());
            async move {
                let id = event["requestContext"]["connectionId"].as_str().unwrap();
                id.clone_into(&mut *told.lock().await);
                asked.add_permits(1);
                go_on.acquire().await.unwrap().forget();
                Ok(json!({"statusCode": 200}))
            }
        }
    });
    let settings = GatewaySettings {
        routes: Routes {
            connect: Some("connect".to_owned()),
            ..Routes::default()
        },
        ..GatewaySettings::default()
    };
    let gateway = Gateway::start(settings, Arc::new(handlers), Caller::of_functions()).await;
    let posting = posting(&gateway, "test");
    let connecting = tokio_tungstenite::connect_async(gateway.url());
    let early = async {
        asked.acquire().await.unwrap().forget();
        let connection = told.lock().await.clone();
        let gone = posting.post(&connection, "{}").await;
        assert!(matches!(gone, Err(PostFailure::Gone)), "{gone:?}");
        go_on.add_permits(1);
        connection
    };
    let (connected, connection) = tokio::join!(connecting, early);
    let (mut socket, _answer) = connected.unwrap();
    posting.post(&connection, "{}").await.unwrap();
    assert_eq!(next(&mut socket).await, Ok("{}".to_owned()));
}

#[tokio::test]
async fn who_may_not_post_is_told_so_and_nothing_arrives() {
    let gateway = bare().await;
    let (_socket, connection) = open(&gateway).await;
    let stranger = posting(&gateway, "another-secret");
    let refused = stranger.post(&connection, "{}").await;
    assert!(
        matches!(refused, Err(PostFailure::Forbidden)),
        "{refused:?}"
    );
    let refused = stranger.close(&connection).await;
    assert!(
        matches!(refused, Err(PostFailure::Forbidden)),
        "{refused:?}"
    );
    assert_eq!(gateway.refused_calls(), ["signature", "signature"]);
    assert_eq!(
        (gateway.posts(&connection), gateway.connections().len()),
        (vec![], 1)
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_fills_its_buffer() {
    let gateway = with(GatewaySettings {
        buffer_bytes: 64 * 1_024,
        ..GatewaySettings::default()
    })
    .await;
    let posting = posting(&gateway, "test");
    let (mut socket, connection) = open(&gateway).await;
    let (mut lively, other) = open(&gateway).await;
    let frame = "a".repeat(30_000);
    let mut taken = 0;
    let full = loop {
        match posting.post(&connection, &frame).await {
            Ok(()) => taken += 1,
            Err(failure) => break failure,
        }
        assert!(taken < 1_000, "nothing bounds what waits");
    };
    assert!(matches!(full, PostFailure::LimitExceeded), "{full:?}");
    // Others are served meanwhile.
    posting.post(&other, "{}").await.unwrap();
    assert_eq!(next(&mut lively).await, Ok("{}".to_owned()));
    for _frame in 0..taken {
        assert_eq!(next(&mut socket).await.unwrap().len(), 30_000);
    }
    posting.post(&connection, "{}").await.unwrap();
    assert_eq!(next(&mut socket).await, Ok("{}".to_owned()));
    assert_eq!(gateway.posts(&connection).len(), taken + 1);
}

#[tokio::test]
async fn a_client_that_does_not_read_can_be_closed_all_the_same() {
    let gateway = bare().await;
    let posting = posting(&gateway, "test");
    let (_socket, connection) = open(&gateway).await;
    let frame = "a".repeat(30_000);
    while posting.post(&connection, &frame).await.is_ok() {}
    assert!(posting.close(&connection).await.unwrap());
    assert_eq!(gateway.over(&connection).await, 1_006);
}

#[tokio::test]
async fn a_test_may_refuse_posts() {
    let gateway = bare().await;
    let posting = posting(&gateway, "test");
    let (mut socket, connection) = open(&gateway).await;
    gateway.refuse_posts(&connection, 429, 2);
    gateway.refuse_posts(&connection, 500, 1);
    for _refused in 0..2 {
        let refused = posting.post(&connection, "{}").await;
        assert!(
            matches!(refused, Err(PostFailure::LimitExceeded)),
            "{refused:?}"
        );
    }
    let refused = posting.post(&connection, "{}").await;
    assert!(
        matches!(refused, Err(PostFailure::Unavailable(_))),
        "{refused:?}"
    );
    posting.post(&connection, "{\"last\":1}").await.unwrap();
    assert_eq!(next(&mut socket).await, Ok("{\"last\":1}".to_owned()));
    assert_eq!(gateway.posts(&connection).len(), 1);
}

/// Our client sends nothing so long: signed by hand.
async fn ask(gateway: &Gateway, method: &str, connection: &str, body: String) -> reqwest::Response {
    let endpoint = gateway.management_endpoint();
    let url = format!("{endpoint}/@connections/{}", connection.replace('=', "%3D"));
    let identity = Credentials::new("test", "test", Some("test".to_owned()), None, "tests").into();
    let settings = aws_sigv4::http_request::SigningSettings::default();
    let params = aws_sigv4::sign::v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("execute-api")
        .time(std::time::SystemTime::UNIX_EPOCH)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let signable = aws_sigv4::http_request::SignableRequest::new(
        method,
        &url,
        std::iter::empty(),
        aws_sigv4::http_request::SignableBody::Bytes(body.as_bytes()),
    );
    let signed = aws_sigv4::http_request::sign(signable.unwrap(), &params).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method.parse().unwrap(), &url);
    for (name, value) in signed.output().headers() {
        request = request.header(name, value);
    }
    request.body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection() {
    let gateway = bare().await;
    let (mut socket, connection) = open(&gateway).await;
    let longest = "a".repeat(MESSAGE_BYTES);
    let answer = ask(&gateway, "POST", &connection, longest.clone()).await;
    assert_eq!(answer.status(), 200);
    let units = Post {
        bytes: MESSAGE_BYTES,
        units: 4,
    };
    assert_eq!(gateway.posts(&connection), [units]);
    assert_eq!(next(&mut socket).await.unwrap().len(), MESSAGE_BYTES);
    let answer = ask(&gateway, "POST", &connection, format!("{longest}a")).await;
    assert_eq!(answer.status(), 413);
    assert_eq!(next(&mut socket).await, Err(1_009));
    drop(socket);
    assert_eq!(gateway.over(&connection).await, 1_009);
}

#[tokio::test]
async fn a_connection_is_described_while_it_is_up() {
    let gateway = bare().await;
    let (socket, connection) = open(&gateway).await;
    let answer = ask(&gateway, "GET", &connection, String::new()).await;
    assert_eq!(answer.status(), 200);
    let told: serde_json::Value = answer.json().await.unwrap();
    assert!(told["connectedAt"].is_string() && told["lastActiveAt"].is_string());
    assert_eq!(told["identity"]["sourceIp"], "127.0.0.1");
    drop(socket);
    gateway.over(&connection).await;
    for method in ["GET", "DELETE", "POST"] {
        let answer = ask(&gateway, method, &connection, String::new()).await;
        assert_eq!(answer.status(), 410, "{method}");
        assert_eq!(answer.text().await.unwrap(), "");
    }
}
