//! The end of a session on real files: whichever statement of its commit fails, and wherever the
//! process is killed in it, memory is as before, and doing it again gives what it would have been.
//!
//! Triggers in `memory.db` make statements fail or hang; the product knows nothing of them.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use innerworld_core::{
    clock::Clock as _,
    memory::{
        Memory, MemoryExport,
        store::{Applied, AppliedKey},
    },
};
use innerworld_embedded::Embedded;
use innerworld_testkit::records::remembering;
use rusqlite::Connection;

use crate::{
    place::{Place, teen},
    talk::{later, memory, session},
};

const CHILD: &str = "INNERWORLD_TEST_REMEMBER_CHILD";
/// Tables that remembering writes.
const TABLES: [&str; 5] = ["node", "evidence", "mentions", "applied", "recall"];
const LINES: [&str; 3] = [
    "Maya and Tom were here",
    "Lena moved to town",
    "Maya came along",
];

/// A place in which one session is remembered, and its memory.
async fn begun() -> (Place, MemoryExport) {
    let place = Place::new();
    let embedded = place.open().unwrap();
    remember(&place, &embedded, 0, &["Maya sings", "with Tom and Ida"])
        .await
        .unwrap();
    let before = export(&place, &embedded).await;
    assert!(before.nodes.len() > 3 && before.turns.len() == 4);
    drop(embedded);
    (place, before)
}

async fn remember(
    place: &Place,
    embedded: &Embedded,
    day: u64,
    lines: &[&str],
) -> Result<Applied, innerworld_core::error::PortError> {
    let log = session(teen(1), day, lines);
    place.clock.set(later(&log));
    let memory = memory(embedded, place.clock.clone());
    Ok(memory.remember(&log, &remembering()).await?.applied)
}

async fn export(place: &Place, embedded: &Embedded) -> MemoryExport {
    let memory: Memory = memory(embedded, place.clock.clone());
    memory.export(teen(1), place.clock.now()).await.unwrap()
}

/// The same data, untouched, elsewhere.
fn copied(place: &Place) -> Place {
    let copy = Place::new();
    fs::create_dir_all(copy.data()).unwrap();
    for entry in fs::read_dir(place.data()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), copy.data().join(entry.file_name())).unwrap();
        }
    }
    fs::copy(place.key_file(), copy.key_file()).unwrap();
    copy.clock.set(place.clock.now());
    copy
}

/// What memory should be afterwards: the same done in a copy, undisturbed.
async fn undisturbed(place: &Place) -> MemoryExport {
    let copy = copied(place);
    let embedded = copy.open().unwrap();
    let applied = remember(&copy, &embedded, 1, &LINES).await.unwrap();
    assert_eq!(applied, Applied::Now);
    export(&copy, &embedded).await
}

fn file(place: &Path) -> Connection {
    Connection::open(place.join("memory.db")).unwrap()
}

/// Statements that write one of the tables are counted down; what is below zero does `then`.
fn disturb(data: &Path, then: &str) {
    let connection = file(data);
    connection
        .execute_batch(
            "CREATE TABLE disturbance (left INTEGER); INSERT INTO disturbance VALUES (0)",
        )
        .unwrap();
    let when = "(SELECT left FROM disturbance) < 0";
    for table in TABLES {
        for act in ["INSERT", "DELETE"] {
            let trigger = format!(
                "CREATE TRIGGER disturb_{table}_{act} BEFORE {act} ON {table} BEGIN
                   UPDATE disturbance SET left = left - 1;
                   {then} WHERE {when};
                 END"
            );
            connection.execute_batch(&trigger).unwrap();
        }
    }
}

/// From the statement after the next `left` ones on, the disturbance comes.
fn disturb_after(data: &Path, left: i64) {
    file(data)
        .execute("UPDATE disturbance SET left = ?1", [left])
        .unwrap();
}

