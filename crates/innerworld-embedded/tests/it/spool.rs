//! The safety spool: what it keeps over a restart, a torn end, a store that is away, an erase.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::PathBuf,
};

use innerworld_core::{
    error::ErrorKind,
    safety::{SafetyCommit, store::SafetySpool},
};
use innerworld_testkit::{
    contract::{Subject, safety_spool},
    records::{NOW, Records},
};

use crate::place::Place;

fn file(place: &Place) -> PathBuf {
    place.data().join("safety.spool")
}

async fn waiting(spool: &dyn SafetySpool) -> Vec<SafetyCommit> {
    let pending = spool.pending().await.unwrap();
    pending.into_iter().map(|(_, commit)| commit).collect()
}

#[tokio::test]
async fn pending_changes_survive_a_restart() {
    let place = Place::new();
    let subject = || Subject::new(place.open().unwrap().spool());
    safety_spool::pending_changes_survive_a_restart(subject(), async || subject()).await;
}

#[tokio::test]
async fn a_torn_end_costs_only_what_was_never_promised() {
    let records = Records::named("a_torn_end");
    let place = Place::new();
    let mut promised = Vec::new();
    let spool = place.open().unwrap().spool();
    for rev in 0..2 {
        let change = records.safety_commit(records.teen(), rev);
        spool.append(&change).await.unwrap();
        promised.push(change);
    }
    drop(spool);
    let whole = fs::read(file(&place)).unwrap();
    let spool = place.open().unwrap().spool();
    let last = records.safety_commit(records.teen(), 2);
    spool.append(&last).await.unwrap();
    drop(spool);
    let longer = fs::read(file(&place)).unwrap();
    // Every place where a crash may have stopped the third write, and zeros instead of its bytes.
    let torn = (whole.len()..longer.len()).map(|end| longer[..end].to_vec());
    let zeros = [12, 64, 4_096].map(|length| [whole.clone(), vec![0; length]].concat());
    for bytes in torn.step_by(7).chain(zeros) {
        fs::write(file(&place), bytes).unwrap();
        let spool = place.open().unwrap().spool();
        assert_eq!(waiting(&*spool).await, promised);
        // What comes after the cut is whole again.
        spool.append(&last).await.unwrap();
        drop(spool);
        let spool = place.open().unwrap().spool();
        assert_eq!(spool.depth().await.unwrap(), 3);
    }
}

#[tokio::test]
async fn a_damaged_change_stays_and_counts_and_the_others_are_read() {
    let records = Records::named("a_damaged_change");
    let place = Place::new();
    let spool = place.open().unwrap().spool();
    let changes = [0, 1, 2].map(|rev| records.safety_commit(records.teen(), rev));
    for change in &changes {
        spool.append(change).await.unwrap();
    }
    drop(spool);
    let mut bytes = fs::read(file(&place)).unwrap();
    bytes[100] ^= 1;
    fs::write(file(&place), bytes).unwrap();
    let spool = place.open().unwrap().spool();
    assert_eq!(waiting(&*spool).await, &changes[1..]);
    assert_eq!(spool.depth().await.unwrap(), 3);
}

#[tokio::test]
async fn a_foreign_file_is_refused() {
    let place = Place::new();
    drop(place.open().unwrap());
    fs::write(file(&place), b"something that is no spool").unwrap();
    assert!(place.open().is_err());
}

#[tokio::test]
async fn it_works_while_a_database_is_away() {
    let records = Records::named("it_works_while_a_database_is_away");
    let place = Place::new();
    let embedded = place.open().unwrap();
    let (safety, spool) = (embedded.safety(), embedded.spool());
    let change = records.safety_commit(records.teen(), 0);
    safety.load(change.teen).await.unwrap();
    // Nobody else can write while this transaction is open; the store gives up after its timeout.
    let other = rusqlite::Connection::open(place.data().join("live.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let away = safety.commit(&change, NOW).await.unwrap_err();
    assert_eq!(away.kind(), ErrorKind::Unavailable);
    spool.append(&change).await.unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    let (handle, waited) = spool.pending().await.unwrap().remove(0);
    safety.commit(&waited, NOW).await.unwrap();
    spool.remove(handle).await.unwrap();
    assert_eq!(spool.depth().await.unwrap(), 0);
    assert_eq!(safety.load(change.teen).await.unwrap(), Some(change.record));
}

#[tokio::test]
async fn it_is_bounded_and_shrinks() {
    let records = Records::named("it_is_bounded");
    let place = Place::new();
    let spool = place.open().unwrap().spool();
    let change = records.safety_commit(records.teen(), 0);
    for _ in 0..600 {
        spool.append(&change).await.unwrap();
    }
    let full = fs::metadata(file(&place)).unwrap().len();
    let pending = spool.pending().await.unwrap();
    for (handle, _) in &pending[..400] {
        spool.remove(*handle).await.unwrap();
    }
    assert!(fs::metadata(file(&place)).unwrap().len() < full);
    assert_eq!(spool.pending().await.unwrap(), &pending[400..]);
    for (handle, _) in &pending[400..] {
        spool.remove(*handle).await.unwrap();
    }
    assert_eq!(fs::metadata(file(&place)).unwrap().len(), 16);
    drop(spool);
    // Also a restart gives no handle twice.
    let spool = place.open().unwrap().spool();
    spool.append(&change).await.unwrap();
    let (handle, _) = spool.pending().await.unwrap().remove(0);
    assert!(pending.iter().all(|(given, _)| *given < handle));
}

#[tokio::test]
async fn an_erase_takes_the_teens_changes_out() {
    let records = Records::named("an_erase");
    let place = Place::new();
    let embedded = place.open().unwrap();
    let (spool, erasure) = (embedded.spool(), embedded.erasure());
    let gone = records.safety_commit(records.teen(), 0);
    let stays = records.safety_commit(records.teen(), 0);
    for change in [&gone, &stays, &gone] {
        spool.append(change).await.unwrap();
    }
    erasure.fence(gone.teen, NOW).await.unwrap();
    let late = spool.append(&gone).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Denied);
    erasure.destroy_key(gone.teen).await.unwrap();
    assert_eq!(waiting(&*spool).await, [stays]);
}

#[tokio::test]
async fn garbage_behind_the_end_is_cut() {
    let records = Records::named("garbage");
    let place = Place::new();
    let spool = place.open().unwrap().spool();
    let change = records.safety_commit(records.teen(), 0);
    spool.append(&change).await.unwrap();
    drop(spool);
    let mut bytes = OpenOptions::new().append(true).open(file(&place)).unwrap();
    bytes.write_all(&[0xff; 300]).unwrap();
    drop(bytes);
    let spool = place.open().unwrap().spool();
    assert_eq!(waiting(&*spool).await, [change]);
}
