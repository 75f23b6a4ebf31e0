//! Two teens, one of whom does anything that can be done with the ids of the other.

use std::{sync::Arc, time::Duration};

use innerworld_core::{identity::consent::MemoryMode, ids::TeenId, secret::Text};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_server::{openapi::Operation, router};
use innerworld_testkit::{
    FakeClock, cases,
    reference::{Defect, Reference},
    scripted_model::ScriptedModel,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    guest::{Answer, ask, http},
    talk::{hello, message_id, say, settled, until},
    world::{Socket, World, parts::memory, send, settings},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// A teen, a word that only they use, and the ids of everything that is theirs.
struct Person {
    teen: TeenId,
    word: &'static str,
    token: String,
    ids: Vec<String>,
    /// A talk that goes on.
    _open: Socket,
}

/// Two teens at one server.
struct Two {
    world: World,
    http: reqwest::Client,
    people: [Person; 2],
}

/// One request. Numbers choose among what there is.
#[derive(Clone, Debug)]
struct Step {
    operation: usize,
    id: usize,
    twist: u8,
    what: usize,
    flag: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        any::<usize>(),
        any::<usize>(),
        0..12_u8,
        0..3_usize,
        any::<bool>(),
    );
    let step = step.prop_map(|(operation, id, twist, what, flag)| Step {
        operation,
        id,
        twist,
        what,
        flag,
    });
    prop::collection::vec(step, 1..10)
}

/// Everything that a signed-in teen may ask for, but the end of the account.
fn operations() -> Vec<Operation> {
    let all = router::operations().into_iter();
    let own = all.filter(|one| one.secured && one.path.starts_with("/v1/"));
    let own: Vec<Operation> = own
        .filter(|one| (one.method, one.path) != ("delete", "/v1/me"))
        .collect();
    assert!(own.len() >= 20, "{}", own.len());
    own
}

/// An id as somebody might write it; what does not fit into an address is escaped.
fn twisted(id: &str, twist: u8) -> String {
    let short = id.get(1..).unwrap_or_default();
    match twist {
        0 => id.to_lowercase(),
        1 => id.to_uppercase(),
        2 => format!("0{short}"),
        3 => short.to_owned(),
        4 => format!("..%2F{id}"),
        5 => format!("{id}%27%20OR%20%271%27=%271"),
        6 => format!("{id}%00"),
        _ => id.to_owned(),
    }
}

impl Two {
    /// Both have talked, are remembered, talk again, and keep a journal.
    async fn meet(crossing: bool) -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        let mut settings = settings();
        settings.limits.protocol_errors_per_min = 10_000;
        settings.limits.frames_burst = 10_000;
        // The clock stands still: no request would ever be forgotten.
        settings.limits.requests_per_address_min = 1_000_000;
        let parts = (Arc::new(ScriptedModel::saying("I see.")) as _, settings);
        let world = World::build(stores, clock, parts, |services, _cognito| {
            if crossing {
                let store = Arc::new(Reference::with(Defect::CrossesTeens));
                let graph = Arc::clone(&store);
                services.memory = memory(graph, Arc::clone(&store) as _, &services.clock);
                services.journal = store;
            }
        })
        .await;
        let http = http();
        let people = [
            Person::settle(&world, &http, (1, "quillandra")).await,
            Person::settle(&world, &http, (2, "vorquandish")).await,
        ];
        Self {
            world,
            http,
            people,
        }
    }

    fn request(&self, attacker: &Person, victim: &Person, step: &Step) -> RequestBuilder {
        let all = operations();
        let operation = &all[step.operation % all.len()];
        // Mostly the other's.
        let ids = if step.flag {
            &attacker.ids
        } else {
            &victim.ids
        };
        let id = &ids[step.id % ids.len()];
        let what = ["node", "fact", "turn"][step.what];
        let written = twisted(id, step.twist);
        let mut path = operation.path.replace("{what}", what);
        path = path.replace("{id}", &written);
        let query: Vec<String> = operation
            .query
            .iter()
            .map(|name| format!("{name}={written}"))
            .collect();
        let url = format!("http://{}{path}?{}", self.world.address, query.join("&"));
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        let request = self.http.request(method, url).bearer_auth(&attacker.token);
        match (operation.method, operation.path) {
            ("get" | "delete", _) => request,
            (_, path) => request.json(&body(path, (what, id))),
        }
    }

    /// What one of them can do to the other; an error says what went wrong.
    async fn attack(&self, attacker: usize, steps: &[Step]) -> Result<(), String> {
        let (attacker, victim) = (&self.people[attacker], &self.people[1 - attacker]);
        let before = victim.export(&self.world, &self.http).await;
        for step in steps {
            let answer = ask(self.request(attacker, victim, step)).await;
            check(victim, &answer).map_err(|why| {
                let all = operations();
                let Operation { method, path, .. } = all[step.operation % all.len()];
                format!("{method} {path}, {step:?}: {why}")
            })?;
        }
        let after = victim.export(&self.world, &self.http).await;
        if before == after {
            Ok(())
        } else {
            Err(format!("changed: {before} {after}"))
        }
    }
}

