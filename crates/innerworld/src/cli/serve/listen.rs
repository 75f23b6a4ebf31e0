//! Sockets, signals and the admin token.

use std::{fs, io::Write as _, net::SocketAddr, path::Path};

use anyhow::Context as _;
use innerworld_core::ids::IdSource as _;
use innerworld_embedded::OsIds;
use tokio::net::TcpListener;

use super::Listening;
use crate::config::{Loaded, tls::LiveCertificate};

/// Binds both listeners before anything else is opened: a taken port is the commonest mistake.
pub(super) async fn bind(loaded: &Loaded) -> anyhow::Result<Listening> {
    let (public, public_at) = one(loaded.config.http.listen, "--listen").await?;
    let certificate = LiveCertificate::open(&loaded.config.http)?;
    let (admin, admin_at) = one(loaded.config.http.admin_listen, "--admin-listen").await?;
    Ok(Listening {
        public,
        admin,
        public_at,
        admin_at,
        certificate,
    })
}

async fn one(address: SocketAddr, flag: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; is another server running? Choose another address with \
             {flag} (port 0 takes a free one)"
        )
    })?;
    let at = listener
        .local_addr()
        .context("the listener has no address")?;
    Ok((listener, at))
}

/// The operator's token: made at the first start, readable by the owner only.
pub(super) fn admin_token(data_dir: &Path) -> anyhow::Result<String> {
    let path = data_dir.join("admin.token");
    if let Ok(token) = fs::read_to_string(&path) {
        return Ok(token.trim().to_owned());
    }
    let mut bytes = [0; 32];
    OsIds.fill(&mut bytes);
    let (high, low) = bytes.split_at(16);
    let half = |half: &[u8]| {
        half.iter()
            .fold(0_u128, |all, byte| (all << 8) | u128::from(*byte))
    };
    let token = format!("{:032x}{:032x}", half(high), half(low));
    let (mut folder, mut options) = (fs::DirBuilder::new(), fs::OpenOptions::new());
    folder.recursive(true);
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folder.mode(0o700);
        options.mode(0o600);
    }
    // Where everything is in tables on AWS nobody has made the folder yet.
    folder
        .create(data_dir)
        .and_then(|()| options.open(&path))
        .and_then(|mut file| writeln!(file, "{token}"))
        .with_context(|| format!("{} could not be written", path.display()))?;
    Ok(token)
}

/// Ctrl-C and SIGTERM, caught from the moment this is made: whoever was told that the server is
/// ready may stop it in the same instant.
pub(super) struct StopSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    /// Begins to catch them.
    pub(super) fn catch() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                terminate: signal(SignalKind::terminate())
                    .context("SIGTERM cannot be waited for")?,
                interrupt: signal(SignalKind::interrupt())
                    .context("Ctrl-C cannot be waited for")?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the first of them.
    pub(super) async fn first(&mut self) -> anyhow::Result<()> {
        #[cfg(unix)]
        {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
            Ok(())
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c()
            .await
            .context("Ctrl-C cannot be waited for")
    }
}
