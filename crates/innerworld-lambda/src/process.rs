//! The engine of a function that answers or remembers: the stores of the deployment, what reads texts, who
//! is asked.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use async_trait::async_trait;
use innerworld_aws::Aws;
use innerworld_core::{
    calendar::day_in,
    clock::Timestamp,
    conversation::limits::Limits,
    health::HealthCheck,
    identity::{
        consent::Purpose,
        consents::Catalogue,
        token::{Claims, TokenError, TokenVerifier},
    },
    memory::{Memory, MemoryPorts, store::EntityExtractor},
    model::{pseudonym::Pseudonyms, veil::PrivateNames},
    persona::directory::PersonaDirectory,
    safety::{content::AgeLimits, look::LOOKS_A_DAY},
};
use innerworld_engine::{
    app::HealthSource,
    safeguards::{CurrentSafeguards, Safeguards},
    services::{Part, Services, Settings},
};
use innerworld_language::{
    LoadError, embed::StaticEncoder, pii::Scrub, thesaurus::ShippedThesaurus,
};
use innerworld_models::{
    chain::ChainPorts, consent_gate::ConsentVersions, offline::OfflinePersona,
};
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;

use crate::{
    models::{self, ModelSource, Models},
    remembering::Remembering,
    run::Failure,
    safeguards, start,
    system::RandomIds,
};

/// Bytes of loaded memories that an instance keeps.
const MEMORY_CACHE_BYTES: usize = 32 * 1024 * 1024;
/// Tokens that freshly recalled memory may take in a prompt.
const RECALL_TOKENS: usize = 120;
/// Most tokens of an answer.
const ANSWER_TOKENS: u32 = 400;
/// How freely a model answers.
const TEMPERATURE: f32 = 0.8;

/// What the engine of a function is made of.
pub(crate) struct Process {
    /// Its ports.
    pub(crate) services: Services,
    /// Its settings.
    pub(crate) settings: Settings,
    /// Who is asked.
    models: Models,
}

/// A process with whoever is asked at the moment.
pub(crate) struct Equipped {
    /// Its ports.
    pub(crate) services: Services,
    /// Its settings.
    pub(crate) settings: Settings,
    /// Ledger records that are still being completed.
    pub(crate) ledger: TaskTracker,
}

/// Reads texts: their moods, what they name, and which names no provider is to see.
pub(crate) trait ReadsTexts: EntityExtractor + PrivateNames {}

impl<T: EntityExtractor + PrivateNames> ReadsTexts for T {}

/// Opens one, with the table of words.
pub(crate) type OpensReader = fn(Arc<StaticEncoder>) -> Result<Arc<dyn ReadsTexts>, LoadError>;

/// What differs between functions.
#[derive(Clone)]
pub(crate) struct Role {
    /// What reads texts: a program carries what this needs, and nothing else.
    pub(crate) reads: OpensReader,
    /// Who is asked for answers.
    pub(crate) models: ModelSource,
    /// Limits of sessions.
    pub(crate) limits: Limits,
    /// What it remembers.
    pub(crate) remembering: Remembering,
}

/// A [`Process`] that is opened at the start or, where the tables cannot be read then, with the first
/// event that finds them again: an instance must not end because they are away.
pub(crate) struct Opening {
    aws: Aws,
    role: Role,
    process: OnceCell<Process>,
}

impl Opening {
    /// Leaves it to the first event: nobody waits for that.
    pub(crate) fn later(aws: &Aws, role: Role) -> Self {
        Self {
            aws: aws.clone(),
            role,
            process: OnceCell::new(),
        }
    }

    /// Tries to open it. Lambda gives an instance more of a processor while it starts than for an event.
    pub(crate) async fn begin(aws: &Aws, role: Role) -> Self {
        let opening = Self::later(aws, role);
        if let Err(error) = opening.process().await {
            tracing::warn!(
                error = format!("{error:#}"),
                "the tables could not be read at the start; the first event tries again"
            );
        }
        opening
    }

    /// What was opened.
    pub(crate) async fn process(&self) -> anyhow::Result<&Process> {
        let open = || Box::pin(Process::open(&self.aws, self.role.clone()));
        self.process.get_or_try_init(open).await
    }

    /// The same for an event, which is not answered otherwise.
    pub(crate) async fn for_event(&self) -> Result<&Process, Failure> {
        self.process().await.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "the tables cannot be read");
            Failure::unavailable("the tables cannot be read")
        })
    }
}

/// A process that nobody signs in to.
pub(crate) struct NobodySignsIn;

#[async_trait]
impl TokenVerifier for NobodySignsIn {
    async fn verify(&self, _token: &str, _now: Timestamp) -> Result<Claims, TokenError> {
        Err(TokenError::Invalid)
    }
}

/// The checks of tables and keys; each asks its service.
pub(crate) struct Tables(pub(crate) Aws);

#[async_trait]
impl HealthSource for Tables {
    async fn check(&self) -> Vec<HealthCheck> {
        self.0.health().await
    }
}

impl Process {
    /// Opens it.
    pub(crate) async fn open(aws: &Aws, role: Role) -> anyhow::Result<Self> {
        aws.prepare()
            .await
            .context("the key of the safety spool could not be read")?;
        let texts = Texts::shipped(role.reads)?;
        let ledger = aws.keys().service_key("ledger").await?;
        let safeguards = safeguards::answering(&ledger, day_in("UTC", start::clock().now()))?;
        let memory = texts.memory(aws, &role.remembering);
        let mut services = services(aws, Arc::new(NobodySignsIn), (memory, safeguards))?;
        let shown = (&*services.catalogue, &*services.personas);
        let ports = texts.chain_ports(aws, shown).await?;
        let models = Models::new(ports, role.models, start::clock())?;
        services.model = Arc::clone(&models.offline().model);
        let settings = settings(role.limits, Part::Answers, &role.remembering);
        Ok(Self {
            services,
            settings,
            models,
        })
    }

