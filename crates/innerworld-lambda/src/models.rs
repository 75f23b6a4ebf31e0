//! Who answers: the model provider that the deployment's secret opens, or the offline persona alone.

mod secret;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use innerworld_aws::{SdkConfig, Secrets};
use innerworld_core::{
    clock::Clock,
    identity::consent::Purpose,
    memory::model_tier::{ANSWER_TOKENS, reader::SessionReader},
    model::chat_model::ChatModel,
    safety::look::{DEADLINE, LookFailure, LookOrder, LookVerdict, SafetyModel},
};
use innerworld_models::{
    chain::{self, Chain, ChainError, ChainPorts},
    config::{
        DEFAULT_EXTRACTION_MODEL, DEFAULT_MODEL_FALLBACK, DEFAULT_SAFETY_MODEL, Dialect, Privacy,
        ProviderConfig, ProviderLimits,
    },
    egress,
    extraction::{self, Extraction, ExtractionModel, patient},
    second_look::{SecondLook, hasty},
    secret::ProviderSecret,
};
use tokio_util::task::TaskTracker;

use self::secret::{Kept, ModelSecret};
use crate::{environment, start};

/// The company that a consent must name before a byte leaves. Only its dialect can ask for privacy
/// with each call, and no other promise can be told to a function.
pub(crate) const COMPANY: &str = "OpenRouter";

/// Who receives what, for the catalogue of consents: the same in every function, whether or not it may
/// read the secret.
pub(crate) fn recipients() -> Vec<(Purpose, String)> {
    let purposes = [
        Purpose::ChatModel,
        Purpose::ExtractionModel,
        Purpose::SafetyModel,
    ];
    purposes.map(|purpose| (purpose, COMPANY.to_owned())).into()
}

/// Where the models of a function come from.
#[derive(Clone, Debug)]
pub(crate) struct ModelSource {
    secrets: Secrets,
    told: environment::Models,
}

impl ModelSource {
    /// What a function was told, of this account and region.
    pub(crate) fn told(config: &SdkConfig, told: environment::Models) -> Self {
        let secrets = Secrets::new(config, start::CALL_TIMEOUT);
        Self { secrets, told }
    }
}

/// What is asked.
pub(crate) struct Asked {
    /// Answers.
    pub(crate) model: Arc<dyn ChatModel>,
    /// Takes second looks.
    pub(crate) looks: Option<Arc<dyn SafetyModel>>,
    /// Reads ended sessions.
    pub(crate) reader: Option<Arc<dyn SessionReader>>,
    /// Ledger records that are still being completed.
    pub(crate) tasks: TaskTracker,
    /// Whether a provider is asked: then a turn may cost money and is never run twice.
    pub(crate) remote: bool,
}

/// The models of a function, as its secret says now.
pub(crate) struct Models {
    ports: ChainPorts,
    secret: Arc<ModelSecret>,
    told: environment::Models,
    offline: Arc<Asked>,
    newest: Mutex<Option<(Wanted, Arc<Asked>)>>,
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Models")
    }
}

/// What of the secret shapes the calls, beside the key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    dialect: String,
    base_url: Option<String>,
    primary: String,
    fallback: String,
}

