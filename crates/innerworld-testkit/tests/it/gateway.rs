//! The gateway double, over handlers in this process.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod client;
mod limits;
mod world;

use std::time::Duration;

use innerworld_testkit::{
    gateway::{FailedCall, Gateway},
    lambda::Outcome,
};
use serde_json::{Value, json};

use self::{
    client::{Client, status},
    world::{Handled, World},
};

#[tokio::test]
async fn the_authoriser_and_the_function_of_connect_are_asked_before_the_connection_is_up() {
    let world = World::new();
    let gateway = world.gateway().await;
    let headers = [
        ("authorization", "Bearer a-token"),
        ("sec-websocket-protocol", "innerworld.v1, other"),
    ];
    let client = Client::open(&format!("{}?ticket=a%20b&x=1&x=2", gateway.url()), &headers).await;
    let mut client = client.unwrap();
    assert_eq!(client.protocol.as_deref(), Some("innerworld.v1"));
    let [authorizing, connecting] = world.events().try_into().unwrap();
    assert_eq!(
        (authorizing.function, connecting.function),
        ("authorizer", "connect")
    );
    let (authorizing, connecting) = (authorizing.event, connecting.event);
    assert_eq!(authorizing["type"], "REQUEST");
    let arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/prod/$connect";
    assert_eq!(authorizing["methodArn"], arn);
    assert_eq!(authorizing["requestContext"]["authorizer"], Value::Null);
    for event in [&authorizing, &connecting] {
        assert_eq!(event["headers"]["Authorization"], "Bearer a-token");
        let offered = &event["multiValueHeaders"]["Sec-WebSocket-Protocol"];
        assert_eq!(*offered, json!(["innerworld.v1, other"]));
        assert_eq!(
            event["queryStringParameters"],
            json!({"ticket": "a b", "x": "2"})
        );
        let many = &event["multiValueQueryStringParameters"]["x"];
        assert_eq!(*many, json!(["1", "2"]));
        let context = &event["requestContext"];
        for (name, value) in [
            ("routeKey", "$connect"),
            ("eventType", "CONNECT"),
            ("stage", "prod"),
            ("apiId", "abcdef123"),
        ] {
            assert_eq!(context[name], value, "{name}");
        }
        assert_eq!(context["connectionId"], gateway.connections()[0]);
        assert!(context["connectedAt"].is_i64() && context["requestId"].is_string());
    }
    let found = &connecting["requestContext"]["authorizer"];
    assert_eq!(found["principalId"], "somebody");
    assert_eq!(
        found["ends"], "1764000003600000",
        "numbers come back as texts"
    );
    client.close().await;
}

#[tokio::test]
async fn who_is_refused_gets_a_status_and_never_was_connected() {
    for (handled, expected) in [
        (Handled::denies(), 403),
        (Handled::authorizer(Ok(json!({"statusCode": 200}))), 500),
        (Handled::authorizer(Err("Unauthorized")), 401),
        (Handled::authorizer(Err("out of order")), 500),
        (Handled::connect(Ok(json!({"statusCode": 403}))), 403),
        (Handled::connect(Ok(json!({"statusCode": 426}))), 426),
        (Handled::connect(Ok(json!(null))), 502),
        (Handled::connect(Err("out of order")), 502),
    ] {
        let world = World::with(handled);
        let gateway = world.gateway().await;
        let refused = Client::open(&gateway.url(), &[]).await;
        assert_eq!(status(refused), expected);
        assert_eq!(gateway.connections(), Vec::<String>::new());
        assert!(
            world
                .events()
                .iter()
                .all(|event| event.function != "disconnect")
        );
    }
}

#[tokio::test]
async fn at_another_address_there_is_nothing() {
    let world = World::new();
    let gateway = world.gateway().await;
    for path in ["s", "/@connections", "/other"] {
        let refused = Client::open(&format!("{}{path}", gateway.url()), &[]).await;
        assert_eq!(status(refused), 403, "{path}");
    }
    assert!(world.events().is_empty());
}

