//! The stores of one runtime, as ports: files on this machine, or tables on AWS.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
#[cfg(feature = "aws")]
use innerworld_aws::{Aws, AwsSettings, Clients};
use innerworld_core::{
    clock::Clock,
    cluster::Cluster,
    conversation::store::ConversationStore,
    health::HealthCheck,
    identity::{
        account::{AccountStore, ErasureStore, KeyStore, TicketStore},
        consent::ConsentStore,
        federation::{EventLog, FederationStore, RevocationStore},
        oauth::AuthorizationStore,
        profile::{ProfileStore, TeenClockStore},
    },
    ids::IdSource,
    memory::{
        job::JobStore,
        store::{GraphStore, NamerSource},
    },
    safety::SafetyCount,
    safety::store::{JournalStore, SafetySpool, SafetyStore},
    usage::UsageLedger,
};
use innerworld_embedded::{Embedded, LocalCounters, OpenOptions};
#[cfg(feature = "aws")]
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_engine::app::{App, HealthSource};
#[cfg(feature = "aws")]
use innerworld_engine::cluster::OneOfSeveral;

use crate::config::{
    Loaded,
    storage::{AwsConfig, Backend},
};

/// Every store of one runtime.
#[derive(Clone)]
pub(super) struct Stores {
    pub(super) accounts: Arc<dyn AccountStore>,
    pub(super) authorizations: Arc<dyn AuthorizationStore>,
    pub(super) clocks: Arc<dyn TeenClockStore>,
    pub(super) consents: Arc<dyn ConsentStore>,
    pub(super) conversations: Arc<dyn ConversationStore>,
    pub(super) erasure: Arc<dyn ErasureStore>,
    pub(super) events: Arc<dyn EventLog>,
    pub(super) federation: Arc<dyn FederationStore>,
    pub(super) graph: Arc<dyn GraphStore>,
    pub(super) health: Arc<dyn HealthSource>,
    pub(super) jobs: Arc<dyn JobStore>,
    pub(super) journal: Arc<dyn JournalStore>,
    pub(super) keys: Arc<dyn KeyStore>,
    pub(super) namers: Arc<dyn NamerSource>,
    pub(super) profiles: Arc<dyn ProfileStore>,
    pub(super) revocations: Arc<dyn RevocationStore>,
    pub(super) safety: Arc<dyn SafetyStore>,
    pub(super) spool: Arc<dyn SafetySpool>,
    pub(super) tickets: Arc<dyn TicketStore>,
    pub(super) usage: Arc<dyn UsageLedger>,
    /// The local outbox of development, where there are files.
    pub(super) outbox: Option<Embedded>,
}

/// What keeps a second server away from the same stores.
#[derive(Debug)]
pub(crate) enum Holding {
    /// The lock of the data folder, which its stores hold.
    Folder,
    /// An item of the tables.
    #[cfg(feature = "aws")]
    Tables(innerworld_aws::Hold),
    /// The same, held together with other servers that share the tables.
    #[cfg(feature = "aws")]
    Together(Arc<innerworld_aws::Server>),
}

impl Holding {
    /// The other servers, where there are any.
    pub(super) fn cluster(&self) -> Option<Arc<dyn Cluster>> {
        match self {
            #[cfg(feature = "aws")]
            Self::Together(server) => Some(Arc::clone(server) as _),
            _ => None,
        }
    }

