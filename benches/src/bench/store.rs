//! `bench store`: how many messages a second the store of live talk takes, and how soon each is
//! durable (embedded-storage.md 7 and 8).

mod figures;
mod talk;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use innerworld_embedded::{Embedded, OpenOptions, OsIds, SystemClock};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::task::TaskTracker;

use self::{
    figures::{Figures, Round},
    talk::Talk,
};
use super::{
    Output,
    machine::{self, Sync},
    quantile::{Times, number},
};
use crate::report;

/// Messages that are stored before anything is measured.
const PRELOADED: usize = 50_000;
/// Messages that wait for their commit at the same time in the saturated phase.
const IN_FLIGHT: usize = 200;
/// Messages a second in the paced phase.
const OFFERED: u64 = 2_000;
/// Answers that run meanwhile; each is stored again every half second.
const RUNNING: usize = 500;
const CHECKPOINT: Duration = Duration::from_millis(500);
const ROUNDS: usize = 3;

/// Messages a second and their latency in the store of live talk
#[derive(Debug, Args)]
pub(super) struct Store {
    /// Seconds of the paced phase of each round
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seconds of the saturated phase of each round
    #[arg(long, default_value_t = 10)]
    saturated_seconds: u64,
    /// Where the data goes meanwhile: on the disk that is meant [default: beside this program]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

impl Store {
    /// Measures, prints, judges.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let figures = runtime.block_on(Box::pin(self.measure()))?;
        figures.print();
        self.output.close(&figures.json(), &figures.failures())
    }

    async fn measure(&self) -> anyhow::Result<Figures> {
        let machine = machine::describe();
        let folder = self.folder()?;
        let before = Sync::probe(folder.path()).context("the disk could not be measured")?;
        let store = open(folder.path())?;
        report::progress(&format!("storing {PRELOADED} messages first"));
        let talk = Talk::begin(store.conversations(), IN_FLIGHT, RUNNING).await?;
        let talk = Arc::new(talk);
        flood(&talk, Until::Count(PRELOADED)).await?;
        let mut rounds = Vec::new();
        for number in 1..=ROUNDS {
            report::progress(&format!(
                "round {number} of {ROUNDS}, load {}",
                machine::load()
            ));
            rounds.push(self.round(&talk).await?);
        }
        let after = Sync::probe(folder.path()).context("the disk could not be measured")?;
        Ok(Figures {
            machine,
            before,
            after,
            rounds,
        })
    }

    fn folder(&self) -> anyhow::Result<tempfile::TempDir> {
        let place = match &self.dir {
            Some(dir) => dir.clone(),
            // The temporary folder of many machines lies in RAM, where a sync costs nothing.
            None => std::env::current_exe()?
                .parent()
                .map(Path::to_owned)
                .unwrap_or_default(),
        };
        tempfile::Builder::new()
            .prefix("bench-store-")
            .tempdir_in(&place)
            .with_context(|| format!("no folder in {}", place.display()))
    }

    async fn round(&self, talk: &Arc<Talk>) -> anyhow::Result<Round> {
        let started = Instant::now();
        let time = Duration::from_secs(self.saturated_seconds);
        let stored = flood(talk, Until::Time(started + time)).await?;
        let saturated_per_s = number(stored) / started.elapsed().as_secs_f64();
        let checkpoints = TaskTracker::new();
        let written = written_bytes()?;
        let mut paced = pace(talk, Duration::from_secs(self.seconds), &checkpoints).await?;
        let written = written_bytes()?.saturating_sub(written);
        let [p50_ms, p99_ms, p999_ms] = paced.times.quantiles_ms([0.5, 0.99, 0.999]);
        Ok(Round {
            saturated_per_s,
            paced_per_s: number(paced.stored) / paced.seconds,
            checkpoints_per_s: number(paced.checkpoints) / paced.seconds,
            p50_ms,
            p99_ms,
            p999_ms,
            kib_per_message: number(written) / 1_024.0 / number(paced.stored),
        })
    }
}