    /// With whoever is asked now.
    pub(crate) async fn equipped(&self) -> Equipped {
        let asked = self.models.now().await;
        let mut services = self.services.clone();
        services.model = Arc::clone(&asked.model);
        services.safety_model.clone_from(&asked.looks);
        services.reader.clone_from(&asked.reader);
        let mut settings = self.settings.clone();
        settings.remote_models = asked.remote;
        Equipped {
            services,
            settings,
            ledger: asked.tasks.clone(),
        }
    }
}

impl Equipped {
    /// Waits until every record of a call is complete: the instance sleeps once its event is answered.
    pub(crate) async fn settle(ledger: &TaskTracker) {
        ledger.close();
        ledger.wait().await;
        ledger.reopen();
    }
}

/// Ports of a process that asks no provider, over the stores of the deployment.
pub(crate) fn services(
    aws: &Aws,
    verifier: Arc<dyn TokenVerifier>,
    (memory, safeguards): (Memory, Safeguards),
) -> anyhow::Result<Services> {
    let personas = Arc::new(PersonaDirectory::shipped()?);
    Ok(Services {
        cluster: None,
        clock: start::clock(),
        ids: Arc::new(RandomIds),
        conversations: aws.conversations(),
        jobs: aws.jobs(),
        safety: aws.safety(),
        spool: aws.spool_to_send_to(),
        journal: aws.journal(),
        tickets: aws.tickets(),
        accounts: aws.accounts(),
        usage: aws.usage(),
        profiles: aws.profiles(),
        consents: aws.consents(),
        clocks: aws.clocks(),
        verifier,
        model: Arc::new(OfflinePersona::new(personas.all())),
        memory: Arc::new(memory),
        reader: None,
        safety_model: None,
        personas,
        safeguards: Arc::new(CurrentSafeguards::new(safeguards)),
        scrubber: Arc::new(Scrub::new()),
        catalogue: Arc::new(Catalogue::shipped(models::recipients())?),
        eraser: None,
        health: Arc::new(Tables(aws.clone())),
    })
}

/// Settings of a process that does this part.
pub(crate) fn settings(limits: Limits, part: Part, remembering: &Remembering) -> Settings {
    Settings {
        limits,
        // The gateway is asked by its own authoriser, which looks at origins.
        allowed_origins: Vec::new(),
        https: true,
        // Whoever takes a message cannot know whether there is a key: it says which answer it is when
        // it begins. Whoever answers finds out then.
        remote_models: true,
        answers: true,
        part,
        memory_mode_max: remembering.mode_max,
        evidence_days: remembering.evidence_days,
        graph_days: remembering.graph_days,
        recall_tokens: RECALL_TOKENS,
        max_tokens: ANSWER_TOKENS,
        temperature: TEMPERATURE,
        looks_a_day: LOOKS_A_DAY,
        drain: Duration::ZERO,
        resource_ages: AgeLimits::default(),
    }
}

/// What reads texts.
struct Texts {
    scrubber: Arc<Scrub>,
    extractor: Arc<dyn ReadsTexts>,
    encoder: Arc<StaticEncoder>,
    thesaurus: Arc<ShippedThesaurus>,
}

impl Texts {
    fn shipped(reads: OpensReader) -> anyhow::Result<Self> {
        let encoder = StaticEncoder::shipped().context("the vectors of words cannot be read")?;
        let encoder = Arc::new(encoder);
        let extractor = reads(Arc::clone(&encoder));
        Ok(Self {
            scrubber: Arc::new(Scrub::new()),
            extractor: extractor.context("the models of language cannot be read")?,
            encoder,
            thesaurus: Arc::new(
                ShippedThesaurus::shipped().context("the thesaurus cannot be read")?,
            ),
        })
    }

    fn memory(&self, aws: &Aws, remembering: &Remembering) -> Memory {
        let ports = MemoryPorts {
            graph: remembering.store(aws),
            namer: aws.namers(),
            extractor: Arc::clone(&self.extractor) as _,
            encoder: Some(Arc::clone(&self.encoder) as _),
            thesaurus: Some(Arc::clone(&self.thesaurus) as _),
            scrubber: Arc::clone(&self.scrubber) as _,
            clock: start::clock(),
            ids: Arc::new(RandomIds),
        };
        Memory::new(ports, remembering.graph_life(), MEMORY_CACHE_BYTES)
    }

    async fn chain_ports(
        &self,
        aws: &Aws,
        (catalogue, personas): (&Catalogue, &PersonaDirectory),
    ) -> anyhow::Result<ChainPorts> {
        let pseudonyms = aws.keys().service_key("pseudonym").await?;
        let version = |purpose| catalogue.version(purpose).to_owned();
        Ok(ChainPorts {
            clock: start::clock(),
            ids: Arc::new(RandomIds),
            consents: aws.consents(),
            consent_versions: ConsentVersions {
                chat_model: version(Purpose::ChatModel),
                extraction_model: version(Purpose::ExtractionModel),
                safety_model: version(Purpose::SafetyModel),
                embedding: version(Purpose::Embedding),
            },
            ledger: aws.usage(),
            pseudonyms: Arc::new(Pseudonyms::new(&pseudonyms)),
            names: Arc::clone(&self.extractor) as _,
            offline: Arc::new(OfflinePersona::new(personas.all())),
        })
    }
}
