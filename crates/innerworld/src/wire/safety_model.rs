//! The model that takes a second look at messages, from the configuration.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_core::safety::look::SafetyModel;
use innerworld_models::{
    chain::{self, ChainPorts},
    config::{DEFAULT_SAFETY_MODEL, ProviderConfig},
    second_look::{SecondLook, hasty},
};
use tokio_util::task::TaskTracker;

use super::providers::{Wanted, for_task};
use crate::config::{Loaded, safety::SafetyModelConfig};

/// The provider that such messages go to, with the models for it; `None` if it is off or no provider
/// has a key.
pub(super) fn provider(loaded: &Loaded, providers: &[ProviderConfig]) -> Option<ProviderConfig> {
    let config = &loaded.config.safety.model;
    if !config.enabled {
        return None;
    }
    let wanted = Wanted {
        provider: config.provider.as_ref(),
        model: config.model.as_ref(),
        shipped: DEFAULT_SAFETY_MODEL,
        fallback: config.fallback.as_ref(),
    };
    let provider = for_task(providers, &wanted)?;
    Some(ProviderConfig {
        limits: hasty(&provider.limits, deadline(config)),
        ..provider
    })
}

/// The model over `provider`. Its ledger records are completed under `tasks`.
pub(super) fn model(
    config: &SafetyModelConfig,
    provider: &ProviderConfig,
    ports: &ChainPorts,
    tasks: &TaskTracker,
) -> anyhow::Result<Arc<dyn SafetyModel>> {
    Ok(Arc::new(SecondLook {
        hops: chain::hops(provider, ports, tasks).context("safety model")?,
        company: provider.company.clone(),
        deadline: deadline(config),
        clock: Arc::clone(&ports.clock),
        ids: Arc::clone(&ports.ids),
    }))
}

const fn deadline(config: &SafetyModelConfig) -> Duration {
    Duration::from_millis(config.deadline_ms as u64)
}
