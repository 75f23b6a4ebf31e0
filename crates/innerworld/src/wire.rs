//! The composition root: a configuration becomes a running server on this machine's stores.

mod apple;
pub(crate) mod encoder;
mod extraction;
mod mail;
mod providers;
mod safety_model;
pub(crate) mod stores;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_core::{
    clock::Clock,
    cluster::Cluster,
    identity::{
        consent::{MemoryMode, Purpose},
        consents::Catalogue,
    },
    ids::IdSource,
    memory::{Memory, MemoryPorts, encoder::Encoder, store::EntityExtractor as _},
    model::{call::Scrubber as _, pseudonym::Pseudonyms, veil::PrivateNames},
    persona::directory::PersonaDirectory,
};
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_engine::{
    app::{App, LateSockets},
    safeguards::{CurrentSafeguards, Safeguards},
    services::{Part, Services, Settings},
};
use innerworld_language::{
    LocalExtractor, embed::StaticEncoder, pii::Scrub, safety::RiskScreen,
    thesaurus::ShippedThesaurus,
};
use innerworld_models::{
    chain::{Chain, ChainPorts},
    config::ProviderConfig,
    consent_gate::ConsentVersions,
    offline::OfflinePersona,
};
use innerworld_server::{
    cognito::{Cognito, IdentityPorts},
    http::account::{AccountApi, ClientInfo},
    router,
};
use tokio_util::task::TaskTracker;

use self::{
    mail::Post,
    stores::{Holding, Stores},
};
use crate::config::{
    Loaded, memory::MemoryConfig, runtime::Mode, safety_files::SafetyFiles, storage::Backend,
};

/// Bytes of loaded memories that are kept in RAM.
const MEMORY_CACHE_BYTES: usize = 256 * 1024 * 1024;
/// The most that is remembered of anybody: each teen chooses.
const MEMORY_MODE_MAX: MemoryMode = MemoryMode::Full;
/// Fewest characters of a password, as sign-up checks it.
const PASSWORD_MIN_CHARS: usize = 12;

/// A server that is ready to listen.
pub(crate) struct Wired {
    /// The running server.
    pub(crate) app: Arc<App>,
    /// Its identity provider.
    pub(crate) cognito: Arc<Cognito>,
    /// Its public routes.
    pub(crate) router: axum::Router,
    /// Where clients sign in.
    pub(crate) client: ClientInfo,
    /// Mails and ledger records that are still on their way.
    pub(crate) ledger_tasks: TaskTracker,
    /// What reads texts, not warmed up yet.
    pub(crate) texts: Texts,
    /// The service key of the safety ledger: safety files that are read anew need it.
    pub(crate) ledger_key: [u8; 32],
    /// What keeps a second server away from the same stores.
    pub(crate) held: Arc<Holding>,
    /// What is missing for production, as sentences.
    pub(crate) missing: Vec<String>,
}

/// The ports that almost everything needs.
#[derive(Clone)]
struct Base {
    stores: Stores,
    /// The other servers on these stores.
    cluster: Option<Arc<dyn Cluster>>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    /// How long a thing is remembered that nobody speaks of.
    graph_life: Duration,
}

/// What reads texts on this machine.
#[derive(Clone)]
pub(crate) struct Texts {
    scrubber: Arc<Scrub>,
    extractor: Arc<LocalExtractor>,
    /// What finds earlier turns, beside their words.
    encoder: Option<Arc<dyn Encoder>>,
    thesaurus: Arc<ShippedThesaurus>,
    screen: Arc<RiskScreen>,
}

impl Texts {
    fn open(config: &MemoryConfig, safety: &SafetyFiles) -> anyhow::Result<Self> {
        let vectors =
            Arc::new(StaticEncoder::shipped().context("the vectors of words could not be read")?);
        Ok(Self {
            scrubber: Arc::new(Scrub::new()),
            extractor: Arc::new(
                LocalExtractor::new(Arc::clone(&vectors))
                    .context("the models of language could not be read")?,
            ),
            encoder: encoder::open(config, vectors)?,
            thesaurus: Arc::new(
                ShippedThesaurus::shipped().context("the thesaurus could not be read")?,
            ),
            screen: safety.screen(),
        })
    }

    /// Compiles the rules that would otherwise be compiled at their first use: the first teen must
    /// not wait for it, and neither must a start.
    pub(crate) fn warm_up(&self) -> anyhow::Result<()> {
        self.scrubber.scrub("a first text");
        self.extractor.extract(&[], "UTC");
        self.screen
            .compile()
            .context("the phrase rules could not be compiled")
    }
}

