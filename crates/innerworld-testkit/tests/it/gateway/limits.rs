//! Lengths and times.

use std::{sync::Arc, time::Duration};

use innerworld_testkit::{
    FakeClock,
    gateway::{FRAME_BYTES, MESSAGE_BYTES},
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{client::Client, world::World};

fn piece(bytes: usize, first: bool, last: bool) -> Message {
    let code = if first { Data::Text } else { Data::Continue };
    let content = vec![b'a'; bytes];
    Message::Frame(Frame::message(content, OpCode::Data(code), last))
}

#[tokio::test]
async fn a_frame_has_32_kb_and_a_message_128() {
    let world = World::new();
    let gateway = world.gateway().await;
    let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
    client.send(&"a".repeat(FRAME_BYTES)).await;
    world.wait_for("default", 1).await;
    for number in 0..4 {
        client
            .message(piece(FRAME_BYTES, number == 0, number == 3))
            .await;
    }
    world.wait_for("default", 2).await;
    let longest = world.events_of("default").pop().unwrap();
    assert_eq!(longest["body"].as_str().unwrap().len(), MESSAGE_BYTES);
}

#[tokio::test]
async fn what_is_longer_ends_the_connection() {
    let world = World::new();
    let gateway = world.gateway().await;
    let one = vec![Message::text("a".repeat(FRAME_BYTES + 1))];
    let large = vec![Message::text("a".repeat(1 << 20))];
    let several = (0..5).map(|number| piece(FRAME_BYTES, number == 0, number == 4));
    for messages in [one, large, several.collect()] {
        let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
        let connection = gateway.connections().pop().unwrap();
        for message in messages {
            client.message(message).await;
        }
        assert_eq!(client.next().await.unwrap_err(), 1_009);
        drop(client);
        assert_eq!(gateway.over(&connection).await, 1_009);
    }
    assert!(world.events_of("default").is_empty());
    let ends = world.events_of("disconnect");
    assert!(
        ends.iter()
            .all(|end| end["requestContext"]["disconnectStatusCode"] == 1_009)
    );
    assert_eq!(ends.len(), 3);
}

#[tokio::test]
async fn binary_frames_end_the_connection() {
    let world = World::new();
    let gateway = world.gateway().await;
    let mut client = Client::open(&gateway.url(), &[]).await.unwrap();
    client.message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(client.next().await.unwrap_err(), 1_003);
    assert!(world.events_of("default").is_empty());
}

#[tokio::test]
async fn ten_minutes_of_silence_or_two_hours_are_the_end() {
    let world = World::new();
    let clock = Arc::new(FakeClock::default());
    let mut settings = World::settings();
    settings.clock = clock.clone();
    let gateway = world.gateway_with(settings).await;
    let mut silent = Client::open(&gateway.url(), &[]).await.unwrap();
    let [first] = gateway.connections().try_into().unwrap();
    let mut lively = Client::open(&gateway.url(), &[]).await.unwrap();
    let [_, second] = gateway.connections().try_into().unwrap();

    clock.advance(Duration::from_secs(599));
    assert_eq!(gateway.look(), 0);
    lively.send("{}").await;
    world.wait_for("default", 1).await;
    clock.advance(Duration::from_secs(1));
    assert_eq!(gateway.look(), 1);
    assert_eq!(silent.next().await.unwrap_err(), 1_001);
    assert_eq!(gateway.over(&first).await, 1_001);

    for times in 2..=13 {
        assert_eq!(gateway.connections(), [second.as_str()]);
        clock.advance(Duration::from_secs(550));
        lively.send("{}").await;
        world.wait_for("default", times).await;
        if gateway.look() > 0 {
            break;
        }
    }
    assert_eq!(lively.next().await.unwrap_err(), 1_001);
    assert_eq!(gateway.over(&second).await, 1_001);
    assert_eq!(world.events_of("default").len(), 13, "two hours");
}
