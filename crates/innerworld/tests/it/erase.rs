//! Erasing a teen through the server: what is open closes, and no file keeps anything of them.

use std::{fs, path::Path, sync::Arc, time::Duration};

use innerworld_core::{
    clock::Clock as _,
    identity::consent::MemoryMode,
    ids::{IdSource as _, TeenId},
    memory::store::{Horizon, StoredMemory},
};
use innerworld_embedded::{Embedded, OpenOptions, OsIds};
use innerworld_testkit::FakeClock;
use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    identity::provider::{PASSWORD, Provider, Tokens, name},
    talk::{message_id, say, settled, until},
    world::{Socket, receive, send},
};

/// What no file may show.
const MARKER: &str = "qzmarkerxv";
const NEIGHBOUR: &str = "sam@example.org";

/// A data folder that servers are started over, one after another.
pub(crate) struct Place {
    data: TempDir,
    pub(crate) clock: Arc<FakeClock>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            data: tempfile::tempdir().unwrap(),
            clock: Arc::default(),
        }
    }

    pub(crate) fn open(&self) -> Embedded {
        Embedded::open(OpenOptions {
            data_dir: self.data.path().to_owned(),
            master_key_file: self.data.path().join("master.key"),
            clock: Arc::clone(&self.clock) as _,
            ids: Arc::new(OsIds),
        })
        .unwrap()
    }

    /// How often these bytes stand in any file, logs included.
    pub(crate) fn copies(&self, needle: &[u8]) -> usize {
        let files = fs::read_dir(self.data.path()).unwrap();
        let count = |path: &Path| {
            let bytes = fs::read(path).unwrap();
            let windows = bytes.windows(needle.len());
            windows.filter(|window| *window == needle).count()
        };
        files.map(|file| count(&file.unwrap().path())).sum()
    }
}

/// A teen who signed up, talked, was remembered, wrote a journal, forgot the password, and talks.
struct Person {
    teen: TeenId,
    tokens: Tokens,
    socket: Socket,
}

async fn live(provider: &Provider, address: &str) -> Person {
    let teen = provider.teen(address).await;
    provider.world.admit(teen, MemoryMode::Full).await;
    let profiles = provider.world.stores.profiles();
    let mut profile = profiles.load(teen).await.unwrap().unwrap();
    profile.name = Some(MARKER.to_owned().into());
    profiles.put(teen, &profile).await.unwrap();
    let tokens = provider.sign_in(address, PASSWORD).await.unwrap();
    let mut socket = settled(&provider.world, &tokens.access).await;
    let said = format!("my best friend is called {MARKER} and we play the drums");
    say(&mut socket, 1, &said).await;
    until(&mut socket, "turn.end").await;
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
    let entry = json!({"id": message_id(7), "text": MARKER});
    let kept = provider
        .post_json("/v1/me/journal", &tokens.access, &entry)
        .await;
    assert!(kept.0.is_success(), "{kept:?}");
    let forgot = json!({"Username": address});
    provider.call("ForgotPassword", forgot).await.unwrap();
    let mut socket = settled(&provider.world, &tokens.access).await;
    say(&mut socket, 2, MARKER).await;
    until(&mut socket, "turn.end").await;
    Person {
        teen,
        tokens,
        socket,
    }
}

async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        if let Err(code) = receive(socket).await {
            return code;
        }
    }
}

/// Waits until no job is due any more.
async fn all_done(provider: &Provider) {
    let jobs = provider.world.stores.jobs();
    for _ in 0..400 {
        let now = provider.world.clock.now();
        if jobs.due(now, 10).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the jobs do not end");
}

async fn memory(provider: &Provider, teen: TeenId) -> StoredMemory {
    let whole = Horizon::whole_graph(provider.world.clock.now());
    provider
        .world
        .stores
        .graph()
        .load(teen, whole)
        .await
        .unwrap()
}

/// Erases the teen in one of the two ways.
async fn erase(provider: &Provider, tokens: &Tokens, by_route: bool) {
    if by_route {
        let status = provider.delete("/v1/me", &tokens.access).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    } else {
        let body = json!({"AccessToken": tokens.access});
        provider.call("DeleteUser", body).await.unwrap();
    }
}

async fn leaves_nothing(by_route: bool) {
    let place = Place::new();
    let provider = Provider::over(place.open(), Arc::clone(&place.clock)).await;
    let neighbour = live(&provider, NEIGHBOUR).await;
    // An address that no other test and no file has by chance.
    let address = format!("{MARKER}-{:x}@example.org", OsIds.ulid(place.clock.now()));
    let mut person = live(&provider, &address).await;
    let subject = person.teen.to_bytes();
    assert!(place.copies(&subject) > 0, "the scan sees the subject");
    let before = memory(&provider, neighbour.teen).await;
    assert!(!before.evidence.is_empty());

    erase(&provider, &person.tokens, by_route).await;
    assert_eq!(close_code(&mut person.socket).await, 4_403);
    all_done(&provider).await;
    // The log that held the job is emptied a moment after it.
    for _ in 0..100 {
        if place.copies(&subject) == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(place.copies(&subject), 0, "the subject is left");
    let written = person.teen.to_string();
    for words in [MARKER, &address, &written] {
        assert_eq!(place.copies(words.as_bytes()), 0, "{words} is left");
    }
    let (refused, _) = provider.get("/v1/me", &person.tokens.access).await;
    assert_eq!(refused, StatusCode::UNAUTHORIZED);
    let renewed = provider.refresh(&person.tokens.refresh).await;
    assert_eq!(name(renewed), "NotAuthorizedException");

    assert_eq!(memory(&provider, neighbour.teen).await, before);
    let (status, _) = provider.get("/v1/me", &neighbour.tokens.access).await;
    assert_eq!(status, StatusCode::OK);
    // The address is free, and nothing of the first account comes back with it.
    let again = provider.teen(&address).await;
    assert_ne!(again, person.teen);
    assert!(memory(&provider, again).await.evidence.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_teen_is_in_no_file() {
    leaves_nothing(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_in_no_file() {
    leaves_nothing(false).await;
}
