//! The servers that are measured side by side.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use innerworld_core::clock::{Clock as _, Timestamp};
use innerworld_embedded::SystemClock;

use super::{
    frames::Door,
    process::{Cores, Process},
};
use crate::standin;

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
    /// Tokens of the bench end then.
    until: Timestamp,
    _data: Option<tempfile::TempDir>,
}

/// What is needed to start them.
#[derive(Debug)]
pub(super) struct Peers {
    cores: Cores,
    own: PathBuf,
    /// The Node server, where Node is there.
    node: Option<PathBuf>,
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
            let teen = standin::teen(number);
            let token = standin::token(teen, self.until);
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
    /// Finds and installs what the peers need. Without Node its row is left out, by name.
    pub(super) fn prepare(cores: Cores) -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let folder = own
            .ancestors()
            .nth(2)
            .map(|target| target.join("bench-node"));
        let node = match node(&folder.context("this program lies in no target folder")?) {
            Ok(path) => Some(path),
            Err(error) => {
                crate::report::progress(&format!(
                    "left out: {} ({error:#})",
                    Kind::NodeEcho.name()
                ));
                None
            }
        };
        Ok(Self { cores, own, node })
    }

    /// All that can be started here.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> {
        let node = self.node.is_some();
        Kind::ALL
            .into_iter()
            .filter(move |kind| *kind != Kind::NodeEcho || node)
    }

    /// Starts one. InnerWorld knows `teens` teens.
    pub(super) fn start(&self, kind: Kind, teens: usize) -> anyhow::Result<Peer> {
        let mut data = None;
        let command = match kind {
            Kind::InnerWorld => {
                let folder = tempfile::Builder::new()
                    .prefix("bench-realtime-")
                    .tempdir_in(self.own.parent().unwrap_or(Path::new(".")))?;
                let mut command = self.cores.server(&self.own);
                command.args(["stand-in", "--teens", &teens.to_string()]);
                command.arg("--data-dir").arg(folder.path());
                data = Some(folder);
                command
            }
            Kind::TunedEcho => self.echo(&["--tuned"]),
            Kind::DefaultEcho => self.echo(&[]),
            Kind::NodeEcho => {
                let mut command = self.cores.server(Path::new("node"));
                command.arg(self.node.as_ref().context("node is not there")?);
                command
            }
        };
        let process = Process::start(command)?;
        let until = SystemClock
            .now()
            .plus(std::time::Duration::from_secs(7_200));
        Ok(Peer {
            kind,
            process,
            until,
            _data: data,
        })
    }

    fn echo(&self, arguments: &[&str]) -> Command {
        let mut command = self.cores.server(&self.own);
        command.arg("echo").args(arguments);
        command
    }
}

/// Installs the pinned `ws` below the target folder; the path of the server's script.
fn node(folder: &Path) -> anyhow::Result<PathBuf> {
    if Command::new("node").arg("--version").output().is_err() {
        bail!("node was not found; get it with `apt-get install nodejs npm` or from nodejs.org");
    }
    let files = [
        ("package.json", include_str!("../../../node/package.json")),
        (
            "package-lock.json",
            include_str!("../../../node/package-lock.json"),
        ),
        ("echo.mjs", include_str!("../../../node/echo.mjs")),
    ];
    fs::create_dir_all(folder)?;
    let script = folder.join("echo.mjs");
    let same = |(name, text): &(&str, &str)| {
        fs::read_to_string(folder.join(name)).is_ok_and(|found| found == *text)
    };
    if files.iter().all(same) && folder.join("node_modules/ws").is_dir() {
        return Ok(script);
    }
    for (name, text) in files {
        fs::write(folder.join(name), text)?;
    }
    let installed = Command::new("npm")
        .args([
            "ci",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ])
        .current_dir(folder)
        .output()
        .context("npm was not found; get it with `apt-get install npm`")?;
    if !installed.status.success() {
        bail!("npm could not install ws; check the network or npm's registry");
    }
    Ok(script)
}
