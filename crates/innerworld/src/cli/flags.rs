//! Flags that several verbs share.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

use crate::config::{Config, Flags, Loaded, Mistakes};

/// Where a server of this machine listens unless told otherwise.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8787";

/// Where configuration and data lie.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ConfigFlags {
    /// Configuration file [default: innerworld.toml in the data folder, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the databases and keys [default: the user's data folder, or `runtime.data_dir`]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Where the server listens.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ListenFlags {
    /// Address of the public listener; port 0 takes a free one [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Address of the admin listener; port 0 takes a free one [default: 127.0.0.1:8788, or a free port where --listen has port 0]
    #[arg(long, value_name = "ADDR")]
    pub(crate) admin_listen: Option<SocketAddr>,
}

impl ConfigFlags {
    /// Reads the configuration with these flags on top.
    pub(crate) fn load(&self, listen: &ListenFlags) -> Result<Loaded, Mistakes> {
        Config::load(&Flags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            listen: listen.listen,
            admin_listen: listen.admin_listen,
        })
    }
}
