//! `bench crisis`: how soon a crisis frame comes while store, model and network are down, over the
//! sockets of the real server (safety.md 14).
//!
//! The operating system refuses every write of the server beyond zero bytes, as on a full disk; the one
//! configured model is at an address where nobody listens. Afterwards the disk is given back, and the
//! counters must hold each teen's crisis once.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use innerworld::client::link::Link;
use innerworld_core::{clock::Clock as _, secret::Text};
use innerworld_embedded::SystemClock;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use super::{Output, machine, quantile::Times};
use crate::{person, report, server::Server};

/// What teens say: invented, and plain enough that a phrase finds each.
const SAID: &[&str] = &[
    "i want to kill myself",
    "i don't want to live anymore",
    "quiero matarme",
];
/// A frame that takes longer counts as not sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Within this, 99 of 100 must come.
const DEMAND_MS: f64 = 50.0;
/// The counters must be whole this long after the disk came back.
const RECOVERY: Duration = Duration::from_secs(60);

const CONFIG: &str = r#"
[[providers]]
name = "nowhere"
company = "Nobody"
dialect = "openai"
privacy = "contract"
agreement = "bench"
allow_private = true
primary = "none/one"
api_key_file = "model.key"
base_url = "http://127.0.0.1:9/v1"

[limits]
handshakes_per_ip_min = 100000
passwords_per_address = 100000
codes_per_address = 100000
mails_per_address = 100000
frames_per_s = 100000
frames_burst = 100000
"#;

/// Crisis frames while store, model and network are down
#[derive(Debug, Args)]
pub(super) struct Crisis {
    /// The server's executable
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Messages in danger, over all teens
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..))]
    runs: u32,
    /// Teens at the same time, each with a socket
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
    teens: u32,
    #[command(flatten)]
    output: Output,
}

/// What one teen saw.
#[derive(Default)]
struct Seen {
    times: Times,
    sent: u64,
    missed: u64,
}

