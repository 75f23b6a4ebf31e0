//! The public routes of one machine, with tokens of the same user pool.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Router, body::to_bytes, extract::ConnectInfo};
use innerworld_aws::{CognitoTokenVerifier, DenyList, UserPool};
use innerworld_core::{
    calendar::day_in,
    clock::{Clock, Timestamp},
    conversation::{limits::Limits, store::ConversationStore},
    error::PortError,
    health::HealthCheck,
    identity::{
        consent::{MemoryMode, Purpose},
        consents::Catalogue,
        token::TokenVerifier,
    },
    ids::TeenId,
    memory::{Memory, MemoryPorts},
    persona::directory::PersonaDirectory,
    safety::{
        content::{AgeLimits, Content},
        desk::Desk,
    },
};
use innerworld_embedded::{Embedded, OsIds, SystemClock};
use innerworld_engine::{
    app::{App, HealthSource, LateSockets},
    safeguards::{CurrentSafeguards, Safeguards},
    services::{Part, Services, Settings},
};
use innerworld_language::{
    LocalExtractor,
    embed::StaticEncoder,
    output_screen::Screen,
    pii::Scrub,
    safety::{PhraseScreen, RiskScreen, Scorer},
    safety_files,
    thesaurus::ShippedThesaurus,
};
use innerworld_models::offline::OfflinePersona;
use innerworld_server::{
    cognito::{Cognito, IdentityPorts, Rates},
    http::account::{AccountApi, ClientInfo},
    router,
};
use innerworld_testkit::{
    records::Records,
    user_pool::{CLIENT_ID, POOL_ID, UserPoolDouble},
};
use lambda_runtime::tower::ServiceExt as _;

use super::requests::{Asked, Told};
use crate::functions::TEEN;

const BASE: &str = "http://127.0.0.1:9";

/// Marks and fences of one machine, as the user pool's verifier asks for them.
struct Marks(Embedded);

#[async_trait]
impl DenyList for Marks {
    async fn denies(&self, teen: TeenId, issued_at: Timestamp) -> Result<bool, PortError> {
        if self.0.erasure().is_fenced(teen).await? {
            return Ok(true);
        }
        let mark = self.0.accounts().denied_before(teen).await?;
        Ok(mark.is_some_and(|mark| issued_at < mark))
    }
}

struct Healthy;

#[async_trait]
impl HealthSource for Healthy {
    async fn check(&self) -> Vec<HealthCheck> {
        Vec::new()
    }
}

/// One machine.
pub(super) struct OneMachine {
    app: Arc<App>,
    router: Router,
}

impl OneMachine {
    pub(super) async fn new(pool: &UserPoolDouble) -> Self {
        let stores = Embedded::in_memory(Arc::new(SystemClock), Arc::new(OsIds)).unwrap();
        let records = Records::named("machine");
        let (account, credential) = (records.account(TEEN), records.credential());
        stores
            .accounts()
            .create(&account, &credential)
            .await
            .unwrap();
        let sockets = Arc::new(LateSockets::default());
        let cognito = cognito(&stores, &sockets).await;
        let of = UserPool::new(POOL_ID, CLIENT_ID).unwrap();
        let of = of.reached_at(&pool.endpoint()).unwrap();
        let denied = Arc::new(Marks(stores.clone()));
        let verifier = Arc::new(CognitoTokenVerifier::new(of, denied).unwrap());
        let app = App::new(services(&stores, &cognito, verifier), settings());
        sockets.attach(&app);
        let account = account_api(&app, &cognito, sockets);
        let router = router::public(&app, cognito, account);
        Self { app, router }
    }

    pub(super) fn conversations(&self) -> Arc<dyn ConversationStore> {
        Arc::clone(&self.app.services.conversations)
    }

    pub(super) fn memory(&self) -> Arc<Memory> {
        Arc::clone(&self.app.services.memory)
    }

    pub(super) async fn ask(&self, asked: &Asked) -> Told {
        let mut request = asked.request();
        let peer = ConnectInfo(std::net::SocketAddr::from(([192, 0, 2, 7], 1)));
        request.extensions_mut().insert(peer);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let headers = head.headers.iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let body = to_bytes(body, 1 << 24).await.unwrap();
        let body = std::str::from_utf8(&body).unwrap();
        Told::of(head.status.as_u16(), headers.collect(), body)
    }
}

