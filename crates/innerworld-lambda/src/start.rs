//! Opens the stores that a function was told of.

use std::{sync::Arc, time::Duration};

use innerworld_aws::{Aws, AwsSettings, Clients, SdkConfig, TableNames};
use innerworld_core::clock::Clock;

use crate::system::{RandomIds, WallClock};

/// Longest call to a service; the shortest function has five seconds in all.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_millis(1_500);

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
