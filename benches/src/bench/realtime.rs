//! `bench realtime`: what a connection and a frame cost, beside bare servers in the same run
//! (protocol.md 14).

mod figures;
mod frames;
mod generator;
mod peers;
mod process;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;

use self::{
    figures::{Figures, Row},
    generator::{Ask, Asker},
    peers::{Kind, Peers},
    process::{Cores, Process},
};
use super::{Output, machine, quantile::number};
use crate::report;

/// Connections that stand still.
const IDLE: usize = 5_000;
/// Connections that ask and wait.
const BUSY: usize = 200;
/// Connections that ask by the clock, each once in [`EVERY`].
const PACED: usize = 50;
const EVERY: Duration = Duration::from_millis(100);
const ROUNDS: usize = 3;
/// Open files that both sides need.
const FILES: u64 = 5_500;
/// Memory is looked at when nothing moves any more.
const SETTLE: Duration = Duration::from_secs(2);
/// Time to get warm, not measured.
const WARM: Duration = Duration::from_millis(500);

/// Memory and CPU of connections and messages
#[derive(Debug, Args)]
pub(super) struct Realtime {
    /// Seconds of each measured phase
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    #[command(flatten)]
    output: Output,
}

impl Realtime {
    /// Measures, prints, judges.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        enough_files()?;
        let cores = Cores::take()?;
        // One thread: the generator has one core, and more threads would only take turns.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let figures = runtime.block_on(Box::pin(self.measure(cores)))?;
        figures.print();
        self.output.close(&figures.json(), &figures.failures())
    }

    async fn measure(&self, cores: Cores) -> anyhow::Result<Figures> {
        let peers = Peers::prepare(cores)?;
        let mut figures = Figures::new(machine::describe(), cores);
        for round in 1..=ROUNDS {
            // Interleaved: what else the machine does hits all alike.
            for kind in peers.kinds() {
                let name = kind.name();
                report::progress(&format!(
                    "round {round} of {ROUNDS}: {name}, load {}",
                    machine::load()
                ));
                let row = self.one(&peers, kind).await;
                figures.add(
                    kind,
                    row.with_context(|| format!("{name} could not be measured"))?,
                );
            }
        }
        Ok(figures)
    }

    async fn one(&self, peers: &Peers, kind: Kind) -> anyhow::Result<Row> {
        let (idle_kib, used_kib) = memory(peers, kind).await?;
        let time = Duration::from_secs(self.seconds);
        let peer = peers.start(kind, BUSY)?;
        let askers = generator::open(&peer, BUSY, true).await?;
        let (askers, message_us) = cpu(&peer.process, askers, Ask::Message, time).await?;
        let (askers, ping_us) = cpu(&peer.process, askers, Ask::Ping, time).await?;
        let few: Vec<Asker> = askers.into_iter().take(PACED).collect();
        let (few, mut messages) = generator::paced(few, Ask::Message, EVERY, time).await?;
        let (_few, mut pings) = generator::paced(few, Ask::Ping, EVERY, time).await?;
        let [message_p50_ms, message_p99_ms] = messages.quantiles_ms([0.5, 0.99]);
        let [ping_p99_ms] = pings.quantiles_ms([0.99]);
        Ok(Row {
            idle_kib,
            used_kib,
            message_us,
            ping_us,
            message_p50_ms,
            message_p99_ms,
            ping_p99_ms,
        })
    }
}

/// KiB of resident memory per connection that stands still, and after one question of each.
async fn memory(peers: &Peers, kind: Kind) -> anyhow::Result<(f64, f64)> {
    let peer = peers.start(kind, IDLE)?;
    tokio::time::sleep(SETTLE).await;
    let before = peer.process.rss_kib()?;
    let askers = generator::open(&peer, IDLE, false).await?;
    tokio::time::sleep(SETTLE).await;
    let idle = peer.process.rss_kib()?;
    let (askers, _answers) = generator::closed_loop(askers, Ask::Ping, Duration::ZERO).await?;
    tokio::time::sleep(SETTLE).await;
    let used = peer.process.rss_kib()?;
    drop(askers);
    let each = |now: u64| number(now.saturating_sub(before)) / number(IDLE as u64);
    Ok((each(idle), each(used)))
}

/// Microseconds of the server's CPU for each answer in a closed loop.
async fn cpu(
    process: &Process,
    askers: Vec<Asker>,
    ask: Ask,
    time: Duration,
) -> anyhow::Result<(Vec<Asker>, f64)> {
    let (askers, _warm) = generator::closed_loop(askers, ask, WARM).await?;
    let before = process.cpu_us()?;
    let (askers, answers) = generator::closed_loop(askers, ask, time).await?;
    let used = process.cpu_us()?.saturating_sub(before);
    if answers == 0 {
        bail!("nothing was answered");
    }
    Ok((askers, number(used) / number(answers)))
}

/// Fails early, and says what to do, where too few files may be open.
fn enough_files() -> anyhow::Result<()> {
    let limits = std::fs::read_to_string("/proc/self/limits").context("/proc is needed")?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3));
    let soft: u64 = soft.and_then(|word| word.parse().ok()).unwrap_or(u64::MAX);
    if soft < FILES {
        bail!(
            "{IDLE} connections need {FILES} open files and {soft} are allowed: `ulimit -n {FILES}`"
        );
    }
    Ok(())
}
