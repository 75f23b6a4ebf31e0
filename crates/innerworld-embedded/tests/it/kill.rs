//! What was acknowledged survives SIGKILL. The test runs its own binary as the child: the child
//! queues jobs and prints each number after the store answered; the parent kills it in between.

use std::{
    collections::HashSet,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use innerworld_core::{
    clock::Timestamp,
    ids::SessionId,
    memory::job::{JobKind, MemoryJob},
};
use innerworld_embedded::{Embedded, OpenOptions, OsIds, SystemClock};

use crate::place::teen;

const CHILD: &str = "INNERWORLD_TEST_KILL_CHILD";
const ROUNDS: u64 = 6;

fn open(directory: &Path) -> Embedded {
    Embedded::open(OpenOptions {
        data_dir: directory.join("data"),
        master_key_file: directory.join("master.key"),
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    })
    .unwrap()
}

fn job(number: u128) -> MemoryJob {
    MemoryJob {
        teen: teen(1),
        kind: JobKind::Remember {
            session: SessionId::from_bits(number),
        },
        not_before: Timestamp::from_millis(0),
        attempts: 0,
    }
}

/// Only does something as the child of the test below: writes until it is killed.
#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told by its environment what to do"
)]
async fn child() {
    let Some(directory) = std::env::var_os(CHILD) else {
        return;
    };
    let first: u128 = std::env::var("INNERWORLD_TEST_KILL_FIRST")
        .unwrap()
        .parse()
        .unwrap();
    let embedded = open(Path::new(&directory));
    let mut writers = tokio::task::JoinSet::new();
    for lane in 0..8 {
        let jobs = embedded.jobs();
        writers.spawn(async move {
            for n in 0.. {
                let number = first + lane + 8 * n;
                jobs.enqueue(&job(number)).await.unwrap();
                // The harness captures `println!`; what is acknowledged must leave the process.
                let line = format!("acknowledged {number}\n");
                std::io::stdout().write_all(line.as_bytes()).unwrap();
            }
        });
    }
    writers.join_all().await;
}

fn run_and_kill(directory: &Path, first: u128, after: Duration) -> Vec<u128> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(CHILD, directory)
        .env("INNERWORLD_TEST_KILL_FIRST", first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        output
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.split("acknowledged ").nth(1)?.parse().ok())
            .collect()
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[tokio::test]
async fn acknowledged_rows_survive_a_kill_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        let first = u128::from(round) * 10_000_000;
        let after = Duration::from_millis(250 + round * 37);
        acknowledged.extend(run_and_kill(directory.path(), first, after));
        let embedded = open(directory.path());
        let stored = embedded
            .jobs()
            .due(Timestamp::from_millis(1), 10_000_000)
            .await
            .unwrap();
        let mut found = HashSet::new();
        for job in &stored {
            let JobKind::Remember { session } = job.kind else {
                panic!("a job that nobody queued");
            };
            assert!(found.insert(session.bits()), "a job is there twice");
        }
        let lost = acknowledged.difference(&found).count();
        assert_eq!(lost, 0, "round {round}");
    }
    assert!(
        acknowledged.len() > 100,
        "{} rows are no test",
        acknowledged.len()
    );
}
