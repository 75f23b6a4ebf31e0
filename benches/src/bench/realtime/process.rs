//! A server under measurement: a process of its own on a core of its own.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

/// Clock ticks a second in `/proc`: fixed by the kernel's interface to programs.
const TICKS_PER_S: u64 = 100;

/// A started server.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Process {
    /// Starts it, and reads the address from the first line that it prints.
    pub(super) fn start(
        mut command: Command,
        address: fn(&str) -> Option<SocketAddr>,
    ) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(address) = address(line.trim()) else {
            child.kill().ok();
            child.wait().ok();
            bail!("a server did not start");
        };
        Ok(Self { child, address })
    }

    /// Microseconds of CPU so far.
    pub(super) fn cpu_us(&self) -> anyhow::Result<u64> {
        let stat = self.read("stat")?;
        // The name may hold spaces; what follows its bracket does not.
        let (_, rest) = stat.rsplit_once(')').context("stat has another form")?;
        let ticks: u64 = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        Ok(ticks * 1_000_000 / TICKS_PER_S)
    }

    /// Resident memory, in KiB.
    pub(super) fn rss_kib(&self) -> anyhow::Result<u64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.trim().strip_suffix("kB"));
        number
            .context("no VmRSS")?
            .trim()
            .parse()
            .context("VmRSS is no number")
    }

    fn read(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path).with_context(|| format!("{path} is needed"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The two cores of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cores {
    pub(super) server: usize,
    pub(super) generator: usize,
}

impl Cores {
    /// Binds this process to the generator's core; call it before threads are started.
    pub(super) fn take() -> anyhow::Result<Self> {
        let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let cores = Self {
            server: 0,
            generator: count - 1,
        };
        let own = std::process::id().to_string();
        let core = cores.generator.to_string();
        let bound = Command::new("taskset").args(["-acp", &core, &own]).output();
        if !bound.is_ok_and(|output| output.status.success()) {
            bail!(
                "`taskset` is needed to bind processes to cores and did not work; get it with \
                 `apt-get install util-linux` or `dnf install util-linux`"
            );
        }
        Ok(cores)
    }

    /// A command that runs on the server's core.
    pub(super) fn server(self, program: &std::path::Path) -> Command {
        let mut command = Command::new("taskset");
        command.args(["-c", &self.server.to_string()]).arg(program);
        command
    }
}