fn undisturb(data: &Path) {
    let connection = file(data);
    for table in TABLES {
        for act in ["INSERT", "DELETE"] {
            connection
                .execute_batch(&format!("DROP TRIGGER disturb_{table}_{act}"))
                .unwrap();
        }
    }
    connection.execute_batch("DROP TABLE disturbance").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_remembered_whole_or_not_at_all_whichever_statement_fails() {
    let (place, before) = begun().await;
    let after = undisturbed(&place).await;
    assert_ne!(before, after);
    disturb(&place.data(), "SELECT RAISE(ABORT, 'disturbed')");
    let embedded = place.open().unwrap();
    let mut failed = 0;
    loop {
        disturb_after(&place.data(), failed);
        if remember(&place, &embedded, 1, &LINES).await.is_ok() {
            break;
        }
        failed += 1;
        assert_eq!(
            export(&place, &embedded).await,
            before,
            "statement {failed}"
        );
        assert!(failed < 1_000);
    }
    // Nodes, four lines and their answers, a list, the mark, the generation.
    assert!(failed > 10, "only {failed} statements were disturbed");
    assert_eq!(export(&place, &embedded).await, after);
}

/// Only does something as the child of the test below: remembers, and is killed meanwhile.
#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told by its environment what to do"
)]
async fn child() {
    let Some(directory) = std::env::var_os(CHILD) else {
        return;
    };
    let place = Place::of(Path::new(&directory));
    let embedded = place.open().unwrap();
    // The harness captures `println!`; this must leave the process.
    std::io::stdout().write_all(b"begins\n").unwrap();
    remember(&place, &embedded, 1, &LINES).await.unwrap();
}

/// Starts the child, lets it run into the statement that hangs, and kills it there.
fn begin_and_kill(place: &Place) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["remember::child", "--exact", "--nocapture"])
        .env(CHILD, place.directory())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = output.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("begins")));
    wait_until_it_hangs(&mut child, &place.data());
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Tries to write until the child has been writing for longer than any commit takes.
fn wait_until_it_hangs(child: &mut Child, data: &Path) {
    let connection = file(data);
    connection.busy_timeout(Duration::from_millis(200)).unwrap();
    while connection
        .execute_batch("BEGIN IMMEDIATE; ROLLBACK")
        .is_ok()
    {
        assert!(child.try_wait().unwrap().is_none(), "no statement hung");
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_end_is_killed_is_remembered_by_the_next_attempt() {
    let (place, before) = begun().await;
    let after = undisturbed(&place).await;
    let forever =
        "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                     SELECT i FROM n)";
    for statement in [0, 4, 9, 13] {
        let place = copied(&place);
        disturb(&place.data(), forever);
        disturb_after(&place.data(), statement);
        begin_and_kill(&place);
        undisturb(&place.data());
        let embedded = place.open().unwrap();
        assert_eq!(
            export(&place, &embedded).await,
            before,
            "statement {statement}"
        );
        let applied = remember(&place, &embedded, 1, &LINES).await.unwrap();
        assert_eq!(applied, Applied::Now);
        assert_eq!(
            export(&place, &embedded).await,
            after,
            "statement {statement}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_end_comes_twice_at_once_is_remembered_once() {
    let (place, _before) = begun().await;
    let after = undisturbed(&place).await;
    let embedded = place.open().unwrap();
    let log = session(teen(1), 1, &LINES);
    place.clock.set(later(&log));
    let memories = [(); 4].map(|()| Arc::new(memory(&embedded, place.clock.clone())));
    let mut ends = tokio::task::JoinSet::new();
    for memory in memories {
        let log = log.clone();
        ends.spawn(async move { memory.remember(&log, &remembering()).await.unwrap().applied });
    }
    let applied = ends.join_all().await;
    let now = applied.iter().filter(|applied| **applied == Applied::Now);
    assert_eq!(now.count(), 1);
    assert_eq!(export(&place, &embedded).await, after);
    let again = remember(&place, &embedded, 1, &LINES).await.unwrap();
    assert_eq!(again, Applied::Already);
    assert_eq!(export(&place, &embedded).await, after);
    let key = AppliedKey {
        session: log.session.id,
        extractor: "friends".to_owned(),
        version: "1".to_owned(),
    };
    assert!(embedded.graph().is_applied(teen(1), &key).await.unwrap());
}
