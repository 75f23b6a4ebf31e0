//! A cluster by its two addresses.

use std::{path::PathBuf, sync::Arc};

use aws_config::SdkConfig;
use innerworld_core::{
    clock::Clock,
    error::{ErrorKind, PortError},
    ids::IdSource,
};

use super::{
    engine::Engine,
    graph::NeptuneGraph,
    http::{Endpoint, HttpEngine},
    retrying::Retrying,
};

/// Where one of a cluster's addresses is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl Address {
    /// Reads `host`, or `host:port` where it is not at `port`; `None` for what is neither.
    pub fn parse(text: &str, port: u16) -> Option<Self> {
        let (host, port) = match text.split_once(':') {
            None => (text, port),
            Some((host, port)) => (host, port.parse().ok()?),
        };
        (!host.is_empty()).then(|| Self {
            host: host.to_owned(),
            port,
        })
    }
}

/// Where a cluster is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Takes writes, and reads that see them.
    pub writer: Address,
    /// Takes reads that may be a little old.
    pub readers: Address,
    /// Certificates in PEM that are believed instead of the system's.
    pub ca_file: Option<PathBuf>,
}

impl NeptuneGraph {
    /// The graph of a cluster. Nothing is asked yet. Requests are signed with the credentials and for
    /// the region of `config`; without those it is `Invalid`.
    pub fn of_cluster(
        cluster: &Cluster,
        config: &SdkConfig,
        clock: &Arc<dyn Clock>,
        ids: &Arc<dyn IdSource>,
    ) -> Result<Self, PortError> {
        let absent = || PortError::new(ErrorKind::Invalid, "sign for the graph: set AWS_REGION");
        let region = config.region().ok_or_else(absent)?;
        let credentials = config.credentials_provider().ok_or_else(absent)?;
        let engine = |address: &Address| -> Result<Arc<dyn Engine>, PortError> {
            let endpoint = Endpoint {
                host: address.host.clone(),
                port: address.port,
                region: region.to_string(),
                ca_file: cluster.ca_file.clone(),
            };
            let once = HttpEngine::new(&endpoint, credentials.clone(), Arc::clone(clock))?;
            Ok(Arc::new(Retrying::new(once, Arc::clone(ids))))
        };
        Ok(Self::new(
            engine(&cluster.writer)?,
            engine(&cluster.readers)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port_of_its_own() {
        let read = |text| Address::parse(text, 8_182).map(|found| (found.host, found.port));
        assert_eq!(read("db.example"), Some(("db.example".to_owned(), 8_182)));
        assert_eq!(read("db.example:9"), Some(("db.example".to_owned(), 9)));
        assert_eq!(read("db.example:x"), None);
        assert_eq!(read(":9"), None);
        assert_eq!(read(""), None);
    }
}
