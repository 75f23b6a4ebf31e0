//! What a figure was measured on, since none means anything without it.

use std::{fs, io, io::Write as _, path::Path};

use innerworld_core::clock::Clock as _;
use innerworld_embedded::SystemClock;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::quantile::Times;

/// Syncs that a probe makes.
const PROBES: usize = 200;
/// Below this a disk counts as quiet, in milliseconds.
const QUIET_MS: f64 = 0.5;

/// Machine, kernel, date and load.
pub(super) fn describe() -> Value {
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    json!({
        "date": SystemClock.now().to_rfc3339(),
        "cpu": model,
        "cores": cores,
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "load": load(),
        "version": env!("CARGO_PKG_VERSION"),
    })
}

/// The load average of the last minute.
pub(super) fn load() -> String {
    read("/proc/loadavg")
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Half and 99 % of `fdatasync` of 4 KiB, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sync {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Sync {
    /// Measures it in this folder.
    pub(super) fn probe(folder: &Path) -> io::Result<Self> {
        let path = folder.join("sync.probe");
        let mut file = fs::File::create(&path)?;
        let mut times = Times::default();
        for _ in 0..PROBES {
            file.write_all(&[7; 4_096])?;
            let started = Instant::now();
            file.sync_data()?;
            times.add(started.elapsed());
        }
        drop(file);
        fs::remove_file(&path)?;
        let [p50_ms, p99_ms] = times.quantiles_ms([0.5, 0.99]);
        Ok(Self { p50_ms, p99_ms })
    }

    /// Whether figures may be judged as those of a quiet disk.
    pub(super) fn is_quiet(self) -> bool {
        self.p50_ms <= QUIET_MS
    }

    pub(super) fn json(self) -> Value {
        json!({"p50_ms": self.p50_ms, "p99_ms": self.p99_ms})
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
