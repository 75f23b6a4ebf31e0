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
    let settings = AwsSettings {
        tables: deployment.tables.clone(),
        kms_key: deployment.kms_key.clone(),
        safety_spool_url: Some(deployment.safety_spool.clone()),
        call_timeout: CALL_TIMEOUT,
    };
    let clients = Clients::new(config, &settings);
    Aws::new(clients, settings, clock(), Arc::new(RandomIds))
}

/// The queue at this address.
pub(crate) fn queue(config: &SdkConfig, url: String) -> Queue {
    let settings = AwsSettings {
        tables: TableNames::default(),
        kms_key: String::new(),
        safety_spool_url: None,
        call_timeout: CALL_TIMEOUT,
    };
    Queue::new(&Clients::new(config, &settings), url)
}

/// The wall clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(WallClock)
}

/// Stores over these tables. `kms_key` is empty for a function that opens nothing sealed.
pub(crate) fn stores(config: &SdkConfig, tables: TableNames, kms_key: String) -> Aws {
    let settings = AwsSettings {
        tables,
        kms_key,
        safety_spool_url: None,
        call_timeout: CALL_TIMEOUT,
    };
    let clients = Clients::new(config, &settings);
    Aws::new(clients, settings, clock(), Arc::new(RandomIds))
}
