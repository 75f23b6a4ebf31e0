//! `cargo xtask peers`: what stands for the services of AWS on this machine, while tests are written.
//!
//! Each is a program of others, a process of its own on a free port of 127.0.0.1, and is trusted for
//! one service only. What they hold is gone when they end.

mod dynoxide;
mod jars;
mod kept;
mod key;
mod known;
mod question;

use std::{fs, net::TcpListener, path::PathBuf, process::ExitCode, thread};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::{process::say, workspace::target};
use kept::Kept;
pub(crate) use key::ACCOUNT;
use known::{KNOWN, Peer};

/// Start what stands for AWS on this machine and leave it running until Ctrl-C
#[derive(Debug, Args)]
pub(crate) struct Leave {}

impl Leave {
    #[expect(clippy::unused_self, reason = "every command is run the same way")]
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let mut peers = Peers::start("peers-left")?;
        let mut lines = String::new();
        for (name, address) in peers.variables() {
            lines.extend([name, "=", &address, "\n"]);
        }
        let file = target()?.join("peers.env");
        fs::write(&file, &lines).context("could not write where the peers are")?;
        say(&format!(
            "\n{lines}\nOne test at them:\n  env $(cat {}) cargo test -p innerworld-aws --test peers NAME\n\
             Ctrl-C ends them.",
            file.display()
        ));
        // Ctrl-C ends this program, which ends them: see `Kept`.
        loop {
            if let Some(ended) = peers.ended() {
                bail!(ended);
            }
            thread::sleep(kept::BETWEEN_LOOKS);
        }
    }
}

/// A place for a peer: a port that nobody else gets, and a folder of its own.
#[derive(Debug)]
pub(crate) struct Place {
    reserved: TcpListener,
    folder: PathBuf,
}

impl Place {
    fn port(&self) -> anyhow::Result<u16> {
        Ok(self.reserved.local_addr()?.port())
    }
}

/// Every peer, running; they end when this is dropped.
#[derive(Debug)]
pub(crate) struct Peers(Vec<Kept>);

impl Peers {
    /// Installs what is missing, starts all in the folder `name` below the target folder, which is
    /// emptied, and waits until each has answered a question of its own protocol.
    pub(crate) fn start(name: &str) -> anyhow::Result<Self> {
        Self::start_some(name, |_any| true)
    }

    /// The same for those peers alone that are `wanted` by their names.
    pub(crate) fn start_some(name: &str, wanted: fn(&str) -> bool) -> anyhow::Result<Self> {
        let folder = target()?.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).context("could not empty the peers' folder")?;
        }
        let mut ready = Vec::new();
        for (name, prepare) in KNOWN.into_iter().filter(|(name, _)| wanted(name)) {
            let place = Place {
                reserved: TcpListener::bind("127.0.0.1:0").context("no free port")?,
                folder: folder.join(name),
            };
            fs::create_dir_all(&place.folder).context("could not make a folder for a peer")?;
            let peer: Peer =
                prepare(&place).with_context(|| format!("{name} could not be prepared"))?;
            ready.push((name, peer, place));
        }
        let mut peers = Vec::new();
        for (name, peer, place) in ready {
            peers.push(Kept::start(name, peer, place)?);
        }
        await_all(&mut peers)?;
        Ok(Self(peers))
    }

    /// Environment variables that tell tests to use them, and where each is.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![("INNERWORLD_AWS_TESTS", "local".to_owned())];
        for kept in &self.0 {
            let names = kept.variables().iter();
            variables.extend(names.map(|name| (*name, kept.url())));
        }
        variables
    }

    /// Where the peer is that tests are told of by this variable.
    pub(crate) fn address(&self, variable: &str) -> anyhow::Result<String> {
        let mut all = self.variables().into_iter();
        let found = all.find(|(name, _)| *name == variable);
        let (_, address) = found.with_context(|| format!("no peer for {variable}"))?;
        Ok(address)
    }

    /// Makes a key, for what is sealed in tables; its id.
    pub(crate) fn make_key(&self) -> anyhow::Result<String> {
        key::make(&self.address("INNERWORLD_TEST_KMS")?)
    }

    /// Which one has ended by itself, and where it says why.
    pub(crate) fn ended(&mut self) -> Option<String> {
        self.0.iter_mut().find_map(Kept::ended)
    }
}

/// All at once: two of them take seconds.
fn await_all(peers: &mut [Kept]) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let waits: Vec<_> = peers
            .iter_mut()
            .map(|kept| scope.spawn(move || kept.wait()))
            .collect();
        for wait in waits {
            wait.join().ok().context("a wait for a peer broke off")??;
        }
        Ok(())
    })
}
