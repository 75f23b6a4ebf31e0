//! Sockets that send too much, too large or too long frames, and sockets that never read.

#[cfg(target_os = "linux")]
mod alone;

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use innerworld_core::identity::consent::MemoryMode;
use innerworld_engine::services::Settings;
use innerworld_testkit::{scripted_model::ScriptedModel, weakened::no_limits};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    talk::{eventually, hello, raw, say, settled, until},
    world::{Socket, World, receive, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);
const MEGABYTE: usize = 1 << 20;
/// Bits of a frame's first byte: this is its last part; it is text.
const LAST: u8 = 0x80;
const TEXT: u8 = 1;

/// The beginning of a masked frame of this length; its mask changes nothing.
fn head(first: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first, 0x80 | 127];
    bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
    bytes.extend([0; 4]);
    bytes
}

fn framed(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(first, payload.len());
    bytes.extend(payload);
    bytes
}

/// A socket that was greeted, and what it was told.
async fn greeted(world: &World) -> (Socket, Value) {
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    let disclosure = until(&mut socket, "disclosure").await.pop().unwrap();
    (socket, disclosure)
}

async fn with(settings: Settings) -> World {
    World::start(Arc::new(ScriptedModel::saying("ok")), settings).await
}

/// Refused by what it says of itself: nobody waits for the rest.
#[tokio::test(flavor = "multi_thread")]
async fn t04_a_frame_of_a_megabyte_closes() {
    let world = with(settings()).await;
    let (mut socket, _) = greeted(&world).await;
    let begun = head(LAST | TEXT, MEGABYTE);
    socket.get_mut().write_all(&begun).await.unwrap();
    assert_eq!(receive(&mut socket).await, Err(1_009));
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_fragments_without_end_close() {
    let world = with(settings()).await;
    let (mut socket, _) = greeted(&world).await;
    let part = [b'a'; 1_000];
    for number in 0..33 {
        let kind = if number == 0 { TEXT } else { 0 };
        let fragment = framed(kind, &part);
        socket.get_mut().write_all(&fragment).await.unwrap();
    }
    assert_eq!(receive(&mut socket).await, Err(1_009));
}

/// A socket as its library makes it, without our bound, takes the megabyte, in whichever form.
#[tokio::test(flavor = "multi_thread")]
async fn t04_without_the_bound_a_megabyte_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let serving = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let mut sizes = Vec::new();
        while sizes.len() < 2 {
            sizes.push(socket.next().await.unwrap().unwrap().len());
        }
        sizes
    };
    let sending = async {
        let connected = tokio_tungstenite::connect_async(format!("ws://{place}/")).await;
        let (mut socket, _) = connected.unwrap();
        raw(&mut socket, Message::text("a".repeat(MEGABYTE))).await;
        for number in 0..1_000 {
            let kind = if number == 0 { TEXT } else { 0 };
            let last = if number == 999 { LAST } else { 0 };
            let fragment = framed(kind | last, &[b'a'; 1_000]);
            socket.get_mut().write_all(&fragment).await.unwrap();
        }
        socket
    };
    let (sizes, _open) = tokio::join!(serving, sending);
    assert_eq!(sizes, [MEGABYTE, 1_000_000]);
}

/// The frames of a hundred messages in no time, one of which tells of a crisis, up to its answer.
async fn hundred(world: &World) -> Vec<Value> {
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = settled(world, &world.token(teen, HOUR)).await;
    for number in 1..=100 {
        let text = match number {
            90 => "i want to kill myself",
            _ => "and another thing",
        };
        say(&mut socket, number, text).await;
    }
    until(&mut socket, "safety.crisis").await
}

fn refused(frames: &[Value]) -> usize {
    let limited = |frame: &&Value| frame["code"] == "rate_limited";
    frames.iter().filter(limited).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_a_hundred_messages_a_second_are_held_back_and_a_crisis_among_them_is_not() {
    let model = Arc::new(ScriptedModel::saying("ok"));
    let world = World::start(Arc::clone(&model) as _, settings()).await;
    let frames = hundred(&world).await;
    // 40 frames at once, three of which opened the talk; all after them, up to the crisis.
    assert!(refused(&frames) >= 89 - 37, "{}", refused(&frames));
    assert!(model.calls().len() <= 5, "{}", model.calls().len());
}

/// What holds them back are the limits.
#[tokio::test(flavor = "multi_thread")]
async fn t04_without_limits_the_hundred_are_all_let_in() {
    let world = with(Settings {
        limits: no_limits(),
        ..settings()
    })
    .await;
    assert_eq!(refused(&hundred(&world).await), 0);
}

/// The library answers these itself, one for all that came since the last.
#[tokio::test(flavor = "multi_thread")]
async fn t04_a_flood_of_pings_keeps_nobody_from_talking() {
    let world = with(settings()).await;
    let (mut socket, _) = greeted(&world).await;
    for _ in 0..5_000 {
        let ping = Message::Ping(vec![7; 125].into());
        socket.feed(ping).await.unwrap();
    }
    send(&mut socket, &json!({"type": "ping"})).await;
    until(&mut socket, "pong").await;
}

/// A socket that says what it likes and never reads a frame.
struct Deaf(TcpStream);

impl Deaf {
    async fn open(world: &World, token: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // The smallest there is: what the server sends soon finds no room.
        socket.set_recv_buffer_size(1).unwrap();
        let mut stream = socket.connect(world.address).await.unwrap();
        let request = format!(
            "GET /v1/ws HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: innerworld.v1\r\n\r\n",
            world.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"));
        Self(stream)
    }

    async fn say(&mut self, frame: &Value) {
        let bytes = framed(LAST | TEXT, frame.to_string().as_bytes());
        self.0.write_all(&bytes).await.unwrap();
    }

    /// Asks for answers until the server takes no more questions.
    async fn flood(&mut self) {
        let ping = json!({"type": "ping", "t": "are you there? are you there?"});
        let many = framed(LAST | TEXT, ping.to_string().as_bytes()).repeat(500);
        let wait = Duration::from_secs(2);
        while let Ok(Ok(())) = tokio::time::timeout(wait, self.0.write_all(&many)).await {}
    }
}

/// A server that waits so long for a reader, after a socket has asked much and read nothing.
async fn deaf(write_timeout: Duration) -> (World, Deaf) {
    let mut settings = settings();
    settings.limits.write_timeout = write_timeout;
    let world = with(settings).await;
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = Deaf::open(&world, &world.token(teen, HOUR)).await;
    socket.say(&hello()).await;
    socket.flood().await;
    (world, socket)
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_a_socket_that_asks_and_never_reads_is_cut() {
    let (world, _open) = deaf(Duration::from_millis(200)).await;
    eventually(async || world.app.metrics.connections.get() == 0).await;
}

/// What cuts it is the time that a write has.
#[tokio::test(flavor = "multi_thread")]
async fn t04_without_that_time_it_is_kept_for_ever() {
    let (world, _open) = deaf(no_limits().write_timeout).await;
    // The flood waited ten times as long as the other server does.
    assert_eq!(world.app.metrics.connections.get(), 1);
}
