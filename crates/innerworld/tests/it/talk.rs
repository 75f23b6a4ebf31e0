//! The frames of a talk over a socket, sent and awaited.

use std::time::Duration;

use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite;

use crate::{
    serving::PATIENCE,
    world::{Socket, World, receive, send},
};

pub(crate) fn hello() -> Value {
    json!({"type": "hello", "protocol": 1, "client": {"name": "test", "version": "1"},
        "locale": "en-US", "country": "US", "rollup_ms": 0})
}

/// The nth message's id.
pub(crate) fn message_id(number: u32) -> String {
    format!("01JD8Q2TZ3V0C9X8B7N6{number:06}")
}

pub(crate) async fn say(socket: &mut Socket, number: u32, text: &str) {
    let id = message_id(number);
    send(socket, &json!({"type": "message", "id": id, "text": text})).await;
}

/// Frames up to and with the first of this type.
pub(crate) async fn until(socket: &mut Socket, kind: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    loop {
        let frame = receive(socket)
            .await
            .unwrap_or_else(|code| panic!("closed with {code} before {kind}: {frames:?}"));
        let found = frame["type"] == kind;
        frames.push(frame);
        if found {
            return frames;
        }
    }
}

/// Sends any message, also one that no client of ours would.
pub(crate) async fn raw(socket: &mut Socket, message: tungstenite::Message) {
    socket.send(message).await.unwrap();
}

pub(crate) fn status(refused: Result<Socket, tungstenite::Error>) -> u16 {
    match refused {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the socket opened"),
    }
}

/// A socket of `world` on which a persona has been chosen.
pub(crate) async fn settled(world: &World, token: &str) -> Socket {
    let mut socket = world.socket(token).await.unwrap();
    send(&mut socket, &hello()).await;
    open_talk(&mut socket).await;
    socket
}

/// Accepts the disclosure that comes after the greeting, chooses a persona, and hears its opening.
pub(crate) async fn open_talk(socket: &mut Socket) -> Vec<Value> {
    let disclosure = until(socket, "disclosure").await.pop().unwrap();
    let accepted = json!({"type": "disclosure.ack", "version": disclosure["version"]});
    send(socket, &accepted).await;
    let choice = json!({"type": "persona.choose", "persona": "courage"});
    send(socket, &choice).await;
    until(socket, "turn.end").await
}

/// Returns once this holds.
pub(crate) async fn eventually(holds: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "it never came to it");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
