//! The real server as a child process: started, killed, started again.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// A running `innerworld serve`.
pub(crate) struct Server {
    launch: Launch,
    child: Child,
    /// What it printed once ready.
    pub(crate) ready: Ready,
}

/// The object of `serve --json`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Ready {
    pub(crate) http_url: String,
    /// Host and port of the public listener.
    pub(crate) listen: SocketAddr,
    pub(crate) admin_url: String,
}

impl Server {
    /// Starts the server with this configuration and waits until it is ready. Its data and its
    /// log lie in `folder`.
    pub(crate) fn start(program: &Path, config: &Path, folder: &Path) -> anyhow::Result<Self> {
        let launch = Launch {
            program: program.to_owned(),
            config: config.to_owned(),
            data_dir: folder.join("data"),
            log: folder.join("server.log"),
            shared: false,
        };
        launch.start()
    }

    /// The same as one of several servers on the same stores.
    pub(crate) fn start_one_of_several(
        (program, config): (&Path, &Path),
        folder: &Path,
        number: usize,
    ) -> anyhow::Result<Self> {
        let launch = Launch {
            program: program.to_owned(),
            config: config.to_owned(),
            data_dir: folder.join(format!("data-{number}")),
            log: folder.join("server.log"),
            shared: true,
        };
        launch.start()
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its data is.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.launch.data_dir
    }

    /// Kills it without a warning and starts it again on the same addresses.
    pub(crate) fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        // `kill` is SIGKILL: nothing in the process gets to run.
        self.child
            .kill()
            .context("the server could not be killed")?;
        self.child.wait().context("the server did not die")?;
        let public = self.ready.listen.to_string();
        let admin = self.ready.admin_url.trim_start_matches("http://");
        let (child, ready) = self.launch.run(&public, admin)?;
        self.child = child;
        self.ready = ready;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// How the server is started.
struct Launch {
    program: PathBuf,
    config: PathBuf,
    data_dir: PathBuf,
    log: PathBuf,
    /// Whether others share its stores.
    shared: bool,
}

impl Launch {
    fn start(self) -> anyhow::Result<Server> {
        let (child, ready) = self.run("127.0.0.1:0", "127.0.0.1:0")?;
        Ok(Server {
            launch: self,
            child,
            ready,
        })
    }

    fn run(&self, listen: &str, admin: &str) -> anyhow::Result<(Child, Ready)> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.program);
        if self.shared {
            command.env("INNERWORLD_STORAGE__AWS__ADDRESS", "http://127.0.0.1");
            command.env("INNERWORLD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
        }
        let mut child = command
            .args([
                "serve",
                "--json",
                "--listen",
                listen,
                "--admin-listen",
                admin,
            ])
            .arg("--config")
            .arg(&self.config)
            .arg("--data-dir")
            .arg(&self.data_dir)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} could not be started", self.program.display()))?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .context("the server said nothing")?;
        if let Ok(ready) = serde_json::from_str(&line) {
            return Ok((child, ready));
        }
        child.kill().ok();
        child.wait().ok();
        bail!(
            "the server did not become ready: {}",
            std::fs::read_to_string(&self.log)
                .unwrap_or_default()
                .trim()
        );
    }
}
