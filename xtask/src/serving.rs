//! A server of this workspace as a child process.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// The longest a start or a stop may take.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A running `innerworld serve`; it is killed if this is dropped.
#[derive(Debug)]
pub(crate) struct Serving {
    child: Child,
    ready: String,
    log: PathBuf,
}

impl Serving {
    /// Starts `program` with a fresh data folder in `folder`, on free ports, and waits until it
    /// says that it is ready.
    pub(crate) fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join("server.log");
        let errors = File::create(&log).context("could not make the server's log")?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--json", "--listen", "127.0.0.1:0"])
            .args(["--admin-listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.join("data"))
            .current_dir(folder)
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors);
        // A developer's own settings must not decide what is tested.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("INNERWORLD_") {
                command.env_remove(name);
            }
        }
        let mut child = command.spawn().context("could not start the server")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut server = Self {
            child,
            ready: String::new(),
            log,
        };
        server.ready = first_line(stdout)
            .with_context(|| format!("the server is not ready; see {}", server.log.display()))?;
        Ok(server)
    }

    /// The JSON line with the addresses.
    pub(crate) fn ready(&self) -> &str {
        &self.ready
    }

    /// Where its log is written.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Asks it to stop with SIGTERM; fails if it does not, or not with exit code 0.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.context("the server has no process id")?;
        if let Some(status) = self.child.try_wait()? {
            bail!("the server ended by itself with {status}");
        }
        kill_process(pid, Signal::TERM).context("could not send SIGTERM to the server")?;
        let status = self.wait()?;
        ensure!(
            status.success(),
            "the server ended with {status} after SIGTERM"
        );
        Ok(())
    }

    fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(BETWEEN_LOOKS);
            waited += BETWEEN_LOOKS;
        }
        bail!("the server did not stop within {} s", PATIENCE.as_secs())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // After a stop there is nobody left to kill.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// The first line, and a thread that reads on, so that the server never waits for a full pipe.
fn first_line(stdout: ChildStdout) -> anyhow::Result<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Only the first has a reader.
            sender.send(line).unwrap_or_default();
        }
    });
    receiver
        .recv_timeout(PATIENCE)
        .context("it said nothing on standard output")
}