/// Opens stores, identity, models, memory and safety, and puts them together.
pub(crate) async fn wire(loaded: &Loaded, listen: SocketAddr) -> anyhow::Result<Wired> {
    // Unpacking models takes as long as everything else here: both at once.
    let memory = loaded.config.memory.clone();
    let safety = loaded.safety.clone();
    let texts = tokio::task::spawn_blocking(move || {
        let safety = safety.map_or_else(|| SafetyFiles::read(None).map(Arc::new), Ok)?;
        anyhow::Ok((Texts::open(&memory, &safety)?, safety))
    });
    let (base, held) = open_stores(loaded, listen).await?;
    let tasks = TaskTracker::new();
    let mail = Post::open(loaded, base.stores.outbox.as_ref(), &tasks)?;
    let sockets = Arc::new(LateSockets::default());
    let cognito = identity(loaded, listen, &base, &mail, &sockets).await?;
    let providers = providers::from_config(loaded)?;
    let extraction = extraction::provider(loaded, &providers);
    let looking = safety_model::provider(loaded, &providers);
    let catalogue = Arc::new(catalogue(
        &providers,
        [
            (Purpose::ExtractionModel, extraction.as_ref()),
            (Purpose::SafetyModel, looking.as_ref()),
        ],
    )?);
    let personas = Arc::new(personas(loaded)?);
    let (texts, safety) = texts
        .await
        .context("the models of texts could not be read")??;
    let ports = chain_ports(&base, &catalogue, &personas, &texts).await?;
    let chain = Chain::build(&providers, &ports)?;
    let ledger_key = ledger_key(&base).await?;
    let today = innerworld_core::calendar::day_in("UTC", base.clock.now());
    let safeguards = safety.safeguards(&ledger_key, today)?;
    let mut services = services(
        &base,
        &cognito,
        &chain,
        (catalogue, &personas),
        (&texts, safeguards),
    );
    if let Some(provider) = &extraction {
        let config = &loaded.config.extraction;
        services.reader = Some(extraction::reader(config, provider, &ports, &chain.tasks)?);
    }
    if let Some(provider) = &looking {
        let config = &loaded.config.safety.model;
        services.safety_model = Some(safety_model::model(config, provider, &ports, &chain.tasks)?);
    }
    let app = App::new(services, settings(loaded, listen, &providers));
    sockets.attach(&app);
    let client = client_info(
        loaded,
        listen,
        &cognito,
        &providers,
        mail.dev_codes.is_some(),
    );
    let account = account(&app.services, &cognito, &client, (mail, sockets));
    let router = router::public(&app, Arc::clone(&cognito), account);
    Ok(Wired {
        app,
        cognito,
        router,
        client,
        ledger_tasks: chain.tasks,
        ledger_key,
        texts,
        held: Arc::new(held),
        missing: missing(loaded),
    })
}

async fn open_stores(loaded: &Loaded, listen: SocketAddr) -> anyhow::Result<(Base, Holding)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdSource> = Arc::new(OsIds);
    let graph_life = Duration::from_secs(86_400) * loaded.config.memory.graph_days;
    let (stores, held) = Stores::open((loaded, listen), &clock, &ids).await?;
    let base = Base {
        cluster: held.cluster(),
        stores,
        clock,
        ids,
        graph_life,
    };
    Ok((base, held))
}

async fn identity(
    loaded: &Loaded,
    listen: SocketAddr,
    base: &Base,
    mail: &Post,
    sockets: &Arc<LateSockets>,
) -> anyhow::Result<Arc<Cognito>> {
    let ports = IdentityPorts {
        accounts: Arc::clone(&base.stores.accounts),
        keys: Arc::clone(&base.stores.keys),
        mailer: Arc::clone(&mail.mailer),
        erasure: Arc::clone(&base.stores.erasure),
        jobs: Arc::clone(&base.stores.jobs),
        sockets: Arc::clone(sockets) as _,
        consents: Arc::clone(&base.stores.consents),
        authorizations: Arc::clone(&base.stores.authorizations),
        federation: Arc::clone(&base.stores.federation),
        events: Arc::clone(&base.stores.events),
        revocations: Arc::clone(&base.stores.revocations),
        apple: apple::provider(loaded)?,
        cluster: base.cluster.clone(),
        clock: Arc::clone(&base.clock),
        ids: Arc::clone(&base.ids),
    };
    let public_url = loaded.config.auth.public_url.as_deref();
    Cognito::open(
        ports,
        &here(loaded, listen),
        public_url,
        loaded.config.limits.to_rates(),
    )
    .await
    .context("the identity provider could not be opened")
}