/// Fails on an answer that tells of somebody else, or that no answer should be.
fn check(victim: &Person, answer: &Answer) -> Result<(), String> {
    if answer.status >= 500 || answer.text.to_lowercase().contains(victim.word) {
        return Err(format!("{}: {}", answer.status, answer.text));
    }
    Ok(())
}

/// A body that this operation understands, about the thing with this id.
fn body(path: &str, (what, id): (&str, &str)) -> Value {
    match path {
        "/v1/me/memory/forget" => json!({"targets": [{"what": what, "id": id}]}),
        "/v1/me/memory/corrections" if what == "fact" => json!({"fact": id, "instead": "Somebody"}),
        "/v1/me/memory/corrections" => json!({"node": id, "name": "Somebody"}),
        "/v1/me/journal" => json!({"id": id, "text": "mine now"}),
        "/v1/me/memory/settings" => json!({"mode": "full"}),
        "/v1/me/profile" => json!({"locale": "es-US"}),
        _ => json!({"consents": []}),
    }
}

impl Person {
    async fn settle(
        world: &World,
        http: &reqwest::Client,
        (number, word): (u128, &'static str),
    ) -> Self {
        let teen = world.teen(number, MemoryMode::Full).await;
        let profiles = world.stores.profiles();
        let mut profile = profiles.load(teen).await.unwrap().unwrap();
        profile.name = Some(Text::new(word.to_owned()));
        profiles.put(teen, &profile).await.unwrap();
        let token = world.token(teen, HOUR);
        let mut socket = settled(world, &token).await;
        let said = format!("my best friend {word} and i joined the {word} club");
        say(&mut socket, 1, &said).await;
        until(&mut socket, "turn.end").await;
        send(&mut socket, &json!({"type": "session.end"})).await;
        until(&mut socket, "memory.updated").await;
        let mut socket = settled(world, &token).await;
        say(&mut socket, 2, &format!("{word} called again")).await;
        until(&mut socket, "turn.end").await;
        let mut person = Self {
            teen,
            word,
            token,
            ids: Vec::new(),
            _open: socket,
        };
        person.find_ids(world, http, number).await;
        let export = person.export(world, http).await.to_string();
        assert!(export.matches(word).count() >= 5, "{export}");
        person
    }

    async fn find_ids(&mut self, world: &World, http: &reqwest::Client, number: u128) {
        let url = |path: &str| format!("http://{}{path}", world.address);
        let get = async |path: &str| {
            ask(http.get(url(path)).bearer_auth(&self.token))
                .await
                .json()
        };
        let mut ids = vec![self.teen.to_string(), message_id(1), message_id(2)];
        let sessions = get("/v1/sessions").await;
        for session in sessions["items"].as_array().unwrap() {
            let id = session["id"].as_str().unwrap();
            let turns = get(&format!("/v1/sessions/{id}/turns")).await;
            ids.push(id.to_owned());
            ids.extend(all_ids(&turns["items"]));
        }
        for view in ["nodes", "edges", "timeline"] {
            let items = get(&format!("/v1/me/memory?view={view}")).await;
            ids.extend(all_ids(&items["items"]));
        }
        let entry = message_id(u32::try_from(number).unwrap() + 70);
        let text = format!("an evening with {}", self.word);
        let kept = http.post(url("/v1/me/journal")).bearer_auth(&self.token);
        let kept = ask(kept.json(&json!({"id": entry, "text": text}))).await;
        assert_eq!(kept.status, 201, "{}", kept.text);
        let export = http.post(url("/v1/me/export")).bearer_auth(&self.token);
        let export = ask(export).await.json()["id"].as_str().unwrap().to_owned();
        ids.extend([entry, export]);
        assert!(ids.len() >= 10, "{ids:?}");
        self.ids = ids;
    }

    /// Everything that is kept of them.
    async fn export(&self, world: &World, http: &reqwest::Client) -> Value {
        let url = |path: &str| format!("http://{}{path}", world.address);
        let begun = http.post(url("/v1/me/export")).bearer_auth(&self.token);
        let id = ask(begun).await.json()["id"].as_str().unwrap().to_owned();
        let document = http.get(url(&format!("/v1/me/exports/{id}")));
        let mut document = ask(document.bearer_auth(&self.token)).await.json();
        document.as_object_mut().unwrap().remove("exported_at");
        document
    }
}

fn all_ids(items: &Value) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    let ids = items.filter_map(|item| item["id"].as_str());
    ids.map(str::to_owned).collect()
}

