//! Frames that no client of ours would send: a stable code each, never the end of the process, and
//! nothing of what was sent comes back.

use std::{sync::Arc, time::Duration};

use futures_util::SinkExt as _;
use innerworld_core::identity::consent::MemoryMode;
use innerworld_testkit::scripted_model::ScriptedModel;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::{
    talk::{hello, message_id, raw, say, until},
    world::{Socket, World, receive, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);
/// Part of every bad frame that holds text; it must not come back.
const SECRET: &str = "brimwexford";

/// A server that takes many bad frames from one connection.
async fn patient_world() -> (World, Arc<ScriptedModel>) {
    let model = Arc::new(ScriptedModel::saying("ok"));
    let mut settings = settings();
    settings.limits.protocol_errors_per_min = 1_000;
    settings.limits.frames_burst = 1_000;
    (World::start(Arc::clone(&model) as _, settings).await, model)
}

async fn greeted(world: &World) -> Socket {
    let teen = world.teen(1, MemoryMode::Off).await;
    let mut socket = world.socket(&world.token(teen, HOUR)).await.unwrap();
    send(&mut socket, &hello()).await;
    until(&mut socket, "disclosure").await;
    socket
}

/// Still there, in order: the next frame is the answer to a ping.
async fn answers(socket: &mut Socket) {
    send(socket, &json!({"type": "ping", "t": "still here"})).await;
    assert_eq!(receive(socket).await.unwrap()["type"], "pong");
}

/// What it is, the frame (`SECRET` and `ID` are filled in), the code.
const BAD: [(&str, &str, &str); 24] = [
    ("nothing", "", "bad_frame"),
    ("white space", "  \n ", "bad_frame"),
    ("no JSON", "SECRET", "bad_frame"),
    (
        "cut off",
        r#"{"type":"message","text":"SECRET"#,
        "bad_frame",
    ),
    (
        "two objects",
        r#"{"type":"ping"}{"type":"SECRET"}"#,
        "bad_frame",
    ),
    ("an array", r#"["SECRET"]"#, "bad_frame"),
    (
        "an array that could be a frame",
        r#"["typing"]"#,
        "bad_frame",
    ),
    ("a number", "1e999", "bad_frame"),
    ("null", "null", "bad_frame"),
    ("no type", r#"{"text":"SECRET"}"#, "bad_frame"),
    ("a type that is no text", r#"{"type":7}"#, "bad_frame"),
    ("an unknown type", r#"{"type":"SECRET"}"#, "unknown_type"),
    ("a type in capitals", r#"{"type":"PING"}"#, "unknown_type"),
    ("a server's frame", r#"{"type":"welcome"}"#, "unknown_type"),
    (
        "text of another type",
        r#"{"type":"message","id":"ID","text":{"SECRET":1}}"#,
        "bad_frame",
    ),
    ("no text", r#"{"type":"message","id":"ID"}"#, "bad_frame"),
    (
        "an id of another form",
        r#"{"type":"message","id":"SECRET","text":"x"}"#,
        "bad_frame",
    ),
    (
        "an id of another type",
        r#"{"type":"message","id":5,"text":"x"}"#,
        "bad_frame",
    ),
    (
        "a negative number",
        r#"{"type":"ack","seq":-1}"#,
        "bad_frame",
    ),
    (
        "a huge number",
        r#"{"type":"ack","seq":99999999999999999999999999}"#,
        "bad_frame",
    ),
    (
        "a broken number",
        r#"{"type":"ack","seq":1.5}"#,
        "bad_frame",
    ),
    (
        "a lone surrogate",
        r#"{"type":"message","id":"ID","text":"\ud800SECRET"}"#,
        "bad_frame",
    ),
    (
        "a doubled field",
        r#"{"type":"ping","type":"SECRET"}"#,
        "bad_frame",
    ),
    (
        "a turn of another form",
        r#"{"type":"cancel","turn":"SECRET"}"#,
        "bad_frame",
    ),
];

fn bad_texts() -> Vec<(&'static str, String, &'static str)> {
    let id = message_id(1);
    let filled = |text: &str| text.replace("SECRET", SECRET).replace("ID", &id);
    let mut all: Vec<_> = BAD
        .iter()
        .map(|(name, text, code)| (*name, filled(text), *code))
        .collect();
    let (open, close) = ("[".repeat(200), "]".repeat(200));
    let nested = format!(r#"{{"type":"ping","t":{open}1{close}}}"#);
    all.push(("a deep value", nested, "bad_frame"));
    all.push(("deep nesting", "{\"a\":".repeat(5_000), "bad_frame"));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_malformed_frame_gets_its_code_and_nothing_else() {
    let (world, model) = patient_world().await;
    let mut socket = greeted(&world).await;
    for (name, text, code) in bad_texts() {
        raw(&mut socket, Message::text(text)).await;
        let answer = receive(&mut socket).await.unwrap();
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("error"), &json!(code)),
            "{name}: {answer}"
        );
        assert_eq!(answer["fatal"], false, "{name}");
        assert!(!answer.to_string().contains(SECRET), "{name}: it came back");
        answers(&mut socket).await;
    }
    raw(&mut socket, Message::binary(SECRET.as_bytes().to_vec())).await;
    assert_eq!(receive(&mut socket).await.unwrap()["code"], "bad_frame");
    answers(&mut socket).await;
    assert_eq!(model.calls().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn well_formed_frames_at_the_wrong_time_or_about_nothing_are_refused_or_harmless() {
    let (world, _) = patient_world().await;
    let mut socket = greeted(&world).await;
    let code = |answer: Value| answer["code"].as_str().unwrap_or("none").to_owned();
    say(&mut socket, 1, "before a persona was chosen").await;
    assert_eq!(
        code(receive(&mut socket).await.unwrap()),
        "persona_required"
    );
    send(
        &mut socket,
        &json!({"type": "persona.choose", "persona": SECRET}),
    )
    .await;
    assert_eq!(code(receive(&mut socket).await.unwrap()), "unknown_persona");
    send(
        &mut socket,
        &json!({"type": "disclosure.ack", "version": SECRET}),
    )
    .await;
    assert_eq!(
        code(receive(&mut socket).await.unwrap()),
        "disclosure_required"
    );
    say(&mut socket, 2, " \u{0}\u{7}\n ").await;
    assert_eq!(code(receive(&mut socket).await.unwrap()), "invalid_message");
    // About things that are not there: nothing happens.
    for frame in [
        json!({"type": "cancel", "turn": message_id(9)}),
        json!({"type": "ack", "seq": u64::MAX}),
        json!({"type": "safety.ack", "event": message_id(9)}),
        json!({"type": "typing"}),
        json!({"type": "ping", "t": "x".repeat(33), "unknown": {"field": [1, 2]}}),
    ] {
        send(&mut socket, &frame).await;
    }
    let pong = receive(&mut socket).await.unwrap();
    assert_eq!((&pong["type"], &pong["t"]), (&json!("pong"), &Value::Null));
    send(
        &mut socket,
        &json!({"type": "safety.reply", "event": message_id(9), "choice": SECRET}),
    )
    .await;
    let answer = receive(&mut socket).await.unwrap();
    assert_eq!(answer["type"], "error", "{answer}");
    assert!(!answer.to_string().contains(SECRET));
    answers(&mut socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_no_utf8_is_a_bad_frame_and_ends_the_connection() {
    let (world, _) = patient_world().await;
    let mut socket = greeted(&world).await;
    let frame = Frame::message(vec![0x22, 0xC3, 0x28, 0xFF], OpCode::Data(Data::Text), true);
    raw(&mut socket, Message::Frame(frame)).await;
    let answer = receive(&mut socket).await.unwrap();
    assert_eq!(
        (&answer["code"], &answer["close"]),
        (&json!("bad_frame"), &json!(4_400))
    );
    assert_eq!(receive(&mut socket).await, Err(4_400));
    greeted(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_a_frame_of_the_limit_passes_and_one_byte_more_closes() {
    let (world, _) = patient_world().await;
    let mut socket = greeted(&world).await;
    let sized = |bytes: usize| {
        let empty = json!({"type": "ping", "pad": ""}).to_string().len();
        json!({"type": "ping", "pad": "a".repeat(bytes - empty)}).to_string()
    };
    raw(&mut socket, Message::text(sized(32_767))).await;
    assert_eq!(receive(&mut socket).await.unwrap()["type"], "pong");
    raw(&mut socket, Message::text(sized(32_768))).await;
    assert_eq!(receive(&mut socket).await, Err(1_009));
    // The same in many small pieces, which no single one gives away.
    let mut socket = greeted(&world).await;
    for part in 0..40 {
        let kind = if part == 0 {
            Data::Text
        } else {
            Data::Continue
        };
        let frame = Frame::message(vec![b'a'; 1_000], OpCode::Data(kind), false);
        if socket.send(Message::Frame(frame)).await.is_err() {
            break;
        }
    }
    let code = receive(&mut socket).await.unwrap_err();
    assert!(matches!(code, 1_009 | 1_006), "{code}");
    greeted(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_too_many_frames_have_to_wait_and_too_many_messages_too() {
    let model = Arc::new(ScriptedModel::saying("ok"));
    let world = World::start(model, settings()).await;
    let mut socket = greeted(&world).await;
    // 40 at once, one of which was `hello`.
    for _ in 0..60 {
        send(&mut socket, &json!({"type": "ping"})).await;
    }
    let mut kinds = Vec::new();
    for _ in 0..60 {
        kinds.push(receive(&mut socket).await.unwrap());
    }
    let refused: Vec<&Value> = kinds
        .iter()
        .filter(|frame| frame["type"] == "error")
        .collect();
    assert_eq!(refused.len(), 21);
    for answer in refused {
        assert_eq!(
            (&answer["code"], &answer["retryable"]),
            (&json!("rate_limited"), &json!(true))
        );
        assert!(answer["retry_after_ms"].as_u64().unwrap() > 0);
    }
    world.clock.advance(Duration::from_secs(60));
    answers(&mut socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_never_end_the_server() {
    let (world, _) = patient_world().await;
    let mut socket = greeted(&world).await;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let whole = hello().to_string();
    for round in 0..400 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let mut bytes = whole.clone().into_bytes();
        let place = usize::try_from(state).unwrap_or(0) % bytes.len();
        bytes[place] = state.to_le_bytes()[3] & 0x7F;
        if round % 3 == 0 {
            bytes.truncate(place);
        }
        raw(
            &mut socket,
            Message::text(String::from_utf8(bytes).unwrap()),
        )
        .await;
        let answer = receive(&mut socket).await.unwrap();
        if answer["fatal"] == true {
            socket = greeted(&world).await;
        }
        // A changed `hello` may still be one; what follows it is read away.
        send(
            &mut socket,
            &json!({"type": "ping", "t": format!("{round}")}),
        )
        .await;
        while receive(&mut socket).await.unwrap()["t"] != format!("{round}") {}
    }
}
