//! What a running process has taken so far.

use std::fs;

use anyhow::Context as _;

/// Resident memory in bytes: what the program has touched of its own file counts.
pub(super) fn resident(process: u32) -> anyhow::Result<u64> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("{path} is needed"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kib: u64 = number.context("no VmRSS")?.trim().parse()?;
    Ok(kib * 1_024)
}

/// Microseconds of CPU, of all its threads that still run.
pub(super) fn cpu_us(process: u32) -> anyhow::Result<u64> {
    let path = format!("/proc/{process}/task");
    let tasks = fs::read_dir(&path).with_context(|| format!("{path} is needed"))?;
    let mut nanos = 0;
    for task in tasks {
        // One that ended meanwhile is not counted.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        let first = first.context("schedstat has another form")?;
        nanos += first.parse::<u64>()?;
    }
    Ok(nanos / 1_000)
}
