//! What sockets cost in memory and in time. Measured by a child, which is alone in its process: the
//! tests beside it would be measured too.

use std::{process::Command, sync::Arc, time::Duration};

use innerworld_core::identity::consent::MemoryMode;
use innerworld_testkit::scripted_model::{ScriptedModel, ScriptedReply};
use serde_json::{Value, json};

use super::{Deaf, HOUR, greeted};
use crate::{
    stdout,
    talk::{eventually, hello, message_id},
    world::{World, settings},
};

const CHILD: &str = "TEST_DEAF_CHILD";
/// Most that one of them may cost in a program that was not optimised. The bench `realtime` measures
/// an idle socket of a server in release mode: a twentieth.
const BOUND: u64 = 200 * 1_024;

/// As many as there can be: each has two ends in this process.
fn count() -> u32 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let files = limit.current.unwrap_or(u64::MAX);
    let most = files.saturating_sub(200) / 2;
    u32::try_from(most.min(1_000)).unwrap()
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse::<u64>().unwrap() * 1_024
}

/// The nth teen, who talks, is answered, and reads nothing of it.
async fn deaf_teen(world: &World, number: u32, version: &Value) -> Deaf {
    let teen = world.teen(u128::from(number) + 2, MemoryMode::Off).await;
    let mut socket = Deaf::open(world, &world.token(teen, HOUR)).await;
    for frame in [
        hello(),
        json!({"type": "disclosure.ack", "version": version}),
        json!({"type": "persona.choose", "persona": "courage"}),
        json!({"type": "message", "id": message_id(1), "text": "tell me everything"}),
    ] {
        socket.say(&frame).await;
    }
    socket
}

/// Time that processors worked for this process, in hundredths of a second.
fn worked() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name before it may hold anything.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let of_us = fields.split_whitespace().skip(11).take(2);
    of_us.map(|field| field.parse::<u64>().unwrap()).sum()
}

/// A server whose model says some words and then nothing, what its disclosure is called, and one
/// teen who hears that.
async fn paused() -> (World, Arc<ScriptedModel>, Value, Deaf) {
    let answer = ScriptedReply::hanging_after(&"and so on ".repeat(20));
    let model = Arc::new(ScriptedModel::new([answer]));
    let mut settings = settings();
    settings.limits.handshakes_per_ip_min = 100_000;
    let world = World::start(Arc::clone(&model) as _, settings).await;
    let (reader, disclosure) = greeted(&world).await;
    drop(reader);
    let version = disclosure["version"].clone();
    let socket = deaf_teen(&world, 0, &version).await;
    eventually(async || model.calls().len() == 1).await;
    (world, model, version, socket)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told by its environment what to do"
)]
fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Runs one of the tests here in a process of its own.
fn alone(child: &str) {
    let mut own = Command::new(std::env::current_exe().unwrap());
    let name = format!("floods::alone::{child}");
    own.args(["--exact", &name, "--nocapture"]);
    let output = own.env(CHILD, "1").output().unwrap();
    let told = stdout(&output);
    assert!(output.status.success(), "{told}{}", crate::stderr(&output));
    assert!(told.contains("1 passed"), "{told}");
}

/// Only does something as the child of the test below.
#[tokio::test(flavor = "multi_thread")]
async fn many() {
    if !is_child() {
        return;
    }
    // What is filled once is filled by the first.
    let (world, model, version, first) = paused().await;
    let mut open = vec![first];
    let (count, before) = (count(), resident());
    for number in 1..=count {
        open.push(deaf_teen(&world, number, &version).await);
    }
    eventually(async || model.calls().len() == open.len()).await;
    let each = resident().saturating_sub(before) / u64::from(count);
    assert!(each < BOUND, "{each} bytes a socket");
    let connections = usize::try_from(world.app.metrics.connections.get()).unwrap();
    assert!(connections >= open.len(), "{connections} are there");
}

#[test]
fn t04_a_thousand_sockets_that_never_read_cost_little_each() {
    alone("many");
}

/// Only does something as the child of the test below.
#[tokio::test(flavor = "multi_thread")]
async fn one() {
    if !is_child() {
        return;
    }
    let (_world, _model, _version, _open) = paused().await;
    // Its words have been shown by then.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = worked();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let hundredths = worked() - before;
    assert!(hundredths < 30, "{hundredths} % of a processor");
}

/// A socket whose answer pauses once looked at the clock without end.
#[test]
fn t04_an_answer_that_pauses_keeps_no_processor_busy() {
    alone("one");
}