/// Consent texts, and which companies receive what.
fn catalogue(
    providers: &[ProviderConfig],
    others: [(Purpose, Option<&ProviderConfig>); 2],
) -> anyhow::Result<Catalogue> {
    let mut recipients: Vec<(Purpose, String)> = Vec::new();
    for provider in providers {
        let recipient = (Purpose::ChatModel, provider.company.clone());
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
    }
    let others = others.into_iter();
    recipients.extend(others.filter_map(|(purpose, to)| Some((purpose, to?.company.clone()))));
    Catalogue::shipped(recipients).context("the consent texts could not be read")
}

/// What calls to models need from this process.
async fn chain_ports(
    base: &Base,
    catalogue: &Catalogue,
    personas: &PersonaDirectory,
    texts: &Texts,
) -> anyhow::Result<ChainPorts> {
    let keys = Arc::clone(&base.stores.keys);
    let pseudonyms = keys
        .service_key("pseudonym")
        .await
        .context("the pseudonym key could not be read")?;
    let version = |purpose| catalogue.version(purpose).to_owned();
    Ok(ChainPorts {
        clock: Arc::clone(&base.clock),
        ids: Arc::clone(&base.ids),
        consents: Arc::clone(&base.stores.consents),
        consent_versions: ConsentVersions {
            chat_model: version(Purpose::ChatModel),
            extraction_model: version(Purpose::ExtractionModel),
            safety_model: version(Purpose::SafetyModel),
            embedding: version(Purpose::Embedding),
        },
        ledger: Arc::clone(&base.stores.usage),
        pseudonyms: Arc::new(Pseudonyms::new(&pseudonyms)),
        names: Arc::clone(&texts.extractor) as Arc<dyn PrivateNames>,
        offline: Arc::new(OfflinePersona::new(personas.all())),
    })
}

fn personas(loaded: &Loaded) -> anyhow::Result<PersonaDirectory> {
    let folder = loaded.config.runtime.personas_dir.as_deref();
    crate::config::personas::load(folder).map_err(anyhow::Error::msg)
}

async fn ledger_key(base: &Base) -> anyhow::Result<[u8; 32]> {
    let key = base.stores.keys.service_key("ledger").await;
    key.context("a key could not be read")
}

fn services(
    base: &Base,
    cognito: &Arc<Cognito>,
    chain: &Chain,
    (catalogue, personas): (Arc<Catalogue>, &Arc<PersonaDirectory>),
    (texts, safeguards): (&Texts, Safeguards),
) -> Services {
    let stores = &base.stores;
    Services {
        clock: Arc::clone(&base.clock),
        ids: Arc::clone(&base.ids),
        conversations: Arc::clone(&stores.conversations),
        jobs: Arc::clone(&stores.jobs),
        safety: Arc::clone(&stores.safety),
        spool: Arc::clone(&stores.spool),
        journal: Arc::clone(&stores.journal),
        tickets: Arc::clone(&stores.tickets),
        profiles: Arc::clone(&stores.profiles),
        consents: Arc::clone(&stores.consents),
        clocks: Arc::clone(&stores.clocks),
        accounts: Arc::clone(&stores.accounts),
        usage: Arc::clone(&stores.usage),
        verifier: cognito.verifier(),
        model: Arc::clone(&chain.model),
        memory: Arc::new(memory(base, texts)),
        reader: None,
        safety_model: None,
        personas: Arc::clone(personas),
        safeguards: Arc::new(CurrentSafeguards::new(safeguards)),
        scrubber: Arc::clone(&texts.scrubber) as _,
        catalogue,
        eraser: Some(cognito.eraser()),
        cluster: base.cluster.clone(),
        health: Arc::clone(&stores.health),
    }
}

fn memory(base: &Base, texts: &Texts) -> Memory {
    let ports = MemoryPorts {
        graph: Arc::clone(&base.stores.graph),
        namer: Arc::clone(&base.stores.namers),
        extractor: Arc::clone(&texts.extractor) as _,
        encoder: texts.encoder.clone(),
        thesaurus: Some(Arc::clone(&texts.thesaurus) as _),
        scrubber: Arc::clone(&texts.scrubber) as _,
        clock: Arc::clone(&base.clock),
        ids: Arc::clone(&base.ids),
    };
    Memory::new(ports, base.graph_life, MEMORY_CACHE_BYTES)
}