    /// Joins the other servers, where there are any.
    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "as with the feature")
    )]
    pub(crate) async fn join(&self) -> anyhow::Result<()> {
        match self {
            #[cfg(feature = "aws")]
            Self::Together(server) => {
                let joined = server.join().await;
                joined.context("the servers on these tables could not be joined")
            }
            _ => Ok(()),
        }
    }

    /// Keeps it; returns once it is lost, which a folder's lock never is.
    #[cfg_attr(
        not(feature = "aws"),
        expect(unused_variables, reason = "as with the feature")
    )]
    pub(crate) async fn lost(&self, app: &Arc<App>) {
        match self {
            Self::Folder => std::future::pending().await,
            #[cfg(feature = "aws")]
            Self::Tables(hold) => hold.keep().await,
            #[cfg(feature = "aws")]
            Self::Together(server) => server.take_part(&OneOfSeveral(Arc::clone(app))).await,
        }
    }

    /// Lets go. It would end by itself a little later.
    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "as with the feature")
    )]
    pub(crate) async fn release(&self) {
        match self {
            Self::Folder => {}
            #[cfg(feature = "aws")]
            Self::Tables(hold) => {
                if let Err(error) = hold.release().await {
                    tracing::warn!(error.kind = ?error.kind(), "the tables stay held for some seconds");
                }
            }
            #[cfg(feature = "aws")]
            Self::Together(server) => {
                if let Err(error) = server.leave().await {
                    tracing::warn!(error.kind = ?error.kind(), "other servers wait some seconds for the teens of this one");
                }
            }
        }
    }
}

impl Stores {
    /// Opens what the configuration names, for a server that listens there.
    pub(super) async fn open(
        (loaded, listen): (&Loaded, SocketAddr),
        clock: &Arc<dyn Clock>,
        ids: &Arc<dyn IdSource>,
    ) -> anyhow::Result<(Self, Holding)> {
        match loaded.config.storage.backend {
            Backend::Files => {
                let files = Embedded::open(OpenOptions {
                    data_dir: loaded.data_dir.clone(),
                    master_key_file: loaded.master_key_file(),
                    clock: Arc::clone(clock),
                    ids: Arc::clone(ids),
                })?;
                Ok((files.into(), Holding::Folder))
            }
            Backend::Aws => tables((&loaded.config.storage.aws, listen), clock, ids).await,
        }
    }
}

/// The referral counters of the days `from` to `to`, both included, read beside a running server or
/// without one.
pub(crate) fn counts(
    loaded: &Loaded,
    (from, to): (&str, &str),
) -> anyhow::Result<Vec<(SafetyCount, u64)>> {
    let counts = match loaded.config.storage.backend {
        Backend::Files => LocalCounters::read(&loaded.data_dir, from, to),
        #[cfg(feature = "aws")]
        Backend::Aws => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let (clock, ids) = (Arc::new(SystemClock), Arc::new(OsIds));
            runtime.block_on(async {
                let tables = opened(&loaded.config.storage.aws, clock, ids).await;
                tables.safety().counts(from, to).await
            })
        }
        #[cfg(not(feature = "aws"))]
        Backend::Aws => anyhow::bail!(WITHOUT),
    };
    counts.context("the counters could not be read")
}

/// What is said where the stores on AWS were left out of the executable.
#[cfg(not(feature = "aws"))]
const WITHOUT: &str = "this executable was built without the stores on AWS";

/// How long a start waits for the tables: a little longer than the hold of a server that died.
#[cfg(feature = "aws")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

#[cfg(feature = "aws")]
fn settings(config: &AwsConfig) -> AwsSettings {
    let mut settings = AwsSettings::with_prefix(&config.prefix);
    if let Some(key) = &config.kms_key {
        settings.kms_key.clone_from(key);
    }
    settings
        .safety_spool_url
        .clone_from(&config.safety_spool_url);
    settings
}

/// The secrets of the account and region that `account` names.
#[cfg(feature = "aws")]
pub(crate) fn secrets(
    config: &AwsConfig,
    account: &innerworld_aws::SdkConfig,
) -> innerworld_aws::Secrets {
    innerworld_aws::Secrets::new(account, settings(config).call_timeout)
}

/// The KMS key of a deployment.
#[cfg(feature = "aws")]
pub(crate) fn kms_key(config: &AwsConfig) -> String {
    settings(config).kms_key
}

