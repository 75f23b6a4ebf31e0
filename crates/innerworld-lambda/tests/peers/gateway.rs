//! The programs of the door behind the gateway: from the handshake to the last row.

use std::{sync::Arc, time::Duration};

use aws_config::{Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use futures_util::StreamExt as _;
use innerworld_aws::{PostFailure, Posting};
use innerworld_testkit::{
    FakeClock,
    gateway::{Gateway, GatewaySettings, Routes},
    lambda::LambdaService,
    signature::Caller,
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

use crate::{
    functions::{TEEN, complete},
    place::{Place, wall_clock},
};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const FUNCTIONS: [(&str, &str); 3] = [
    ("authorizer", env!("CARGO_BIN_EXE_authorizer")),
    ("connect-handler", env!("CARGO_BIN_EXE_connect-handler")),
    (
        "disconnect-handler",
        env!("CARGO_BIN_EXE_disconnect-handler"),
    ),
];

/// The place's functions behind a gateway.
async fn deployed(place: &Place) -> (Gateway, LambdaService) {
    let service = LambdaService::start().await;
    for (name, program) in FUNCTIONS {
        service.deploy(place.deployment(name, program, &[]));
    }
    let settings = GatewaySettings {
        stage: "test".to_owned(),
        routes: Routes {
            default: None,
            ..Routes::of_the_product()
        },
        ..GatewaySettings::default()
    };
    let invokes = Arc::new(service.clone());
    let gateway = Gateway::start(settings, invokes, Caller::of_functions()).await;
    (gateway, service)
}

/// Opens a socket; otherwise the status that was answered, and with it the sub-protocol.
async fn open(
    gateway: &Gateway,
    headers: &[(&'static str, &str)],
) -> Result<(Socket, String), u16> {
    let mut request = gateway.url().into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, answer)) => {
            let protocol = &answer.headers()["sec-websocket-protocol"];
            Ok((socket, protocol.to_str().unwrap().to_owned()))
        }
        Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

fn posting(gateway: &Gateway) -> Posting {
    let key = Credentials::new("test", "test", Some("test".to_owned()), None, "tests");
    let config = SdkConfig::builder()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build();
    let (endpoint, timeout) = (gateway.management_endpoint(), Duration::from_secs(5));
    let clock = Arc::new(FakeClock::new(wall_clock()));
    Posting::new(&config, &endpoint, timeout, clock).unwrap()
}

#[tokio::test]
async fn a_teen_comes_in_is_posted_to_and_leaves_nothing_behind() {
    let place = Place::new().await;
    complete(&place).await;
    let (gateway, service) = deployed(&place).await;
    let token = place.pool.token(TEEN, wall_clock());
    let offered = format!("innerworld.v1, bearer.{token}");
    let opened = open(&gateway, &[("sec-websocket-protocol", &offered)]).await;
    let (mut socket, protocol) = opened.unwrap();
    assert_eq!(protocol, "innerworld.v1", "and never the token");
    let [connection] = gateway.connections().try_into().unwrap();
    let rows = place.aws.connections();
    let row = rows.find(&connection, wall_clock()).await.unwrap().unwrap();
    assert_eq!(row.teen, TEEN);
    assert!(row.token_expires_at > wall_clock());

    let posting = posting(&gateway);
    posting
        .post(&connection, "{\"type\":\"pong\"}")
        .await
        .unwrap();
    let frame = socket.next().await.unwrap().unwrap();
    assert_eq!(frame, Message::text("{\"type\":\"pong\"}"));
    assert_eq!(gateway.posts(&connection).len(), 1);

    socket.close(None).await.unwrap();
    while let Some(Ok(_late)) = socket.next().await {}
    gateway.over(&connection).await;
    let gone = posting.post(&connection, "{}").await;
    assert!(matches!(gone, Err(PostFailure::Gone)), "{gone:?}");
    assert_eq!(rows.find(&connection, wall_clock()).await.unwrap(), None);
    assert_eq!(gateway.failed_calls(), []);
    for (name, _program) in FUNCTIONS {
        let written = service.written(name);
        assert_eq!(service.events(name), 1, "{name}");
        assert!(!written.contains(&token), "{name}");
        assert!(!written.contains(&TEEN.to_string()), "{name}: {written}");
    }
}

#[tokio::test]
async fn who_has_no_good_token_stays_outside() {
    let place = Place::new().await;
    complete(&place).await;
    let (gateway, service) = deployed(&place).await;
    let protocol = ("sec-websocket-protocol", "innerworld.v1");
    assert_eq!(open(&gateway, &[protocol]).await.map(drop), Err(403));
    let forged = place.pool.forged(TEEN, wall_clock());
    let short = forged.iter().filter(|(_, token)| token.len() < 8_000);
    for (name, token) in short {
        let token = format!("Bearer {token}");
        let refused = open(&gateway, &[protocol, ("authorization", &token)]).await;
        assert_eq!(refused.map(drop), Err(403), "{name}");
    }
    assert_eq!(service.events("connect-handler"), 0);

    let token = format!("Bearer {}", place.pool.token(TEEN, wall_clock()));
    let token = ("authorization", token.as_str());
    assert_eq!(open(&gateway, &[token]).await.map(drop), Err(426));
    let foreign = ("origin", "https://elsewhere.example.org");
    assert_eq!(
        open(&gateway, &[protocol, token, foreign]).await.map(drop),
        Err(403)
    );
    let ours = ("origin", "https://app.example.org");
    assert!(open(&gateway, &[protocol, token, ours]).await.is_ok());
    assert_eq!(gateway.failed_calls(), []);
}

#[tokio::test]
async fn a_row_outlives_a_disconnect_that_was_lost_and_its_connection_is_gone() {
    let place = Place::new().await;
    complete(&place).await;
    let (gateway, service) = deployed(&place).await;
    gateway.lose_disconnects(1.0);
    let token = format!("Bearer {}", place.pool.token(TEEN, wall_clock()));
    let headers = [
        ("sec-websocket-protocol", "innerworld.v1"),
        ("authorization", token.as_str()),
    ];
    let (socket, _protocol) = open(&gateway, &headers).await.unwrap();
    let [connection] = gateway.connections().try_into().unwrap();
    drop(socket);
    assert_eq!(gateway.over(&connection).await, 1_006);
    assert_eq!(service.events("disconnect-handler"), 0);
    let row = place
        .aws
        .connections()
        .find(&connection, wall_clock())
        .await;
    assert!(row.unwrap().is_some(), "it ends by time");
    let gone = posting(&gateway).post(&connection, "{}").await;
    assert!(matches!(gone, Err(PostFailure::Gone)), "{gone:?}");
}