/// Where browsers may come from: the configured origins, the server's own, and this machine's names for
/// it. Never "what `Host` says": a name that an attacker points here would pass that.
fn origins(loaded: &Loaded, listen: SocketAddr) -> Vec<String> {
    let http = &loaded.config.http;
    let (scheme, port) = (http.scheme(), listen.port());
    let own = loaded.config.auth.public_url.iter();
    let own = own.map(|url| url.trim_end_matches('/').to_owned());
    let names = ["127.0.0.1", "localhost", "[::1]"].into_iter();
    let names = names.map(|name| format!("{scheme}://{name}:{port}"));
    let configured = http.allowed_origins.iter();
    let configured = configured.map(|origin| origin.trim_end_matches('/').to_owned());
    configured.chain(own).chain(names).collect()
}

fn settings(loaded: &Loaded, listen: SocketAddr, providers: &[ProviderConfig]) -> Settings {
    let config = &loaded.config;
    Settings {
        limits: config.limits.to_limits(),
        allowed_origins: origins(loaded, listen),
        https: (config.auth.public_url.as_ref()).is_some_and(|url| url.starts_with("https://")),
        remote_models: !providers.is_empty(),
        answers: config.runtime.answers,
        part: Part::Whole,
        // Each teen chooses; a server of one machine has no ceiling.
        memory_mode_max: MEMORY_MODE_MAX,
        evidence_days: config.memory.evidence_days,
        graph_days: config.memory.graph_days,
        recall_tokens: usize::try_from(config.memory.turn_tokens).unwrap_or(120),
        max_tokens: config.models.max_tokens,
        temperature: config.models.temperature,
        looks_a_day: config.safety.model.looks_a_day,
        drain: Duration::from_secs(config.http.drain_s.into()),
        resource_ages: crate::config::resources::limits(config),
    }
}

/// Where the listener itself is.
fn here(loaded: &Loaded, listen: SocketAddr) -> String {
    format!("{}://{listen}", loaded.config.http.scheme())
}

fn client_info(
    loaded: &Loaded,
    listen: SocketAddr,
    cognito: &Cognito,
    providers: &[ProviderConfig],
    dev_codes: bool,
) -> ClientInfo {
    let http_url = match &loaded.config.auth.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => here(loaded, listen),
    };
    let first = providers.first();
    ClientInfo {
        cognito_url: http_url.clone(),
        user_pool_id: cognito.pool().id.clone(),
        client_id: cognito.pool().client_id.clone(),
        ws_url: format!("{}/v1/ws", http_url.replacen("http", "ws", 1)),
        http_url,
        mode: if first.is_some() { "model" } else { "offline" }.to_owned(),
        model: first.map(|provider| provider.model_primary.clone()),
        company: first.map(|provider| provider.company.clone()),
        password_min_chars: PASSWORD_MIN_CHARS,
        sign_in_with_apple: cognito.apple().is_some(),
        dev_codes,
    }
}

fn account(
    services: &Services,
    cognito: &Arc<Cognito>,
    client: &ClientInfo,
    (mail, sessions): (Post, Arc<LateSockets>),
) -> AccountApi {
    AccountApi {
        accounts: Arc::clone(&services.accounts),
        profiles: Arc::clone(&services.profiles),
        consents: Arc::clone(&services.consents),
        tickets: Arc::clone(&services.tickets),
        verifier: Arc::clone(&services.verifier),
        identity: Arc::clone(cognito) as _,
        app_store: Some(Arc::clone(cognito) as _),
        eraser: cognito.eraser(),
        memory: Arc::clone(&services.memory),
        memory_mode_max: MEMORY_MODE_MAX,
        sessions,
        catalogue: Arc::clone(&services.catalogue),
        client: Arc::new(client.clone()),
        dev_codes: mail.dev_codes,
        clock: Arc::clone(&services.clock),
        ids: Arc::clone(&services.ids),
    }
}

/// What a production server would need and this one lacks.
fn missing(loaded: &Loaded) -> Vec<String> {
    let mut missing = loaded.warnings.clone();
    let storage = &loaded.config.storage;
    if storage.backend == Backend::Files && storage.master_key_file.is_none() {
        missing.push(
            "the master key lies in the data folder: keep it apart (`storage.master_key_file`)"
                .to_owned(),
        );
    }
    if loaded.config.runtime.mode == Mode::Development {
        missing.push("development mode: listens on this machine only".to_owned());
    }
    missing
}
