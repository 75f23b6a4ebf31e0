//! The model that reads ended sessions, from the configuration.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_core::memory::model_tier::reader::SessionReader;
use innerworld_models::{
    chain::{self, ChainPorts},
    config::{DEFAULT_EXTRACTION_MODEL, ProviderConfig},
    extraction::{Extraction, ExtractionModel, patient},
    fallback::Hop,
    spend_gate::{Price, Spend, SpendGate},
};
use tokio_util::task::TaskTracker;

use super::providers::{Wanted, for_task};
use crate::config::{Loaded, extraction::ExtractionConfig};

/// Billionths of a dollar that a token costs at a dollar per million.
const NANOUSD: f64 = 1_000.0;
const NANOUSD_PER_USD: f64 = 1.0e9;

/// The provider that ended sessions go to, with the models for it; `None` if it is off or no
/// provider has a key.
pub(super) fn provider(loaded: &Loaded, providers: &[ProviderConfig]) -> Option<ProviderConfig> {
    let config = &loaded.config.extraction;
    if !config.enabled {
        return None;
    }
    let wanted = Wanted {
        provider: config.provider.as_ref(),
        model: config.model.as_ref(),
        shipped: DEFAULT_EXTRACTION_MODEL,
        fallback: config.fallback.as_ref(),
    };
    let provider = for_task(providers, &wanted)?;
    Some(ProviderConfig {
        limits: patient(&provider.limits),
        ..provider
    })
}

/// The reader over `provider`. Its ledger records are completed under `tasks`.
pub(super) fn reader(
    config: &ExtractionConfig,
    provider: &ProviderConfig,
    ports: &ChainPorts,
    tasks: &TaskTracker,
) -> anyhow::Result<Arc<dyn SessionReader>> {
    let hops = chain::hops(provider, ports, tasks).context("extraction")?;
    let spend = config.usd_per_day.map(|dollars| {
        let price = Price {
            input_nanousd: nano(config.input_usd_per_million, NANOUSD),
            output_nanousd: nano(config.output_usd_per_million, NANOUSD),
        };
        let limit = nano(dollars, NANOUSD_PER_USD);
        Arc::new(Spend::new(price, limit, Arc::clone(&ports.clock)))
    });
    let hops = hops.into_iter().map(|hop| match &spend {
        None => hop,
        Some(spend) => Hop {
            model: Arc::new(SpendGate::new(hop.model, Arc::clone(spend))),
            name: hop.name,
        },
    });
    Ok(Arc::new(Extraction::new(ExtractionModel {
        hops: hops.collect(),
        company: provider.company.clone(),
        max_tokens: config.max_tokens,
        deadline: Duration::from_secs(config.deadline_s.into()),
        clock: Arc::clone(&ports.clock),
        ids: Arc::clone(&ports.ids),
    })))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be between zero and a million when the configuration is read"
)]
fn nano(dollars: f32, unit: f64) -> u64 {
    (f64::from(dollars) * unit).round() as u64
}
