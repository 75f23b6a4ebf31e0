//! The servers that are measured side by side.

use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;

use super::{
    frames::Door,
    node, overrides,
    process::{Cores, Process},
    teens::Teens,
};
use crate::server::Ready;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    InnerWorld,
    TunedEcho,
    DefaultEcho,
    NodeEcho,
}

/// A running one.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) kind: Kind,
    pub(super) process: Process,
    teens: Arc<Teens>,
    /// Its data, deleted with it; after the process, which writes there.
    _data: Option<tempfile::TempDir>,
}

/// What is needed to start them.
#[derive(Debug)]
pub(super) struct Peers {
    cores: Cores,
    own: PathBuf,
    server: PathBuf,
    node: PathBuf,
    config: PathBuf,
    teens: Arc<Teens>,
    folder: tempfile::TempDir,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [
        Self::InnerWorld,
        Self::TunedEcho,
        Self::DefaultEcho,
        Self::NodeEcho,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::InnerWorld => "InnerWorld",
            Self::TunedEcho => "axum echo, tuned",
            Self::DefaultEcho => "axum echo, default",
            Self::NodeEcho => "Node ws echo",
        }
    }

    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::InnerWorld => "innerworld",
            Self::TunedEcho => "axum_tuned",
            Self::DefaultEcho => "axum_default",
            Self::NodeEcho => "node_ws",
        }
    }
}

impl Peer {
    pub(super) fn is_echo(&self) -> bool {
        self.kind != Kind::InnerWorld
    }

    /// How connection `number` comes in.
    pub(super) fn door(&self, number: usize) -> Door {
        let last = if number.is_multiple_of(2) { 1 } else { 2 };
        let headers = if self.is_echo() {
            String::new()
        } else {
            let token = self.teens.token(number);
            format!("Authorization: Bearer {token}\r\nSec-WebSocket-Protocol: innerworld.v1\r\n")
        };
        Door {
            address: self.process.address,
            from: IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)),
            path: "/v1/ws",
            headers,
        }
    }
}

impl Peers {
    /// Installs and prepares what the peers need. InnerWorld will know `teens` teens.
    pub(super) async fn prepare(cores: Cores, server: &Path, teens: usize) -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let beside = own.parent().context("this program lies in no folder")?;
        let target = beside
            .parent()
            .context("this program lies in no target folder")?;
        let node = node::install(&target.join("bench-node"))?;
        // Beside the program: the temporary folder of many machines lies in RAM.
        let folder = tempfile::Builder::new()
            .prefix("bench-realtime-")
            .tempdir_in(beside)?;
        let config = overrides::write(folder.path())?;
        let teens = Arc::new(Teens::make(folder.path(), teens).await?);
        Ok(Self {
            cores,
            server: server.to_owned(),
            node,
            config,
            teens,
            folder,
            own,
        })
    }

    /// Where data lies meanwhile.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts one.
    pub(super) fn start(&self, kind: Kind) -> anyhow::Result<Peer> {
        let mut data = None;
        let process = match kind {
            Kind::InnerWorld => {
                let folder = tempfile::tempdir_in(self.folder.path())?;
                let process = self.serve(folder.path())?;
                data = Some(folder);
                process
            }
            Kind::TunedEcho => self.echo(&["--tuned"])?,
            Kind::DefaultEcho => self.echo(&[])?,
            Kind::NodeEcho => {
                let mut command = self.cores.server(Path::new("node"));
                command.arg(&self.node);
                Process::start(command, |line| line.parse().ok())?
            }
        };
        Ok(Peer {
            kind,
            process,
            teens: Arc::clone(&self.teens),
            _data: data,
        })
    }

    /// The real server on a copy of the teens' data.
    fn serve(&self, folder: &Path) -> anyhow::Result<Process> {
        let data = folder.join("data");
        self.teens.copy(&data)?;
        let mut command = self.cores.server(&self.server);
        command
            .args(["serve", "--json", "--listen", "127.0.0.1:0"])
            .args(["--admin-listen", "127.0.0.1:0"])
            .arg("--config")
            .arg(&self.config)
            .arg("--data-dir")
            .arg(&data)
            .stderr(File::create(folder.join("server.log"))?);
        Process::start(command, ready).with_context(|| {
            let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            log.trim().to_owned()
        })
    }

    fn echo(&self, arguments: &[&str]) -> anyhow::Result<Process> {
        let mut command = self.cores.server(&self.own);
        command.arg("echo").args(arguments);
        Process::start(command, |line| line.parse().ok())
    }
}

/// The address in the object of `serve --json`.
fn ready(line: &str) -> Option<SocketAddr> {
    let ready: Ready = serde_json::from_str(line).ok()?;
    ready.http_url.strip_prefix("http://")?.parse().ok()
}
