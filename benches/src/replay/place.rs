//! Where the server of a replay keeps everything, and how its memory is read afterwards.

use std::sync::Arc;

use anyhow::Context as _;
use innerworld_core::memory::store::GraphStore;
use innerworld_embedded::{Embedded, OpenOptions, OsIds, SystemClock};

use super::fleet::Fleet;

/// Files of the server's folder, or tables on AWS.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Files.
    Files,
    /// Tables whose names begin with the first, sealed under keys that the second wraps.
    #[cfg(feature = "aws")]
    Tables(String, String),
}

impl Place {
    /// Makes what the server expects to find.
    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "as with the feature")
    )]
    pub(super) async fn prepare(&self) -> anyhow::Result<()> {
        match self {
            Self::Files => Ok(()),
            #[cfg(feature = "aws")]
            Self::Tables(prefix, key) => {
                let (clients, settings) = tables(prefix, key).await;
                let tables = innerworld_aws::Tables::new(&clients, settings.tables);
                let made = tables.create().await;
                made.map(drop).context("the tables could not be made")
            }
        }
    }

    /// Lines of the server's configuration.
    pub(super) fn configuration(&self) -> String {
        match self {
            Self::Files => String::new(),
            #[cfg(feature = "aws")]
            Self::Tables(prefix, key) => format!(
                "\n[storage]\nbackend = \"aws\"\n[storage.aws]\nprefix = {prefix:?}\nkms_key = {key:?}\n"
            ),
        }
    }

    /// Stops the servers and opens their memory.
    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "as with the feature")
    )]
    pub(super) async fn memory(&self, servers: Fleet) -> anyhow::Result<Arc<dyn GraphStore>> {
        let data_dir = servers.stop()?;
        match self {
            Self::Files => {
                let options = OpenOptions {
                    master_key_file: data_dir.join("master.key"),
                    data_dir,
                    clock: Arc::new(SystemClock),
                    ids: Arc::new(OsIds),
                };
                let files =
                    Embedded::open(options).context("the server's data could not be opened")?;
                Ok(files.graph())
            }
            #[cfg(feature = "aws")]
            Self::Tables(prefix, key) => {
                let (clients, settings) = tables(prefix, key).await;
                let (clock, ids) = (Arc::new(SystemClock), Arc::new(OsIds));
                Ok(innerworld_aws::Aws::new(clients, settings, clock, ids).graph())
            }
        }
    }
}

#[cfg(feature = "aws")]
async fn tables(prefix: &str, key: &str) -> (innerworld_aws::Clients, innerworld_aws::AwsSettings) {
    let settings = innerworld_aws::AwsSettings {
        kms_key: key.to_owned(),
        ..innerworld_aws::AwsSettings::with_prefix(prefix)
    };
    let environment = innerworld_aws::configuration().await;
    (
        innerworld_aws::Clients::new(&environment, &settings),
        settings,
    )
}
