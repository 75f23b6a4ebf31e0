//! Erasing a teen: what is refused when, and that nothing is left in any file.

use std::{fs, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    error::ErrorKind,
    identity::account::Ticket,
    ids::SessionId,
    memory::job::{JobKind, MemoryJob},
    safety::{SafetyCommit, SafetyRecord},
};
use innerworld_embedded::Embedded;

use crate::place::{Place, teen};

const MARKER: &str = "https://marker-7f3a9c.example";

fn safety(n: u128) -> SafetyCommit {
    SafetyCommit {
        teen: teen(n),
        record: SafetyRecord {
            rev: 1,
            ..SafetyRecord::default()
        },
        expected_rev: 0,
        notice: None,
    }
}

fn job(kind: JobKind, now: Timestamp) -> MemoryJob {
    MemoryJob {
        teen: teen(1),
        kind,
        not_before: now,
        attempts: 0,
    }
}

async fn fill(embedded: &Embedded, now: Timestamp) {
    for n in 1..=2 {
        embedded.safety().commit(&safety(n), now).await.unwrap();
    }
    for n in 0..20 {
        let ticket = Ticket {
            hash: [n; 32],
            teen: teen(1),
            origin: MARKER.to_owned(),
            token_expires_at: now,
            token_issued_at: now,
            expires_at: now.plus(Duration::from_secs(30)),
        };
        embedded.tickets().put(&ticket).await.unwrap();
    }
    let session = SessionId::from_bits(9);
    embedded
        .jobs()
        .enqueue(&job(JobKind::Remember { session }, now))
        .await
        .unwrap();
    embedded
        .jobs()
        .enqueue(&job(JobKind::Erase, now))
        .await
        .unwrap();
}

fn copies(place: &Place, needle: &[u8]) -> usize {
    fs::read_dir(place.data())
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .map(|bytes| {
            bytes
                .windows(needle.len())
                .filter(|window| *window == needle)
                .count()
        })
        .sum()
}

#[tokio::test]
async fn each_step_holds_across_a_restart_and_nothing_is_left() {
    let place = Place::new();
    let now = place.now();
    let embedded = place.open().unwrap();
    fill(&embedded, now).await;
    assert!(
        copies(&place, MARKER.as_bytes()) >= 20,
        "the scan finds what is there"
    );

    embedded.erasure().fence(teen(1), now).await.unwrap();
    drop(embedded);
    let embedded = place.open().unwrap();
    assert!(embedded.erasure().is_fenced(teen(1)).await.unwrap());
    let refused = embedded.safety().commit(&safety(1), now).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let session = SessionId::from_bits(10);
    let late = embedded
        .jobs()
        .enqueue(&job(JobKind::Remember { session }, now))
        .await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Denied);
    embedded
        .jobs()
        .enqueue(&job(JobKind::Erase, now))
        .await
        .unwrap();
    assert!(embedded.safety().load(teen(1)).await.unwrap().is_some());

    embedded.erasure().destroy_key(teen(1)).await.unwrap();
    let unreadable = embedded.safety().load(teen(1)).await.unwrap_err();
    assert_eq!(unreadable.kind(), ErrorKind::NotFound);
    drop(embedded);
    let embedded = place.open().unwrap();
    let unreadable = embedded.safety().load(teen(1)).await.unwrap_err();
    assert_eq!(unreadable.kind(), ErrorKind::NotFound);
    let unnamed = embedded.namers().namer(teen(1)).await.unwrap_err();
    assert_eq!(unnamed.kind(), ErrorKind::NotFound);

    let mut gone = 0;
    loop {
        let step = embedded.erasure().delete_rows(teen(1), 5).await.unwrap();
        assert!(step <= 5);
        if step == 0 {
            break;
        }
        gone += step;
    }
    assert_eq!(gone, 22, "a record, twenty tickets, one job");
    let left = embedded.jobs().due(now, 10).await.unwrap();
    assert_eq!(
        left,
        [job(JobKind::Erase, now)],
        "the erase finds its way back"
    );
    embedded
        .erasure()
        .bury(teen(1), now.plus(Duration::from_secs(60)))
        .await
        .unwrap();
    embedded
        .jobs()
        .remove(&job(JobKind::Erase, now))
        .await
        .unwrap();
    embedded.erasure().truncate_logs().await.unwrap();
    assert_eq!(copies(&place, MARKER.as_bytes()), 0);
    assert_eq!(copies(&place, &teen(1).to_bytes()), 0);
    assert!(embedded.safety().load(teen(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_buried_teen_does_not_come_back_while_the_tombstone_stands() {
    let place = Place::new();
    let now = place.now();
    let embedded = place.open().unwrap();
    let erasure = embedded.erasure();
    for _ in 0..2 {
        erasure.fence(teen(1), now).await.unwrap();
        erasure.destroy_key(teen(1)).await.unwrap();
        assert_eq!(erasure.delete_rows(teen(1), 5).await.unwrap(), 0);
        erasure
            .bury(teen(1), now.plus(Duration::from_secs(60)))
            .await
            .unwrap();
    }
    drop((erasure, embedded));
    let embedded = place.open().unwrap();
    assert!(embedded.erasure().is_fenced(teen(1)).await.unwrap());
    let refused = embedded.safety().commit(&safety(1), now).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    assert!(!embedded.erasure().is_fenced(teen(2)).await.unwrap());
}
