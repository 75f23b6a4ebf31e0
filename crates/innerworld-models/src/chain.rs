//! Puts the chain of models together.

use std::{collections::HashMap, sync::Arc};

use innerworld_core::{
    clock::Clock,
    identity::consent::ConsentStore,
    ids::IdSource,
    model::{chat_model::ChatModel, pseudonym::Pseudonyms, veil::PrivateNames},
    usage::UsageLedger,
};
use tokio_util::task::TaskTracker;

use crate::{
    breaker::{Breaker, Circuit},
    config::{Dialect, Privacy, ProviderConfig, RetryLimits},
    consent_gate::{ConsentGate, ConsentVersions},
    egress::EgressError,
    fallback::{Fallback, Hop, REPLY_BUDGET},
    metered::{Meter, Metered, MeteredHop},
    openai::{Connection, OpenAiCompatible},
    retry::{Retry, RetryBucket},
};

/// What the chain needs from the process.
#[derive(Clone)]
pub struct ChainPorts {
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness of pauses.
    pub ids: Arc<dyn IdSource>,
    /// Consents of teens.
    pub consents: Arc<dyn ConsentStore>,
    /// Present versions of the texts agreed to.
    pub consent_versions: ConsentVersions,
    /// The usage ledger.
    pub ledger: Arc<dyn UsageLedger>,
    /// Names of teens for providers and ledger.
    pub pseudonyms: Arc<Pseudonyms>,
    /// Finds the names that no provider is told.
    pub names: Arc<dyn PrivateNames>,
    /// Answers replies when no provider does.
    pub offline: Arc<dyn ChatModel>,
}

impl std::fmt::Debug for ChainPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChainPorts")
    }
}

/// Why a chain cannot be built; the text names the provider and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The URL or the client.
    #[error("provider `{provider}`: {cause}")]
    Egress {
        /// Its configured name.
        provider: String,
        /// What is wrong.
        cause: EgressError,
    },
    /// A dialect that cannot carry privacy flags, without an agreement.
    #[error(
        "provider `{provider}` cannot be asked for privacy with each call; set \
         privacy = \"contract\" and name the agreement, or use the dialect openrouter"
    )]
    NoPrivacy {
        /// Its configured name.
        provider: String,
    },
    /// No company: no consent could ever name it.
    #[error("provider `{provider}` has no company that a consent can name")]
    NoCompany {
        /// Its configured name.
        provider: String,
    },
}

/// The chain of models, ready to answer.
pub struct Chain {
    /// Fallback over all hops, the offline persona last.
    pub model: Arc<dyn ChatModel>,
    /// Ledger records that are still being completed: close and wait for it when draining.
    pub tasks: TaskTracker,
    /// One per base URL and model, for health and metrics.
    pub circuits: Vec<Arc<Circuit>>,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.circuits).finish()
    }
}

impl Chain {
    /// Builds the chain over `providers` in their order. Each provider's primary model is one hop
    /// and its fallback model another; without providers the offline persona answers everything.
    pub fn build(providers: &[ProviderConfig], ports: &ChainPorts) -> Result<Self, ChainError> {
        let mut builder = Builder::new(ports, TaskTracker::new(), true);
        for provider in providers {
            builder.provider(provider)?;
        }
        let offline = Some(Arc::clone(&ports.offline));
        Ok(Self {
            model: Arc::new(Fallback::new(builder.hops, offline, REPLY_BUDGET)),
            tasks: builder.meter.tasks,
            circuits: builder.circuits.into_values().collect(),
        })
    }
}

/// The hops to one provider for calls that are no replies: its primary model, then its fallback
/// model. Their ledger records are completed under `tasks`.
pub fn hops(
    provider: &ProviderConfig,
    ports: &ChainPorts,
    tasks: &TaskTracker,
) -> Result<Vec<Hop>, ChainError> {
    let mut builder = Builder::new(ports, tasks.clone(), false);
    builder.provider(provider)?;
    Ok(builder.hops)
}

