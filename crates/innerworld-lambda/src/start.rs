//! Opens the stores that a function was told of.

use std::{sync::Arc, time::Duration};

use innerworld_aws::{Aws, AwsSettings, Clients, Queue, SdkConfig, TableNames};
use innerworld_core::clock::Clock;

use crate::{
    environment::Deployment,
    system::{RandomIds, WallClock},
};

/// Longest call to a service; the shortest function has five seconds in all.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Stores over all tables of a deployment.
pub(crate) fn deployment(config: &SdkConfig, deployment: &Deployment) -> Aws {
    let spool = Some(deployment.safety_spool.clone());
    let names = (deployment.tables.clone(), deployment.kms_key.clone());
    open(config, names, spool)
}

/// Stores over these tables. `kms_key` is empty for a function that opens nothing sealed.
pub(crate) fn stores(config: &SdkConfig, tables: TableNames, kms_key: String) -> Aws {
    open(config, (tables, kms_key), None)
}

fn open(
    config: &SdkConfig,
    (tables, kms_key): (TableNames, String),
    safety_spool_url: Option<String>,
) -> Aws {
    let settings = AwsSettings {
        tables,
        kms_key,
        safety_spool_url,
        call_timeout: CALL_TIMEOUT,
    };
    let clients = Clients::new(config, &settings);
    Aws::new(clients, settings, clock(), Arc::new(RandomIds))
}

/// The queue at this address.
pub(crate) fn queue(config: &SdkConfig, url: String) -> Queue {
    Queue::new(config, url, CALL_TIMEOUT)
}

/// The wall clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(WallClock)
}