async fn cognito(stores: &Embedded, sockets: &Arc<LateSockets>) -> Arc<Cognito> {
    let ports = IdentityPorts {
        cluster: None,
        accounts: stores.accounts(),
        keys: stores.keys(),
        mailer: stores.outbox(),
        erasure: stores.erasure(),
        jobs: stores.jobs(),
        sockets: Arc::clone(sockets) as _,
        consents: stores.consents(),
        authorizations: stores.authorizations(),
        federation: stores.federation(),
        events: stores.events(),
        revocations: stores.revocations(),
        apple: None,
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    Cognito::open(ports, BASE, None, Rates::default())
        .await
        .unwrap()
}

fn services(
    stores: &Embedded,
    cognito: &Arc<Cognito>,
    verifier: Arc<dyn TokenVerifier>,
) -> Services {
    let personas = Arc::new(PersonaDirectory::shipped().unwrap());
    let purposes = [
        Purpose::ChatModel,
        Purpose::ExtractionModel,
        Purpose::SafetyModel,
    ];
    let recipients = purposes.map(|purpose| (purpose, "OpenRouter".to_owned()));
    Services {
        cluster: None,
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
        memory: Arc::new(memory(stores)),
        reader: None,
        safety_model: None,
        personas,
        safeguards: Arc::new(CurrentSafeguards::new(safeguards())),
        scrubber: Arc::new(Scrub::new()),
        catalogue: Arc::new(Catalogue::shipped(recipients.into()).unwrap()),
        eraser: Some(cognito.eraser()),
        health: Arc::new(Healthy),
    }
}

fn memory(stores: &Embedded) -> Memory {
    let encoder = Arc::new(StaticEncoder::shipped().unwrap());
    let ports = MemoryPorts {
        graph: stores.graph(),
        namer: stores.namers(),
        extractor: Arc::new(LocalExtractor::new(Arc::clone(&encoder)).unwrap()),
        encoder: Some(encoder),
        thesaurus: Some(Arc::new(ShippedThesaurus::shipped().unwrap())),
        scrubber: Arc::new(Scrub::new()),
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    Memory::new(ports, Duration::from_secs(30 * 86_400), 1 << 20)
}

fn safeguards() -> Safeguards {
    let scorer = Scorer::shipped().unwrap();
    let files = safety_files::with_scorer(safety_files::texts(), &scorer);
    let content = Content::load(&files).unwrap();
    let contacts = content.allowed_contacts().into_iter().collect();
    let output = Screen::of_files(Screen::FILES, contacts).unwrap();
    let screen = Arc::new(RiskScreen::new(PhraseScreen::shipped().unwrap(), scorer));
    let today = day_in("UTC", SystemClock.now());
    Safeguards {
        desk: Desk::new(content, &[7; 32], screen, today),
        output: Arc::new(output),
    }
}

fn settings() -> Settings {
    Settings {
        limits: Limits::default(),
        allowed_origins: vec!["https://app.example.org".to_owned()],
        https: true,
        remote_models: false,
        answers: true,
        part: Part::Whole,
        memory_mode_max: MemoryMode::Full,
        evidence_days: 30,
        graph_days: 30,
        recall_tokens: 120,
        max_tokens: 400,
        temperature: 0.8,
        looks_a_day: 0,
        drain: Duration::ZERO,
        resource_ages: AgeLimits::default(),
    }
}

fn account_api(app: &App, cognito: &Arc<Cognito>, sessions: Arc<LateSockets>) -> AccountApi {
    let services = &app.services;
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
        memory_mode_max: app.settings.memory_mode_max,
        sessions,
        catalogue: Arc::clone(&services.catalogue),
        client: Arc::new(ClientInfo {
            cognito_url: BASE.to_owned(),
            user_pool_id: POOL_ID.to_owned(),
            client_id: CLIENT_ID.to_owned(),
            ws_url: BASE.to_owned(),
            http_url: BASE.to_owned(),
            mode: "offline".to_owned(),
            model: None,
            company: None,
            password_min_chars: 12,
            sign_in_with_apple: false,
            dev_codes: false,
        }),
        dev_codes: None,
        clock: Arc::clone(&services.clock),
        ids: Arc::clone(&services.ids),
    }
}