struct Builder<'a> {
    /// Whether a provider may itself try the next model inside a call.
    upstream_fallback: bool,
    ports: &'a ChainPorts,
    meter: Meter,
    bucket: Arc<RetryBucket>,
    circuits: HashMap<(String, String), Arc<Circuit>>,
    hops: Vec<Hop>,
}

impl<'a> Builder<'a> {
    fn new(ports: &'a ChainPorts, tasks: TaskTracker, upstream_fallback: bool) -> Self {
        Self {
            upstream_fallback,
            ports,
            meter: Meter {
                ledger: Arc::clone(&ports.ledger),
                clock: Arc::clone(&ports.clock),
                pseudonyms: Arc::clone(&ports.pseudonyms),
                tasks,
            },
            bucket: Arc::default(),
            circuits: HashMap::new(),
            hops: Vec::new(),
        }
    }

    fn provider(&mut self, config: &ProviderConfig) -> Result<(), ChainError> {
        let provider = || config.name.clone();
        if config.dialect != Dialect::OpenRouter && config.privacy == Privacy::Flags {
            return Err(ChainError::NoPrivacy {
                provider: provider(),
            });
        }
        if config.company.trim().is_empty() {
            return Err(ChainError::NoCompany {
                provider: provider(),
            });
        }
        let names = Arc::clone(&self.ports.names);
        let connection = Connection::new(config, names).map_err(|cause| ChainError::Egress {
            provider: provider(),
            cause,
        })?;
        let next = config
            .model_fallback
            .as_deref()
            .filter(|next| *next != config.model_primary);
        let upstream = next.filter(|_| self.upstream_fallback);
        self.hop(config, &connection, &config.model_primary, upstream);
        if let Some(next) = next {
            self.hop(config, &connection, next, None);
        }
        Ok(())
    }

    /// One hop: consent, then ledger, then breaker, then retries around the client. A hop that
    /// consent forbids is no call, so the gate stands in front of the ledger.
    fn hop(
        &mut self,
        config: &ProviderConfig,
        connection: &Connection,
        model: &str,
        upstream_fallback: Option<&str>,
    ) {
        let clock = Arc::clone(&self.ports.clock);
        let connection = connection.clone();
        let host = connection.host().to_owned();
        let client = OpenAiCompatible::new(config, connection, clock, model, upstream_fallback);
        let retry = Retry::new(
            Arc::new(client),
            self.retry_limits(config),
            config.limits.clocks.first_token,
            Arc::clone(&self.bucket),
            Arc::clone(&self.ports.ids),
        );
        let circuit = self
            .circuits
            .entry((config.base_url.clone(), model.to_owned()))
            .or_insert_with(|| {
                let name = format!("{model} at {host}");
                Arc::new(Circuit::new(name, config.limits.breaker))
            });
        let breaker = Breaker::new(Arc::new(retry), Arc::clone(circuit));
        let metered = Metered::new(
            Arc::new(breaker),
            self.meter.clone(),
            MeteredHop {
                provider: config.name.clone(),
                base_host: host,
                model: model.to_owned(),
                flags: flags(config),
                consent_versions: self.ports.consent_versions.clone(),
            },
        );
        let gate = ConsentGate::new(
            Arc::new(metered),
            Arc::clone(&self.ports.consents),
            config.company.clone(),
            self.ports.consent_versions.clone(),
        );
        self.hops.push(Hop {
            model: Arc::new(gate),
            name: model.to_owned(),
        });
    }

    /// Later hops are themselves a second try, so they are tried again once at most: retries and
    /// hops must not multiply.
    fn retry_limits(&self, config: &ProviderConfig) -> RetryLimits {
        let limits = config.limits.retry;
        RetryLimits {
            most: if self.hops.is_empty() {
                limits.most
            } else {
                limits.most.min(1)
            },
            ..limits
        }
    }
}

fn flags(config: &ProviderConfig) -> String {
    let sent = "data_collection=deny,zdr,require_parameters";
    match (&config.privacy, config.dialect) {
        (Privacy::Flags, _) => sent.to_owned(),
        (Privacy::Contract(name), Dialect::OpenRouter) => format!("{sent},contract={name}"),
        (Privacy::Contract(name), Dialect::OpenAi) => format!("contract={name}"),
    }
}
