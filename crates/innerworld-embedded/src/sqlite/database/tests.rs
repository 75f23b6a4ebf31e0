//! What only the threads themselves show: batches, savepoints, panics, full queues, full disks.

use std::sync::{Arc, mpsc};

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};
use tempfile::TempDir;

use super::*;
use crate::{
    fences::Fence,
    sqlite::{file, migrations::LIVE},
};

fn on_disk() -> (TempDir, Database, Arc<Fences>) {
    let directory = tempfile::tempdir().unwrap();
    let fences = Arc::new(Fences::default());
    let database = Database::start(file::open(directory.path(), &LIVE).unwrap(), &fences).unwrap();
    (directory, database, fences)
}

async fn insert(database: &Database, day: &str) -> Result<(), PortError> {
    let day = day.to_owned();
    database
        .write("insert", None, move |connection| {
            connection.execute("INSERT INTO safety_count VALUES (?1, 'k', 1)", [day])?;
            Ok(())
        })
        .await
}

async fn days(database: &Database) -> i64 {
    database
        .read("count", |connection| {
            Ok(connection.query_row("SELECT count(*) FROM safety_count", [], |row| row.get(0))?)
        })
        .await
        .unwrap()
}

/// Keeps the writer busy until the returned sender is dropped.
fn hold(database: &Arc<Database>) -> (mpsc::Sender<()>, tokio::task::JoinSet<()>) {
    let (release, held) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel::<()>();
    let database = Arc::clone(database);
    let mut holder = tokio::task::JoinSet::new();
    holder.spawn(async move {
        let held = database.write("hold", None, move |_connection| {
            begun.send(()).unwrap();
            // An error: the sender is gone, which is what ends the wait.
            assert!(held.recv().is_err());
            Ok(())
        });
        held.await.unwrap();
    });
    begins.recv().unwrap();
    (release, holder)
}

#[tokio::test]
async fn a_failed_item_takes_only_its_own_changes_along() {
    let (_directory, database, _fences) = on_disk();
    let half = database.write("fail half-way", None, |connection| -> Result<(), Failure> {
        connection.execute("INSERT INTO safety_count VALUES ('half', 'k', 1)", [])?;
        Err(PortError::new(ErrorKind::Conflict, "fail half-way").into())
    });
    let (first, half, second) = tokio::join!(insert(&database, "1"), half, insert(&database, "2"));
    first.unwrap();
    second.unwrap();
    assert_eq!(half.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(days(&database).await, 2);
}

#[tokio::test]
async fn a_panic_neither_ends_the_writer_nor_leaves_half_a_change() {
    let (_directory, database, _fences) = on_disk();
    let panicked = database.write("panic", None, |connection| -> Result<(), Failure> {
        connection.execute("INSERT INTO safety_count VALUES ('half', 'k', 1)", [])?;
        panic!("on purpose");
    });
    assert_eq!(panicked.await.unwrap_err().kind(), ErrorKind::Unavailable);
    insert(&database, "1").await.unwrap();
    assert_eq!(days(&database).await, 1);
}

#[tokio::test]
async fn the_log_goes_into_the_file_again_and_again() {
    let (_directory, database, _fences) = on_disk();
    let mut log = database.path().unwrap().as_os_str().to_owned();
    log.push("-wal");
    for number in 0..400 {
        // Six pages each at least.
        insert(&database, &format!("{number:09000}")).await.unwrap();
    }
    let pages = std::fs::metadata(log).unwrap().len() / 4_096;
    assert!((400..1_100).contains(&pages), "{pages} pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once_and_recovers() {
    let (_directory, database, _fences) = on_disk();
    let database = Arc::new(database);
    let (release, holder) = hold(&database);
    let mut waiting = tokio::task::JoinSet::new();
    for n in 0..writer::QUEUE_LIMIT {
        let database = Arc::clone(&database);
        waiting.spawn(async move { insert(&database, &n.to_string()).await });
    }
    while database.waiting_writes() < writer::QUEUE_LIMIT {
        tokio::task::yield_now().await;
    }
    let refused = insert(&database, "one too many").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Throttled);
    drop(release);
    holder.join_all().await;
    while let Some(done) = waiting.join_next().await {
        done.unwrap().unwrap();
    }
    let stored = days(&database).await;
    assert_eq!(usize::try_from(stored), Ok(writer::QUEUE_LIMIT));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_refuses_what_already_waits() {
    let (_directory, database, fences) = on_disk();
    let database = Arc::new(database);
    let teen = TeenId::from_subject_bits(7);
    let (release, holder) = hold(&database);
    let mut late = tokio::task::JoinSet::new();
    {
        let database = Arc::clone(&database);
        late.spawn(async move {
            let job = |connection: &Connection| {
                connection.execute("INSERT INTO safety_count VALUES ('late', 'k', 1)", [])?;
                Ok(())
            };
            database.write("write late", Some(teen), job).await
        });
    }
    while database.waiting_writes() == 0 {
        tokio::task::yield_now().await;
    }
    fences.raise(teen, Fence::Fenced);
    drop(release);
    holder.join_all().await;
    let late: Vec<Result<(), PortError>> = late.join_all().await;
    assert!(late.iter().all(|refused| {
        refused
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::Denied)
    }));
    assert_eq!(days(&database).await, 0);
}

#[tokio::test]
async fn a_full_disk_stores_nothing_by_halves_and_recovers() {
    let (_directory, database, _fences) = on_disk();
    let limit = |sql: &'static str| {
        database.alone("limit the file", move |connection| {
            Ok(connection.query_row(sql, [], |_row| Ok(()))?)
        })
    };
    limit("PRAGMA max_page_count = 1").await.unwrap();
    let padding = "x".repeat(100_000);
    let full = database.write("fill", None, move |connection| {
        connection.execute("INSERT INTO safety_count VALUES ('small', 'k', 1)", [])?;
        connection.execute("INSERT INTO safety_count VALUES (?1, 'k', 1)", [padding])?;
        Ok(())
    });
    assert_eq!(full.await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(days(&database).await, 0);
    limit("PRAGMA max_page_count = 1000000").await.unwrap();
    insert(&database, "1").await.unwrap();
    assert_eq!(days(&database).await, 1);
}