#[tokio::test]
async fn each_frame_is_an_event_and_its_answer_goes_nowhere() {
    let world = World::new();
    let gateway = world.gateway().await;
    let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
    client.send("{\"type\":\"ping\",\"t\":\"ä\"}").await;
    client.send("no json").await;
    world.wait_for("default", 2).await;
    gateway.settled().await;
    let events = world.events_of("default");
    let mut bodies: Vec<_> = events
        .iter()
        .map(|event| event["body"].as_str().unwrap())
        .collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["no json", "{\"type\":\"ping\",\"t\":\"ä\"}"]);
    let context = &events[0]["requestContext"];
    assert_eq!(
        (&context["routeKey"], &context["eventType"]),
        (&json!("$default"), &json!("MESSAGE"))
    );
    assert_eq!(context["authorizer"]["principalId"], "somebody");
    assert!(context["messageId"].is_string());
    assert_eq!(context["connectionId"], gateway.connections()[0]);
    assert_eq!(client.close().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_function_that_fails_is_told_to_the_client_by_the_gateway() {
    let world = World::with(Handled::default_route(Err("a secret word")));
    let gateway = world.gateway().await;
    let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
    client.send("{}").await;
    let told = client.next().await.unwrap();
    assert_eq!(told["message"], "Internal server error");
    assert_eq!(told["connectionId"], gateway.connections()[0]);
    let [FailedCall { function, outcome }] = gateway.failed_calls().try_into().unwrap();
    assert_eq!(function, "default");
    assert!(matches!(outcome, Some(Outcome::Failed(_))));
}

#[tokio::test]
async fn frames_of_a_connection_are_handled_at_once_or_one_by_one() {
    for serial in [false, true] {
        let world = World::with(Handled::held());
        let mut settings = World::settings();
        settings.serial = serial;
        let gateway = world.gateway_with(settings).await;
        let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
        for number in 0..3 {
            client.send(&number.to_string()).await;
        }
        if serial {
            for number in 1..=3 {
                world.wait_for("default", number).await;
                assert_eq!(world.events_of("default").len(), number);
                world.release(1);
            }
        } else {
            // All three are begun before one of them is let go.
            world.wait_for("default", 3).await;
            world.release(3);
        }
        gateway.settled().await;
        if serial {
            let events = world.events_of("default");
            let bodies: Vec<_> = events.iter().map(|event| event["body"].clone()).collect();
            assert_eq!(bodies, ["0", "1", "2"]);
        }
    }
}

#[tokio::test]
async fn the_gateway_does_not_wait_for_ever_and_the_function_goes_on() {
    let world = World::with(Handled::held());
    let mut settings = World::settings();
    settings.integration_limit = Duration::from_millis(50);
    let gateway = world.gateway_with(settings).await;
    let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
    client.send("{}").await;
    let told = client.next().await.unwrap();
    assert_eq!(told["message"], "Endpoint request timed out");
    gateway.settled().await;
    assert_eq!(gateway.failed_calls()[0].outcome, None);
    assert_eq!(world.finished(), 0);
    world.release(1);
    world.wait_until_finished(1).await;
}

async fn disconnected(gateway: &Gateway, world: &World) -> Vec<Value> {
    let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
    let connection = gateway.connections().pop().unwrap();
    client.close().await;
    assert_eq!(gateway.over(&connection).await, 1_000);
    assert!(gateway.connections().is_empty());
    world.events_of("disconnect")
}

#[tokio::test]
async fn the_end_is_an_event_that_may_be_lost() {
    let world = World::new();
    let gateway = world.gateway().await;
    let [event] = disconnected(&gateway, &world).await.try_into().unwrap();
    let context = &event["requestContext"];
    assert_eq!(context["routeKey"], "$disconnect");
    assert_eq!(context["disconnectStatusCode"], 1_000);
    assert_eq!(context["authorizer"]["principalId"], "somebody");

    gateway.lose_disconnects(1.0);
    assert_eq!(disconnected(&gateway, &world).await.len(), 1);
    gateway.lose_disconnects(0.5);
    for _connection in 0..40 {
        disconnected(&gateway, &world).await;
    }
    let told = world.events_of("disconnect").len();
    assert!((5..=37).contains(&told), "{told}");
}

#[tokio::test]
async fn a_lost_network_is_an_end_too() {
    let world = World::new();
    let gateway = world.gateway().await;
    let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
    let connection = gateway.connections().pop().unwrap();
    gateway.cut(&connection);
    assert_eq!(gateway.over(&connection).await, 1_006);
    assert_eq!(client.next().await.unwrap_err(), 1_006);
    let [event] = world.events_of("disconnect").try_into().unwrap();
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1_006);
}
