//! Exports: the document of one machine, sealed where it lies.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    ids::{ExportId, TeenId},
    memory::{Memory, MemoryPorts},
};
use innerworld_engine::export::{Ask, ExportPorts, Exports, Fetched, document};
use innerworld_language::{LocalExtractor, embed::StaticEncoder, pii::Scrub};
use innerworld_testkit::{FakeClock, SeededIds};
use serde_json::Value;

use super::home::{Home, answered, listed, nothing_again};
use crate::place::wall_clock;

const HOUR: Duration = Duration::from_secs(3_600);

fn ask(teen: TeenId, issued_at: Timestamp) -> Ask {
    Ask {
        teen,
        issued_at,
        now: wall_clock(),
    }
}

/// What one machine's server would answer over the same stores.
async fn made_here(home: &Home, teen: TeenId) -> Value {
    let aws = &home.place.aws;
    let encoder = Arc::new(StaticEncoder::shipped().unwrap());
    let memory = MemoryPorts {
        graph: home.memory(),
        namer: aws.namers(),
        extractor: Arc::new(LocalExtractor::new(encoder).unwrap()),
        encoder: None,
        thesaurus: None,
        scrubber: Arc::new(Scrub::new()),
        clock: Arc::new(FakeClock::new(wall_clock())),
        ids: Arc::new(SeededIds::named("made here")),
    };
    let ports = ExportPorts {
        accounts: aws.accounts(),
        profiles: aws.profiles(),
        consents: aws.consents(),
        conversations: aws.conversations(),
        journal: aws.journal(),
        memory: Arc::new(Memory::new(memory, 30 * 24 * HOUR, 0)),
        safety: aws.safety(),
        usage: aws.usage(),
        clocks: aws.clocks(),
    };
    let made = document(&ports, teen, wall_clock()).await.unwrap();
    // As it is read from the wire.
    serde_json::from_str(&made.to_string()).unwrap()
}

fn without_its_time(mut document: Value) -> Value {
    document.as_object_mut().unwrap().remove("exported_at");
    document
}

/// Asks for an export and has it made.
async fn export(home: &Home, teen: TeenId) -> ExportId {
    let exports = home.exports();
    let export = exports.begin(teen, wall_clock()).await.unwrap();
    let now = ask(teen, wall_clock());
    let running = exports.fetch(export, &now).await.unwrap();
    assert_eq!(running, Fetched::Running);
    // Whoever is impatient waits for the same one.
    assert_eq!(exports.begin(teen, wall_clock()).await.unwrap(), export);
    let event = home.privacy.next(0).await.unwrap();
    let mut worker = home.worker(&[]);
    for _twice in 0..2 {
        let told = answered(worker.invoke(event.to_string()).await);
        assert_eq!(told, nothing_again());
    }
    home.privacy.delete(&event).await;
    worker.stop();
    assert!(!worker.written().contains("river"), "{}", worker.written());
    export
}

#[tokio::test]
async fn an_export_is_the_document_of_one_machine_and_lies_sealed_for_its_teen_alone() {
    let home = Home::new("exported").await;
    let (teen, other) = (home.settle(false).await, home.records.teen());
    let export = export(&home, teen).await;
    let exports = home.exports();
    let fetched = exports.fetch(export, &ask(teen, wall_clock())).await;
    let Fetched::Document(found) = fetched.unwrap() else {
        panic!("no document");
    };
    let expected = made_here(&home, teen).await;
    assert!(expected.to_string().contains("Long walk by the river"));
    assert!(!expected["memory"]["nodes"].as_array().unwrap().is_empty());
    assert_eq!(without_its_time(found), without_its_time(expected));

    let bytes = home.objects().read(teen).await.unwrap().unwrap();
    let shown = String::from_utf8_lossy(&bytes);
    assert!(!shown.contains("river") && !shown.contains(&teen.to_string()));
    assert!(!listed(&home.bucket).await.contains(&teen.to_string()));

    let old = ask(teen, wall_clock().minus(2 * HOUR));
    assert_eq!(
        exports.fetch(export, &old).await.unwrap(),
        Fetched::TokenTooOld
    );
    let strangers = [
        (export, ask(other, wall_clock())),
        (ExportId::from_bits(1), ask(teen, wall_clock())),
    ];
    for (export, ask) in strangers {
        let found = exports.fetch(export, &ask).await.unwrap();
        assert_eq!(found, Fetched::NotThere);
    }
    let late = Ask {
        now: wall_clock().plus(25 * HOUR),
        ..ask(teen, wall_clock().plus(25 * HOUR))
    };
    assert_eq!(
        exports.fetch(export, &late).await.unwrap(),
        Fetched::NotThere
    );

    // Without the key nothing opens it, wherever a copy of it lies.
    home.place.aws.erasure().destroy_key(teen).await.unwrap();
    let gone = exports.fetch(export, &ask(teen, wall_clock())).await;
    assert!(gone.is_err());
}

#[tokio::test]
async fn one_that_is_too_large_for_an_answer_is_fetched_by_an_address() {
    let home = Home::new("large").await;
    let teen = home.settle(false).await;
    for _entry in 0..15 {
        let mut entry = home.records.journal(wall_clock());
        entry.text = "a long walk ".repeat(25_000).into();
        home.place.aws.journal().put(teen, &entry).await.unwrap();
    }
    let export = export(&home, teen).await;
    let exports = home.exports();
    let fetched = exports.fetch(export, &ask(teen, wall_clock())).await;
    let Fetched::Address(address) = fetched.unwrap() else {
        panic!("no address");
    };
    assert!(!format!("{address:?}").contains("http"));
    assert!(!address.reveal().contains(&teen.to_string()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(address.reveal().as_str()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let found: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let expected = made_here(&home, teen).await;
    assert_eq!(without_its_time(found), without_its_time(expected));
}
