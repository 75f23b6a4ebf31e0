//! The parts of the stand-in, put together as the executable does it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_core::{
    clock::Clock as _,
    conversation::limits::Limits,
    error::{ErrorKind, PortError},
    health::HealthCheck,
    identity::{
        account::{Mail, Mailer},
        consent::{ConsentRecord, MemoryMode, Purpose},
        consents::Catalogue,
        profile::{AgeBand, Profile},
        token::TokenVerifier,
    },
    memory::{Memory, MemoryPorts},
    persona::directory::PersonaDirectory,
    safety::{
        content::{Content, Files},
        desk::Desk,
    },
};
use innerworld_embedded::{Embedded, OsIds, SystemClock};
use innerworld_language::{
    LocalExtractor, output_screen::Screen, pii::Scrub, safety::PhraseScreen,
};
use innerworld_models::offline::OfflinePersona;
use innerworld_server::{
    app::{HealthSource, LateSockets},
    cognito::{Cognito, IdentityPorts, Rates},
    http::account::{AccountApi, ClientInfo},
    services::{Services, Settings},
};
use tokio::task::JoinSet;

/// Teens who are made at the same time.
const MAKING: usize = 256;

/// Nobody signs up here.
struct NoMail;

#[async_trait::async_trait]
impl Mailer for NoMail {
    async fn send(&self, _mail: &Mail) -> Result<(), PortError> {
        Err(PortError::new(ErrorKind::Unavailable, "send a mail"))
    }
}

struct Health(Embedded);

#[async_trait::async_trait]
impl HealthSource for Health {
    async fn check(&self) -> Vec<HealthCheck> {
        self.0.health().await
    }
}

pub(super) async fn identity(
    stores: &Embedded,
    sockets: &Arc<LateSockets>,
) -> anyhow::Result<Arc<Cognito>> {
    let ports = IdentityPorts {
        accounts: stores.accounts(),
        keys: stores.keys(),
        mailer: Arc::new(NoMail),
        erasure: stores.erasure(),
        jobs: stores.jobs(),
        sockets: Arc::clone(sockets) as _,
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    let cognito = Cognito::open(ports, "http://127.0.0.1", None, Rates::default()).await;
    cognito.context("the identity provider could not be opened")
}

pub(super) async fn all(
    stores: &Embedded,
    cognito: &Arc<Cognito>,
    verifier: Arc<dyn TokenVerifier>,
) -> anyhow::Result<Services> {
    let content =
        Content::load(&Files::shipped()).context("the safety protocol could not be read")?;
    let contacts = content.allowed_contacts().into_iter().collect();
    let screen = PhraseScreen::shipped().context("the phrases could not be read")?;
    let today = innerworld_core::calendar::day_in("UTC", SystemClock.now());
    let ledger = stores
        .keys()
        .service_key("ledger")
        .await
        .context("a key could not be read")?;
    let personas = PersonaDirectory::shipped().context("the personas could not be read")?;
    let memory = MemoryPorts {
        graph: stores.graph(),
        namer: stores.namers(),
        extractor: Arc::new(LocalExtractor::new().context("the lexicon could not be read")?),
        scrubber: Arc::new(Scrub::new()),
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    Ok(Services {
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
        conversations: stores.conversations(),
        jobs: stores.jobs(),
        safety: stores.safety(),
        spool: stores.spool(),
        journal: stores.journal(),
        tickets: stores.tickets(),
        profiles: stores.profiles(),
        consents: stores.consents(),
        clocks: stores.clocks(),
        accounts: stores.accounts(),
        usage: stores.usage(),
        verifier,
        model: Arc::new(OfflinePersona::new(personas.all())),
        memory: Arc::new(Memory::new(memory, 1 << 20)),
        personas: Arc::new(personas),
        desk: Arc::new(Desk::new(content, &ledger, Arc::new(screen), today)),
        output: Arc::new(Screen::shipped(contacts).context("the rules could not be read")?),
        scrubber: Arc::new(Scrub::new()),
        catalogue: Arc::new(Catalogue::shipped(Vec::new()).context("no consent texts")?),
        eraser: cognito.eraser(),
        health: Arc::new(Health(stores.clone())),
    })
}

/// Limits that a generator would reach are out of its way; all else is as shipped.
pub(super) fn settings() -> Settings {
    Settings {
        limits: Limits {
            frames_per_s: 1_000_000,
            frames_burst: 1_000_000,
            messages_burst: 1_000_000,
            messages_per_min: 10_000_000,
            handshakes_per_teen_min: 1_000,
            handshakes_per_ip_min: 1_000_000,
            daily: Duration::from_secs(86_400),
            ..Limits::default()
        },
        allowed_origins: Vec::new(),
        remote_models: false,
        evidence_days: 30,
        graph_days: 30,
        recall_tokens: 120,
        max_tokens: 400,
        temperature: 0.8,
        drain: Duration::from_secs(5),
    }
}

/// Makes `count` teens with a complete profile, the terms, and memory off.
pub(super) async fn teens(
    stores: &Embedded,
    services: &Services,
    count: usize,
) -> anyhow::Result<()> {
    let mut making = JoinSet::new();
    for number in 0..count {
        if making.len() >= MAKING
            && let Some(made) = making.join_next().await
        {
            made??;
        }
        let (profiles, consents) = (stores.profiles(), stores.consents());
        let terms = terms(&services.catalogue);
        making.spawn(async move {
            let teen = super::teen(number);
            profiles.put(teen, &profile()).await?;
            consents.append(teen, &[terms]).await
        });
    }
    while let Some(made) = making.join_next().await {
        made??;
    }
    Ok(())
}

fn profile() -> Profile {
    Profile {
        band: AgeBand::From13To15,
        next_band_on: None,
        country: "US".to_owned(),
        region: None,
        time_zone: "UTC".to_owned(),
        next_time_zone: None,
        locale: "en-US".to_owned(),
        name: None,
        completed_at: SystemClock.now(),
    }
}

fn terms(catalogue: &Catalogue) -> ConsentRecord {
    ConsentRecord {
        purpose: Purpose::Terms,
        recipient: String::new(),
        text_version: catalogue.version(Purpose::Terms).to_owned(),
        text_hash: String::new(),
        jurisdiction: "US".to_owned(),
        band: AgeBand::From13To15,
        granted: true,
        recorded_at: SystemClock.now(),
        evidence: "api".to_owned(),
        mode: None::<MemoryMode>,
        persona: None,
    }
}

pub(super) fn account(
    services: &Services,
    stores: &Embedded,
    cognito: &Arc<Cognito>,
    sockets: &Arc<LateSockets>,
    address: SocketAddr,
) -> AccountApi {
    AccountApi {
        accounts: stores.accounts(),
        profiles: stores.profiles(),
        consents: stores.consents(),
        tickets: stores.tickets(),
        erasure: stores.erasure(),
        verifier: Arc::clone(&services.verifier),
        cognito: Arc::clone(cognito),
        eraser: cognito.eraser(),
        catalogue: Arc::clone(&services.catalogue),
        client: Arc::new(ClientInfo {
            cognito_url: format!("http://{address}"),
            user_pool_id: cognito.pool().id.clone(),
            client_id: cognito.pool().client_id.clone(),
            ws_url: format!("ws://{address}/v1/ws"),
            http_url: format!("http://{address}"),
            mode: "offline".to_owned(),
            model: None,
            company: None,
            password_min_chars: 12,
            dev_codes: false,
        }),
        memory: Arc::clone(&services.memory),
        sessions: Arc::clone(sockets),
        dev_codes: None,
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    }
}