impl Crisis {
    /// Measures, prints, judges.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let machine = machine::describe();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let (mut seen, counted) = runtime.block_on(Box::pin(self.measure()))?;
        let [p50, p99, most] = seen.times.quantiles_ms([0.5, 0.99, 1.0]);
        let sent = seen.sent - seen.missed;
        report::say(&format!(
            "crisis frames while store, model and network were down: {sent} of {} sent\n\
             p50 {p50:.2} ms, p99 {p99:.2} ms, slowest {most:.2} ms (demand: all, p99 at most {DEMAND_MS} ms)\n\
             counted afterwards: {counted} crises of {} teens",
            seen.sent, self.teens
        ));
        let mut failures = Vec::new();
        if seen.missed > 0 {
            failures.push(format!("{} messages had no crisis frame", seen.missed));
        }
        if p99 > DEMAND_MS {
            failures.push(format!("p99 is {p99:.2} ms"));
        }
        if counted != u64::from(self.teens) {
            failures.push(format!("{counted} crises are counted, not {}", self.teens));
        }
        let figures = json!({
            "machine": machine, "runs": seen.sent, "sent": sent, "teens": self.teens,
            "p50_ms": p50, "p99_ms": p99, "slowest_ms": most, "counted": counted,
            "optimised": !cfg!(debug_assertions),
        });
        self.output.close(&figures, &failures)
    }

    async fn measure(&self) -> anyhow::Result<(Seen, u64)> {
        let folder = tempfile::tempdir()?;
        let server = self.start(folder.path())?;
        report::progress(&format!("{} teens sign up", self.teens));
        let mut links = Vec::new();
        for number in 0..usize::try_from(self.teens)? {
            let (_teen, account) = person::sign_up(&server.ready.http_url, number).await?;
            links.push(joined(account).await?);
        }
        limit(&server, Some(0))?;
        report::progress("store, model and network are down");
        let each = self.runs.div_ceil(self.teens);
        let mut teens = JoinSet::new();
        for link in links {
            teens.spawn(in_danger(link, each));
        }
        let mut all = Seen::default();
        while let Some(seen) = teens.join_next().await {
            let seen = seen.context("a teen stopped")??;
            all.times.extend(seen.times);
            all.sent += seen.sent;
            all.missed += seen.missed;
        }
        limit(&server, None)?;
        report::progress("the disk is back");
        let counted = self.counted(&server, folder.path()).await?;
        Ok((all, counted))
    }

    /// The server, with an ear that is deaf to the signal of a refused write: then the write fails, as
    /// it does on a full disk.
    fn start(&self, folder: &Path) -> anyhow::Result<Server> {
        let config = folder.join("crisis.toml");
        fs::write(&config, CONFIG)?;
        let key = folder.join("model.key");
        fs::write(&key, "sk-none")?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        let script = folder.join("serve.sh");
        let server = std::path::absolute(&self.server)?;
        let text = format!(
            "#!/bin/sh\ntrap '' XFSZ\nexec '{}' \"$@\"\n",
            server.display()
        );
        fs::write(&script, text)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700))?;
        Server::start(&script, &config, folder)
    }

    /// The crises that the counters hold, once they do not change any more.
    async fn counted(&self, server: &Server, folder: &Path) -> anyhow::Result<u64> {
        let started = Instant::now();
        loop {
            let counted = self.crises(server, folder)?;
            if counted >= u64::from(self.teens) || started.elapsed() > RECOVERY {
                return Ok(counted);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    fn crises(&self, server: &Server, folder: &Path) -> anyhow::Result<u64> {
        let now = SystemClock.now().to_rfc3339();
        let year = now.get(..4).context("no year")?;
        let output = Command::new(&self.server)
            .args(["report", "--json", "--authority", "--year", year])
            .arg("--config")
            .arg(folder.join("crisis.toml"))
            .arg("--data-dir")
            .arg(server.data_dir())
            .output()
            .context("the report could not be run")?;
        if !output.status.success() {
            bail!(
                "the report failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let report: Value = serde_json::from_slice(&output.stdout)?;
        let crises = report.pointer("/total/crisis").and_then(Value::as_u64);
        crises.context("no count")
    }
}

/// Sets or lifts the limit on the bytes of a file.
fn limit(server: &Server, bytes: Option<u64>) -> anyhow::Result<()> {
    let process = Pid::from_raw(i32::try_from(server.pid())?).context("no process")?;
    let limits = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(Some(process), Resource::Fsize, limits).context("no limit could be set")?;
    Ok(())
}

/// A socket on which a persona was chosen.
async fn joined(account: innerworld::client::account::Account) -> anyhow::Result<Link> {
    use innerworld_protocol::{
        ClientFrame, ServerFrame,
        client::{DisclosureAck, PersonaChoose},
    };
    let mut link = person::connect(account).await?;
    loop {
        let (raw, _steps) = link.receive().await?;
        match ServerFrame::parse(&raw) {
            Some(ServerFrame::Disclosure { version, .. }) => {
                let ack = DisclosureAck { version };
                link.send(&ClientFrame::DisclosureAck(ack)).await?;
                let persona = "courage".to_owned();
                let choice = PersonaChoose { persona };
                link.send(&ClientFrame::PersonaChoose(choice)).await?;
            }
            Some(ServerFrame::TurnEnd { .. }) => return Ok(link),
            _ => {}
        }
    }
}

/// Sends one message after another, each as soon as the one before was answered with its frame.
async fn in_danger(mut link: Link, count: u32) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    for text in SAID.iter().cycle().take(usize::try_from(count)?) {
        let started = Instant::now();
        link.say(Text::new((*text).to_owned())).await;
        seen.sent += 1;
        let frame = async {
            loop {
                let (raw, _steps) = link.receive().await?;
                if raw.contains("\"safety.crisis\"") {
                    return anyhow::Ok(());
                }
            }
        };
        match tokio::time::timeout(PATIENCE, frame).await {
            Ok(got) => {
                got.context("a socket broke")?;
                seen.times.add(started.elapsed());
            }
            Err(_late) => seen.missed += 1,
        }
    }
    ensure!(seen.sent > 0, "nothing was said");
    Ok(seen)
}
