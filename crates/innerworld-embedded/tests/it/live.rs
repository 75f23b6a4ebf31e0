//! Jobs, tickets and safety records, in memory and on disk.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    error::ErrorKind,
    identity::account::Ticket,
    ids::SessionId,
    memory::job::{JobKind, MemoryJob},
    safety::{
        Category, SafetyCommit, SafetyCount, SafetyRecord, SafetyState, record::SafetyNotice,
    },
};
use innerworld_embedded::{Embedded, OsIds};

use crate::place::{Place, teen};

/// The same check on a file and without one.
async fn on_both<F: Future<Output = ()>>(check: impl Fn(Embedded, Timestamp) -> F) {
    let place = Place::new();
    let now = place.now();
    check(place.open().unwrap(), now).await;
    let memory = Embedded::in_memory(place.clock.clone(), Arc::new(OsIds)).unwrap();
    check(memory, now).await;
}

fn job(n: u128, kind: JobKind, not_before: Timestamp) -> MemoryJob {
    MemoryJob {
        teen: teen(n),
        kind,
        not_before,
        attempts: 0,
    }
}

#[tokio::test]
async fn jobs_are_queued_once_and_wait_for_their_time() {
    on_both(|embedded, now| async move {
        let jobs = embedded.jobs();
        let later = now.plus(Duration::from_secs(5));
        let remember = job(
            1,
            JobKind::Remember {
                session: SessionId::from_bits(9),
            },
            now,
        );
        let erase = job(1, JobKind::Erase, later);
        for _ in 0..2 {
            jobs.enqueue(&remember).await.unwrap();
            jobs.enqueue(&erase).await.unwrap();
        }
        assert_eq!(
            jobs.due(now, 10).await.unwrap(),
            std::slice::from_ref(&remember)
        );
        assert_eq!(
            jobs.due(later, 10).await.unwrap(),
            [remember.clone(), erase.clone()]
        );
        assert_eq!(
            jobs.due(later, 1).await.unwrap(),
            std::slice::from_ref(&remember)
        );
        assert_eq!(jobs.backlog(now).await.unwrap(), (2, Some(now)));

        jobs.defer(&remember, later).await.unwrap();
        let deferred = MemoryJob {
            attempts: 1,
            not_before: later,
            ..remember.clone()
        };
        assert!(jobs.due(now, 10).await.unwrap().is_empty());
        assert_eq!(
            jobs.due(later, 10).await.unwrap(),
            [deferred, erase.clone()]
        );
        for _ in 0..2 {
            jobs.remove(&remember).await.unwrap();
            jobs.remove(&erase).await.unwrap();
        }
        assert_eq!(jobs.backlog(later).await.unwrap(), (0, None));
        let gone = jobs.defer(&remember, later).await.unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_is_taken_once_and_in_time() {
    on_both(|embedded, now| async move {
        let tickets = embedded.tickets();
        let ends = now.plus(Duration::from_secs(30));
        let ticket = |n: u8| Ticket {
            hash: [n; 32],
            teen: teen(1),
            origin: "https://app.example".to_owned(),
            token_expires_at: ends,
            token_issued_at: now,
            expires_at: ends,
        };
        for n in 1..=3 {
            tickets.put(&ticket(n)).await.unwrap();
        }
        let last_moment = ends.minus(Duration::from_millis(1));
        assert_eq!(
            tickets.take([1; 32], last_moment).await.unwrap(),
            Some(ticket(1))
        );
        assert_eq!(tickets.take([1; 32], last_moment).await.unwrap(), None);
        assert_eq!(tickets.take([2; 32], ends).await.unwrap(), None);
        assert_eq!(tickets.take([9; 32], now).await.unwrap(), None);
        embedded.erasure().fence(teen(1), now).await.unwrap();
        embedded.erasure().destroy_key(teen(1)).await.unwrap();
        assert_eq!(tickets.take([3; 32], now).await.unwrap(), None);
    })
    .await;
}

fn notice(id: u8, now: Timestamp) -> SafetyNotice {
    SafetyNotice {
        id: [id; 16],
        count: SafetyCount {
            day: "2023-11-14".to_owned(),
            jurisdiction: "US-CA".to_owned(),
            category: Some(Category::Ideation),
            tier: "phrase".to_owned(),
            action: "crisis".to_owned(),
            detector_version: "1".to_owned(),
            resources_version: "1".to_owned(),
        },
        expires_at: now.plus(Duration::from_secs(60)),
    }
}

fn commit(expected_rev: u64, notice: Option<SafetyNotice>) -> SafetyCommit {
    SafetyCommit {
        teen: teen(1),
        record: SafetyRecord {
            rev: expected_rev + 1,
            state: SafetyState::Crisis,
            ..SafetyRecord::default()
        },
        expected_rev,
        notice,
    }
}

#[tokio::test]
async fn a_safety_record_moves_by_its_revision_and_counts_once() {
    on_both(|embedded, now| async move {
        let safety = embedded.safety();
        let days = ("2023-11-14", "2023-11-14");
        assert_eq!(safety.load(teen(1)).await.unwrap(), None);
        safety
            .commit(&commit(0, Some(notice(1, now))), now)
            .await
            .unwrap();
        for stale in [0, 2] {
            let moved = safety
                .commit(&commit(stale, Some(notice(2, now))), now)
                .await;
            assert_eq!(moved.unwrap_err().kind(), ErrorKind::Conflict);
        }
        safety
            .commit(&commit(1, Some(notice(1, now))), now)
            .await
            .unwrap();
        assert_eq!(
            safety.load(teen(1)).await.unwrap(),
            Some(commit(1, None).record)
        );
        assert_eq!(safety.load(teen(2)).await.unwrap(), None);
        let counted = safety.counts(days.0, days.1).await.unwrap();
        assert_eq!(counted, [(notice(1, now).count, 1)]);
        safety.count(teen(1), &notice(1, now)).await.unwrap();
        safety.count(teen(1), &notice(3, now)).await.unwrap();
        let counted = safety.counts(days.0, days.1).await.unwrap();
        assert_eq!(counted, [(notice(1, now).count, 2)]);
        assert!(
            safety
                .counts("2023-11-15", "2023-11-16")
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn changed_bytes_of_a_sealed_record_are_corrupt() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    for n in 1..=2 {
        let change = SafetyCommit {
            teen: teen(n),
            ..commit(0, None)
        };
        embedded
            .safety()
            .commit(&change, place.now())
            .await
            .unwrap();
    }
    let file = rusqlite::Connection::open(place.data().join("live.db")).unwrap();
    let sealed: Vec<Vec<u8>> = file
        .prepare("SELECT sealed FROM safety_state")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut flipped = sealed[0].clone();
    flipped[20] ^= 1;
    let truncated = sealed[0][..20].to_vec();
    let mut other_version = sealed[0].clone();
    other_version[0] = 9;
    // One sealed value for both rows: at most one of them is where it belongs.
    for (bytes, opening) in [
        (flipped, 0),
        (truncated, 0),
        (other_version, 0),
        (Vec::new(), 0),
        (sealed[0].clone(), 1),
    ] {
        file.execute("UPDATE safety_state SET sealed = ?1", [bytes])
            .unwrap();
        let mut opened = 0;
        for n in 1..=2 {
            match embedded.safety().load(teen(n)).await {
                Ok(record) => opened += usize::from(record.is_some()),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt),
            }
        }
        assert_eq!(opened, opening);
    }
}