/// A deployment, for whoever looks it over.
#[cfg(feature = "aws")]
pub(crate) fn checkup(
    config: &AwsConfig,
    account: &innerworld_aws::SdkConfig,
) -> innerworld_aws::checkup::Checkup {
    let settings = settings(config);
    let clients = Clients::new(account, &settings);
    innerworld_aws::checkup::Checkup::new(
        clients,
        settings,
        &config.prefix,
        Arc::new(SystemClock),
        Arc::new(OsIds),
    )
}

/// The tables themselves, for whoever makes or checks them.
#[cfg(feature = "aws")]
pub(crate) async fn deployed(config: &AwsConfig) -> innerworld_aws::Tables {
    let settings = settings(config);
    let clients = Clients::new(&innerworld_aws::configuration().await, &settings);
    innerworld_aws::Tables::new(&clients, settings.tables)
}

#[cfg(feature = "aws")]
async fn opened(config: &AwsConfig, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Aws {
    let settings = settings(config);
    let clients = Clients::new(&innerworld_aws::configuration().await, &settings);
    Aws::new(clients, settings, clock, ids)
}

#[cfg(feature = "aws")]
async fn tables(
    (config, listen): (&AwsConfig, SocketAddr),
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdSource>,
) -> anyhow::Result<(Stores, Holding)> {
    let tables = opened(config, Arc::clone(clock), Arc::clone(ids)).await;
    let prepared = tables.prepare().await;
    prepared.context("the key of the safety spool could not be read")?;
    let held = match config.reached_at(listen) {
        None => tables.hold(PATIENCE).await.map(Holding::Tables),
        Some(address) => tables
            .server(&address, PATIENCE)
            .await
            .map(|server| Holding::Together(Arc::new(server))),
    };
    let held = held.context("the tables could not be taken into use")?;
    Ok((tables.into(), held))
}

#[cfg(not(feature = "aws"))]
#[expect(clippy::unused_async, reason = "as with the feature")]
async fn tables(
    _where: (&AwsConfig, SocketAddr),
    _clock: &Arc<dyn Clock>,
    _ids: &Arc<dyn IdSource>,
) -> anyhow::Result<(Stores, Holding)> {
    anyhow::bail!(WITHOUT)
}

macro_rules! stores_of {
    ($runtime:expr, $health:expr, $outbox:expr) => {{
        let runtime = $runtime;
        Stores {
            accounts: runtime.accounts(),
            authorizations: runtime.authorizations(),
            clocks: runtime.clocks(),
            consents: runtime.consents(),
            conversations: runtime.conversations(),
            erasure: runtime.erasure(),
            events: runtime.events(),
            federation: runtime.federation(),
            graph: runtime.graph(),
            health: $health,
            jobs: runtime.jobs(),
            journal: runtime.journal(),
            keys: runtime.keys(),
            namers: runtime.namers(),
            profiles: runtime.profiles(),
            revocations: runtime.revocations(),
            safety: runtime.safety(),
            spool: runtime.spool(),
            tickets: runtime.tickets(),
            usage: runtime.usage(),
            outbox: $outbox,
        }
    }};
}

impl From<Embedded> for Stores {
    fn from(files: Embedded) -> Self {
        stores_of!(&files, Arc::new(Files(files.clone())), Some(files.clone()))
    }
}

#[cfg(feature = "aws")]
impl From<Aws> for Stores {
    fn from(tables: Aws) -> Self {
        stores_of!(&tables, Arc::new(Tables(tables.clone())), None)
    }
}

/// The files' own checks; each touches its file.
struct Files(Embedded);

#[async_trait::async_trait]
impl HealthSource for Files {
    async fn check(&self) -> Vec<HealthCheck> {
        self.0.health().await
    }
}

/// The checks of tables and keys; each asks its service.
#[cfg(feature = "aws")]
struct Tables(Aws);

#[cfg(feature = "aws")]
#[async_trait::async_trait]
impl HealthSource for Tables {
    async fn check(&self) -> Vec<HealthCheck> {
        self.0.health().await
    }
}