#[test]
fn t06_no_request_reads_or_changes_anything_of_another_teen() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let two = runtime.block_on(Two::meet(false));
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases(24))
    });
    let tried = runner.run(&(0..2_usize, steps()), |(attacker, steps)| {
        let attack = two.attack(attacker, &steps);
        runtime.block_on(attack).map_err(TestCaseError::fail)
    });
    tried.unwrap();
}

/// Each operation once with each id, as it is.
fn every_step(two: &Two) -> Vec<Step> {
    let victims = two.people[1].ids.len();
    let operations = 0..operations().len();
    operations
        .flat_map(|operation| {
            (0..victims).map(move |id| Step {
                operation,
                id,
                twist: u8::MAX,
                what: id % 3,
                flag: false,
            })
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_no_operation_with_any_id_of_another_teen_finds_it() {
    let two = Two::meet(false).await;
    two.attack(0, &every_step(&two)).await.unwrap();
}

/// What parts them is the teen in the key.
#[tokio::test(flavor = "multi_thread")]
async fn t06_where_the_key_has_no_teen_the_other_is_read() {
    let two = Two::meet(true).await;
    let found = two.attack(0, &every_step(&two)).await;
    assert!(found.unwrap_err().contains(two.people[1].word));
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_ids_of_another_teen_do_nothing_over_a_socket() {
    let two = Two::meet(false).await;
    let (attacker, victim) = (&two.people[0], &two.people[1]);
    let before = victim.export(&two.world, &two.http).await;
    let mut frames = Vec::new();
    for id in &victim.ids {
        let mut socket = two.world.socket(&attacker.token).await.unwrap();
        let mut asking = hello();
        asking["session"] = json!(id);
        asking["last"] = json!({"epoch": "00000000000000ff", "seq": 1, "turn": id, "off": 0});
        for frame in [
            asking,
            json!({"type": "cancel", "turn": id}),
            json!({"type": "safety.ack", "event": id}),
            json!({"type": "safety.reply", "event": id, "choice": "fine"}),
            json!({"type": "persona.choose", "persona": id}),
            json!({"type": "auth", "token": id}),
        ] {
            // A greeting with an id of another form is no greeting: then the socket is closed.
            let text = frame.to_string();
            let message = tokio_tungstenite::tungstenite::Message::text(text);
            if futures_util::SinkExt::send(&mut socket, message)
                .await
                .is_err()
            {
                break;
            }
        }
        while let Ok(frame) = crate::world::receive(&mut socket).await {
            frames.push(frame.to_string().to_lowercase());
        }
    }
    assert!(frames.len() > victim.ids.len());
    assert!(frames.iter().all(|frame| !frame.contains(victim.word)));
    assert_eq!(victim.export(&two.world, &two.http).await, before);
}
