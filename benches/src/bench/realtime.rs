//! `bench realtime`: what a connection and a frame cost, beside bare servers in the same run
//! (protocol.md 14).

mod figures;
mod frames;
mod generator;
mod measures;
mod node;
mod overrides;
mod peers;
mod process;
mod teens;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;

use self::{
    figures::{Figures, Setting},
    generator::{Ask, Asker},
    measures::Row,
    peers::{Kind, Peers},
    process::{Cores, Process},
};
use super::{
    Output,
    machine::{self, Sync},
    quantile::number,
};
use crate::report;

/// Connections that ask by the clock, each once in [`EVERY`].
const PACED: usize = 50;
const EVERY: Duration = Duration::from_millis(100);
/// Open files beside the sockets.
const FILES: usize = 500;
/// Memory is looked at when nothing moves any more.
const SETTLE: Duration = Duration::from_secs(1);
const SETTLED_KIB: u64 = 64;
const SETTLE_TRIES: u32 = 30;
/// Time to get warm, not measured.
const WARM: Duration = Duration::from_millis(500);

/// Memory and CPU of connections and messages
#[derive(Debug, Args)]
pub(super) struct Realtime {
    /// The server's executable
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Connections that stand still
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    idle: u32,
    /// Connections that ask and wait, again and again
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(50..=5_000))]
    busy: u32,
    /// Seconds of each measured phase
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Times that every server is measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    #[command(flatten)]
    output: Output,
}

impl Realtime {
    /// Measures, prints, judges.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        enough_files(self.idle().max(self.busy()))?;
        let machine = machine::describe();
        let cores = Cores::take()?;
        // One thread: the generator has one core, and more threads would only take turns.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let figures = runtime.block_on(Box::pin(self.measure(machine, cores)))?;
        figures.print();
        self.output.close(&figures.json(), &figures.failures())
    }

    fn idle(&self) -> usize {
        usize::try_from(self.idle).unwrap_or(usize::MAX)
    }

    fn busy(&self) -> usize {
        usize::try_from(self.busy).unwrap_or(usize::MAX)
    }

    async fn measure(&self, machine: serde_json::Value, cores: Cores) -> anyhow::Result<Figures> {
        for line in overrides::lines() {
            report::say(&line);
        }
        let peers = Peers::prepare(cores, &self.server, self.idle().max(self.busy())).await?;
        let sync = Sync::probe(peers.folder()).context("the disk could not be measured")?;
        let mut figures = Figures::new(Setting {
            machine,
            sync,
            cores,
            node: node::version(),
            idle: self.idle,
            busy: self.busy,
            seconds: self.seconds,
            rounds: self.rounds,
        });
        for round in 1..=self.rounds {
            // Interleaved: what else the machine does hits all alike.
            for kind in Kind::ALL {
                let name = kind.name();
                report::progress(&format!(
                    "round {round} of {}: {name}, load {}",
                    self.rounds,
                    machine::load()
                ));
                let row = self.one(&peers, kind).await;
                let row = row.with_context(|| format!("{name} could not be measured"))?;
                report::progress(&format!(
                    "  {:.1} KiB a connection, {:.1} us a ping, {:.1} us a message",
                    row.idle_kib, row.ping_us, row.message_us
                ));
                figures.add(kind, row);
            }
        }
        Ok(figures)
    }

    async fn one(&self, peers: &Peers, kind: Kind) -> anyhow::Result<Row> {
        let (idle_kib, used_kib) = memory(peers, kind, self.idle()).await?;
        let time = Duration::from_secs(self.seconds);
        let peer = peers.start(kind)?;
        let askers = generator::open(&peer, self.busy(), true).await?;
        let (askers, message) = closed(&peer.process, askers, Ask::Message, time).await?;
        let (askers, ping) = closed(&peer.process, askers, Ask::Ping, time).await?;
        let few: Vec<Asker> = askers.into_iter().take(PACED).collect();
        let (few, mut messages) = generator::paced(few, Ask::Message, EVERY, time).await?;
        let (_few, mut pings) = generator::paced(few, Ask::Ping, EVERY, time).await?;
        let [message_p50_ms, message_p99_ms] = messages.quantiles_ms([0.5, 0.99]);
        let [ping_p50_ms, ping_p99_ms] = pings.quantiles_ms([0.5, 0.99]);
        Ok(Row {
            idle_kib,
            used_kib,
            ping_us: ping.cpu_us,
            message_us: message.cpu_us,
            messages_per_s: message.per_s,
            ping_p50_ms,
            ping_p99_ms,
            message_p50_ms,
            message_p99_ms,
        })
    }
}

/// KiB of resident memory per connection that stands still, and after one question of each.
async fn memory(peers: &Peers, kind: Kind, count: usize) -> anyhow::Result<(f64, f64)> {
    let peer = peers.start(kind)?;
    let before = settled_kib(&peer.process).await?;
    let askers = generator::open(&peer, count, false).await?;
    let idle = settled_kib(&peer.process).await?;
    let (askers, _answers) = generator::closed_loop(askers, Ask::Ping, Duration::ZERO).await?;
    let used = settled_kib(&peer.process).await?;
    let count = number(askers.len() as u64);
    let each = |now: u64| number(now.saturating_sub(before)) / count;
    Ok((each(idle), each(used)))
}

/// Resident memory once it does not change any more: a server that has just started still compiles
/// its rules.
async fn settled_kib(process: &Process) -> anyhow::Result<u64> {
    let mut before = 0;
    for _ in 0..SETTLE_TRIES {
        tokio::time::sleep(SETTLE).await;
        let now = process.rss_kib()?;
        if now.abs_diff(before) <= SETTLED_KIB {
            return Ok(now);
        }
        before = now;
    }
    bail!("the memory of a server does not settle")
}

/// What a closed loop cost.
struct Loop {
    /// Microseconds of the server's CPU for each answer.
    cpu_us: f64,
    per_s: f64,
}

async fn closed(
    process: &Process,
    askers: Vec<Asker>,
    ask: Ask,
    time: Duration,
) -> anyhow::Result<(Vec<Asker>, Loop)> {
    let (askers, _warm) = generator::closed_loop(askers, ask, WARM).await?;
    let before = process.cpu_us()?;
    let started = tokio::time::Instant::now();
    let (askers, answers) = generator::closed_loop(askers, ask, time).await?;
    let seconds = started.elapsed().as_secs_f64();
    let used = process.cpu_us()?.saturating_sub(before);
    if answers == 0 {
        bail!("nothing was answered");
    }
    let done = Loop {
        cpu_us: number(used) / number(answers),
        per_s: number(answers) / seconds,
    };
    Ok((askers, done))
}

/// Fails early, and says what to do, where too few files may be open.
fn enough_files(sockets: usize) -> anyhow::Result<()> {
    let wanted = sockets + FILES;
    let limits = std::fs::read_to_string("/proc/self/limits").context("/proc is needed")?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3));
    let soft: usize = soft
        .and_then(|word| word.parse().ok())
        .unwrap_or(usize::MAX);
    if soft < wanted {
        bail!(
            "{sockets} connections need {wanted} open files and {soft} are allowed: \
             `ulimit -n {wanted}`"
        );
    }
    Ok(())
}
