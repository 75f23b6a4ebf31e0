//! A server with the encoder all-MiniLM-L6-v2 and its true weights, which `cargo xtask test --stage
//! minilm` fetches and names in `MINILM_FOLDER`. Without them these tests fail.

use std::{
    fs,
    path::{Path, PathBuf},
};

use innerworld_testkit::hostile_upstream::{HostileUpstream, Wire};
use serde_json::json;

use crate::{
    guest::Guest,
    life::provider,
    serving::{Home, Serving},
    stderr,
    talk::{say, until},
    world::send,
};

/// What the teen says in the first session. The last line is meant later, in other words.
const SAID: [&str; 8] = [
    "the bus was late again",
    "we had pizza for lunch",
    "my locker is stuck",
    "it rained the whole break",
    "that song is in my head all day",
    "my phone screen has a crack",
    "we watched some movie about space",
    "my knees were shaking on the high bridge",
];
/// Has no word in common with any of them, nor one that means about the same.
const ASKED: &str = "do you remember what i am afraid of?";

#[expect(
    clippy::disallowed_methods,
    reason = "the weights are no part of the repository: only the stage knows where they are"
)]
fn weights() -> PathBuf {
    let folder = std::env::var("MINILM_FOLDER");
    PathBuf::from(folder.expect("run this by `cargo xtask test --stage minilm`"))
}

/// Settings of memory with the encoder in `model`.
fn memory(model: &Path) -> String {
    format!("encoder = \"minilm\"\nmodel_dir = '{}'\n", model.display())
}

async fn first_talk(teen: &Guest) {
    let mut socket = teen.talking().await;
    for (number, text) in (1..).zip(SAID) {
        say(&mut socket, number, text).await;
        until(&mut socket, "turn.end").await;
    }
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
}

fn ends(server: Serving) -> String {
    server.terminate();
    let said = server.said();
    assert!(server.wait().0.success(), "{said}");
    said
}

/// Asks on a new server; the prompt that went to the model.
async fn prompt(home: &Home, teen: &mut Guest, upstream: &HostileUpstream, id: u32) -> String {
    let server = home.start();
    teen.follow(&server);
    let mut socket = teen.talking().await;
    say(&mut socket, id, ASKED).await;
    until(&mut socket, "turn.end").await;
    // Else the next server would go on with this session.
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "session.ended").await;
    ends(server);
    let bodies = upstream.requests().into_iter().map(|asked| asked.json());
    // Those of extraction, which reads ended sessions, want JSON.
    let mut replies = bodies.filter(|body| body.get("response_format").is_none());
    replies.next_back().unwrap()["messages"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_finds_by_the_encoder_what_was_said_in_other_words() {
    let upstream = HostileUpstream::start([Wire::good().chunked()]).await;
    let settings = |memory: &str| {
        let rest = format!("[memory]\n{memory}[limits]\nmessages_burst = 20\n");
        provider(&upstream, &rest)
    };
    let with_encoder = settings(&memory(&weights()));
    let home = Home::new(&with_encoder);
    let server = home.start();
    let mut teen = Guest::arrive(&server, "robin@example.org", "Robin").await;
    first_talk(&teen).await;
    let said = ends(server);
    assert!(said.contains("opened the encoder"), "{said}");

    // Other processes have only what was stored, the vectors among it.
    let file = home.path().join("innerworld.toml");
    fs::write(&file, settings("encoder = \"lexical\"\n")).unwrap();
    let by_words = prompt(&home, &mut teen, &upstream, 98).await;
    assert!(!by_words.contains("high bridge"), "{by_words}");
    fs::write(&file, with_encoder).unwrap();
    let by_meaning = prompt(&home, &mut teen, &upstream, 99).await;
    assert!(by_meaning.contains("high bridge"), "{by_meaning}");
}

#[test]
fn a_folder_without_whole_weights_is_refused_with_what_is_wrong() {
    let damaged = tempfile::tempdir().unwrap();
    let home = Home::new(&format!("[memory]\n{}", memory(damaged.path())));
    let refused = || {
        let output = home.refused();
        assert_eq!(output.status.code(), Some(1));
        stderr(&output)
    };
    let said = refused();
    assert!(said.contains("`memory.model_dir`"), "{said}");
    assert!(said.contains("could not read"), "{said}");

    for file in ["config.json", "vocab.txt"] {
        fs::copy(weights().join(file), damaged.path().join(file)).unwrap();
    }
    let mut cut = fs::read(weights().join("model.safetensors")).unwrap();
    cut.truncate(cut.len() / 2);
    fs::write(damaged.path().join("model.safetensors"), cut).unwrap();
    let said = refused();
    assert!(said.contains("model.safetensors is cut"), "{said}");
}
