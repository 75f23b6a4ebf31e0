//! The servers of a replay: one, or several on the same stores, behind a balancer that knows nothing of
//! teens.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use innerworld::client::{account::Account, http::Server as Reached};
use innerworld_core::ids::TeenId;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{person, report, server::Server};

/// Servers that run, and whose turn it is to be killed.
pub(super) struct Fleet {
    servers: Vec<Server>,
    next: usize,
    /// Where teens go, if not to the only server.
    balancer: Option<SocketAddr>,
    _carrying: JoinSet<()>,
}

impl Fleet {
    /// Starts so many servers, and what stands before them.
    pub(super) async fn start(
        (program, config): (&Path, &Path),
        folder: &Path,
        count: usize,
    ) -> anyhow::Result<Self> {
        let mut servers = Vec::new();
        for number in 0..count {
            let server = if count == 1 {
                Server::start(program, config, folder)?
            } else {
                Server::start_one_of_several((program, config), folder, number)?
            };
            report::progress(&format!("server ready at {}", server.ready.http_url));
            servers.push(server);
        }
        let mut carrying = JoinSet::new();
        let balancer = if count == 1 {
            None
        } else {
            let at = servers.iter().map(|server| server.ready.listen).collect();
            Some(balance(at, &mut carrying).await?)
        };
        Ok(Self {
            servers,
            next: 0,
            balancer,
            _carrying: carrying,
        })
    }

    /// A teen who signs up at one server, and goes to whichever the balancer takes from then on.
    pub(super) async fn sign_up(&self, number: usize) -> anyhow::Result<(TeenId, Account)> {
        let first = self.servers.first().context("there is no server")?;
        let (teen, mut account) = person::sign_up(&first.ready.http_url, number).await?;
        if let Some(balancer) = self.balancer {
            let (there, here) = (first.ready.listen.to_string(), balancer.to_string());
            account.server = Reached::new(&format!("http://{here}"))?;
            let discovery = &mut account.discovery;
            discovery.ws_url = discovery.ws_url.replace(&there, &here);
            discovery.cognito_url = discovery.cognito_url.replace(&there, &here);
        }
        Ok((teen, account))
    }

    /// Kills one server without a warning and starts it again, each in its turn.
    pub(super) fn kill_one(&mut self) -> anyhow::Result<()> {
        let which = self.next % self.servers.len().max(1);
        self.next += 1;
        let server = self.servers.get_mut(which).context("there is no server")?;
        server.kill_and_restart()
    }

    /// Stops them; the folder of the first one's data.
    pub(super) fn stop(self) -> anyhow::Result<PathBuf> {
        let first = self.servers.first().context("there was no server")?;
        Ok(first.data_dir().to_owned())
    }
}

/// Carries each connection to the next server; one that is dead loses it.
async fn balance(servers: Vec<SocketAddr>, tasks: &mut JoinSet<()>) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let servers: Arc<[SocketAddr]> = servers.into();
    tasks.spawn(async move {
        let mut carried = JoinSet::new();
        for server in servers.iter().cycle() {
            let Ok((mut teen, _peer)) = listener.accept().await else {
                return;
            };
            let server = *server;
            carried.spawn(async move {
                if let Ok(mut server) = TcpStream::connect(server).await {
                    server.set_nodelay(true).ok();
                    teen.set_nodelay(true).ok();
                    copy_bidirectional(&mut teen, &mut server).await.ok();
                }
            });
            while carried.try_join_next().is_some() {}
        }
    });
    Ok(at)
}