impl Models {
    /// Models of this source; while its secret has no key, the offline persona answers.
    pub(crate) fn new(
        ports: ChainPorts,
        ModelSource { secrets, told }: ModelSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ChainError> {
        let offline = Chain::build(&[], &ports)?;
        let id = told.secret.clone();
        let place = Box::new(Kept { secrets, id });
        Ok(Self {
            ports,
            secret: Arc::new(ModelSecret::new(place, clock)),
            told,
            offline: Arc::new(Asked {
                model: offline.model,
                looks: None,
                reader: None,
                tasks: offline.tasks,
                remote: false,
            }),
            newest: Mutex::default(),
        })
    }

    /// What answers where no provider does.
    pub(crate) fn offline(&self) -> &Arc<Asked> {
        &self.offline
    }

    /// Who is asked now. A secret that changed takes effect within minutes; one that nothing can be
    /// made of is told in the log, and the offline persona answers.
    pub(crate) async fn now(&self) -> Arc<Asked> {
        let (secret, told) = (&self.secret, &self.told);
        let says = secret.now().await;
        if says.api_key.is_none() {
            return Arc::clone(&self.offline);
        }
        let wanted = Wanted::of(&says, told);
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, asked)) = &*newest
            && *known == wanted
        {
            return Arc::clone(asked);
        }
        let made = provider(&wanted, secret, told).and_then(|provider| self.ask(&provider));
        let asked = match made {
            Ok(asked) => Arc::new(asked),
            Err(error) => {
                tracing::error!(%error, "the secret names a provider that cannot be asked; the offline persona answers");
                Arc::clone(&self.offline)
            }
        };
        *newest = Some((wanted, Arc::clone(&asked)));
        asked
    }

    fn ask(&self, provider: &ProviderConfig) -> Result<Asked, Unusable> {
        let chain = Chain::build(std::slice::from_ref(provider), &self.ports)?;
        let hops = |model: &str, limits: ProviderLimits| {
            let provider = ProviderConfig {
                model_primary: model.to_owned(),
                model_fallback: Some(DEFAULT_MODEL_FALLBACK.to_owned()),
                limits,
                ..provider.clone()
            };
            chain::hops(&provider, &self.ports, &chain.tasks)
        };
        let (clock, ids) = (&self.ports.clock, &self.ports.ids);
        let looks = SecondLook {
            hops: hops(DEFAULT_SAFETY_MODEL, hasty(&provider.limits, DEADLINE))?,
            company: provider.company.clone(),
            deadline: DEADLINE,
            clock: Arc::clone(clock),
            ids: Arc::clone(ids),
        };
        let reader = ExtractionModel {
            hops: hops(DEFAULT_EXTRACTION_MODEL, patient(&provider.limits))?,
            company: provider.company.clone(),
            max_tokens: ANSWER_TOKENS,
            deadline: extraction::DEADLINE,
            clock: Arc::clone(clock),
            ids: Arc::clone(ids),
        };
        Ok(Asked {
            model: chain.model,
            looks: Some(Arc::new(looks)),
            reader: Some(Arc::new(Extraction::new(reader))),
            tasks: chain.tasks,
            remote: true,
        })
    }
}

/// Why a provider cannot be asked. Names no more than configuration does.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("`provider` is neither openrouter nor openai")]
    Dialect,
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Wanted {
    fn of(says: &ProviderSecret, told: &environment::Models) -> Self {
        let or = |named: &Option<String>, told: &String| named.as_ref().unwrap_or(told).clone();
        let dialect = says.provider.as_deref().unwrap_or("openrouter");
        Self {
            dialect: dialect.to_owned(),
            base_url: says.base_url.clone(),
            primary: or(&says.model_primary, &told.primary),
            fallback: or(&says.model_fallback, &told.fallback),
        }
    }
}

fn provider(
    wanted: &Wanted,
    secret: &Arc<ModelSecret>,
    told: &environment::Models,
) -> Result<ProviderConfig, Unusable> {
    let dialect = Dialect::parse(&wanted.dialect).ok_or(Unusable::Dialect)?;
    let base_url = wanted.base_url.as_deref();
    let base_url = base_url.unwrap_or_else(|| dialect.default_base_url());
    let host = egress::endpoint(base_url, true).map(|endpoint| endpoint.host);
    Ok(ProviderConfig {
        name: wanted.dialect.clone(),
        company: COMPANY.to_owned(),
        allow_private: host.is_ok_and(|host| told.allowed_hosts.contains(&host)),
        base_url: base_url.to_owned(),
        dialect,
        privacy: Privacy::Flags,
        key: Arc::clone(secret) as _,
        model_primary: wanted.primary.clone(),
        model_fallback: Some(wanted.fallback.clone()),
        limits: ProviderLimits::default(),
    })
}

/// Second looks are taken by the process that answers: this one only says that they are.
pub(crate) struct LooksElsewhere;

#[async_trait]
impl SafetyModel for LooksElsewhere {
    fn company(&self) -> &str {
        COMPANY
    }

    async fn look(&self, _order: LookOrder) -> Result<LookVerdict, LookFailure> {
        Err(LookFailure::Off)
    }
}