fn open(folder: &Path) -> anyhow::Result<Embedded> {
    let data_dir = folder.join("data");
    let options = OpenOptions {
        master_key_file: data_dir.join("master.key"),
        data_dir,
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    Embedded::open(options).context("the store could not be opened")
}

/// When a flood ends.
#[derive(Clone, Copy)]
enum Until {
    Count(usize),
    Time(Instant),
}

/// Stores messages as fast as they go, [`IN_FLIGHT`] at the same time; how many.
async fn flood(talk: &Arc<Talk>, until: Until) -> anyhow::Result<u64> {
    let mut writers = JoinSet::new();
    for writer in 0..IN_FLIGHT {
        let talk = Arc::clone(talk);
        writers.spawn(async move {
            let mut stored = 0_u64;
            let mut left = match until {
                Until::Count(count) => count / IN_FLIGHT,
                Until::Time(_) => usize::MAX,
            };
            while left > 0 && !matches!(until, Until::Time(end) if Instant::now() >= end) {
                talk.say(writer).await?;
                stored += 1;
                left -= 1;
            }
            anyhow::Ok(stored)
        });
    }
    let mut stored = 0;
    while let Some(writer) = writers.join_next().await {
        stored += writer??;
    }
    Ok(stored)
}

/// What a paced phase gave.
struct Paced {
    times: Times,
    stored: u64,
    checkpoints: u64,
    seconds: f64,
}

/// Offers messages at a fixed rate, whether or not the earlier ones are stored, while answers run.
/// Each is timed from the instant it was due, so that a stall shows in every message behind it.
async fn pace(talk: &Arc<Talk>, time: Duration, tasks: &TaskTracker) -> anyhow::Result<Paced> {
    let handle = tokio::runtime::Handle::current();
    let (sent, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let started = Instant::now();
    let count = OFFERED * time.as_secs();
    let pacer = {
        let (talk, tasks) = (Arc::clone(talk), tasks.clone());
        // A thread of its own: the runtime's timer is no finer than a millisecond.
        std::thread::spawn(move || {
            for n in 0..count {
                let due = started + Duration::from_secs(1) * u32_of(n) / u32_of(OFFERED);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let (talk, sent) = (Arc::clone(&talk), sent.clone());
                tasks.spawn_on(
                    async move {
                        let stored = talk.say(usize::try_from(n).unwrap_or(0)).await;
                        sent.send(stored.map(|()| due.elapsed())).ok();
                    },
                    &handle,
                );
            }
        })
    };
    let running = checkpoints(talk, started + time);
    let mut times = Times::default();
    let collected = async {
        let mut stored = 0;
        while let Some(time) = arrived.recv().await {
            times.add(time?);
            stored += 1;
        }
        anyhow::Ok(stored)
    };
    let (checkpoints, stored) = tokio::try_join!(running, collected)?;
    if pacer.join().is_err() {
        anyhow::bail!("the pacer stopped");
    }
    Ok(Paced {
        times,
        stored,
        checkpoints,
        seconds: time.as_secs_f64(),
    })
}

/// Stores each running answer every [`CHECKPOINT`], evenly spread; how often.
async fn checkpoints(talk: &Arc<Talk>, end: Instant) -> anyhow::Result<u64> {
    let mut answers = JoinSet::new();
    for answer in 0..RUNNING {
        let talk = Arc::clone(talk);
        let first = Instant::now() + CHECKPOINT * u32_of(answer as u64) / u32_of(RUNNING as u64);
        answers.spawn(async move {
            let mut due = first;
            let mut stored = 0_u64;
            while due < end {
                tokio::time::sleep_until(due).await;
                talk.checkpoint(answer).await?;
                stored += 1;
                due += CHECKPOINT;
            }
            anyhow::Ok(stored)
        });
    }
    let mut stored = 0;
    while let Some(answer) = answers.join_next().await {
        stored += answer??;
    }
    Ok(stored)
}

fn u32_of(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Bytes that this process caused to be written.
fn written_bytes() -> anyhow::Result<u64> {
    let io = std::fs::read_to_string("/proc/self/io").context("/proc/self/io is needed")?;
    let written = io
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "));
    written
        .context("no write_bytes")?
        .parse()
        .context("write_bytes is no number")
}
