//! What a server of tests is put together from.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use innerworld_core::{
    clock::Clock,
    identity::{account::AccountStore, consent::MemoryMode, consents::Catalogue},
    memory::{
        Memory, MemoryPorts,
        store::{GraphStore, NamerSource},
    },
    model::chat_model::ChatModel,
    persona::directory::PersonaDirectory,
    safety::{
        content::{Content, Files},
        desk::Desk,
    },
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_engine::{
    app::LateSockets,
    safeguards::{CurrentSafeguards, Safeguards},
    services::Services,
};
use innerworld_language::{output_screen::Screen, pii::Scrub};
use innerworld_server::{
    cognito::{Cognito, IdentityPorts, Rates, apple::AppleProvider},
    http::account::{AccountApi, ClientInfo},
};
use innerworld_testkit::FakeClock;

use super::{Healthy, Mails, Tokens, texts};

/// What keeps guesses and strangers away from an identity provider.
pub(crate) struct Guard {
    pub(crate) rates: Rates,
    /// The store of accounts that it asks, from the one that there is.
    pub(crate) accounts: fn(Arc<dyn AccountStore>) -> Arc<dyn AccountStore>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            rates: Rates::default(),
            accounts: |own| own,
        }
    }
}

pub(super) async fn identity(
    stores: &Embedded,
    clock: &Arc<FakeClock>,
    sockets: &Arc<LateSockets>,
    mails: &Arc<Mails>,
    (address, apple, guard): (SocketAddr, Option<Arc<AppleProvider>>, Guard),
) -> Arc<Cognito> {
    let ports = IdentityPorts {
        cluster: None,
        accounts: (guard.accounts)(stores.accounts()),
        keys: stores.keys(),
        mailer: Arc::clone(mails) as _,
        erasure: stores.erasure(),
        jobs: stores.jobs(),
        sockets: Arc::clone(sockets) as _,
        consents: stores.consents(),
        authorizations: stores.authorizations(),
        federation: stores.federation(),
        events: stores.events(),
        revocations: stores.revocations(),
        apple,
        clock: Arc::clone(clock) as _,
        ids: Arc::new(OsIds),
    };
    let base = format!("http://{address}");
    Cognito::open(ports, &base, None, guard.rates)
        .await
        .unwrap()
}

pub(super) fn services(
    stores: &Embedded,
    clock: &Arc<FakeClock>,
    cognito: &Arc<Cognito>,
    model: Arc<dyn ChatModel>,
) -> Services {
    let content = Content::load(&Files::shipped()).unwrap();
    let today = innerworld_core::calendar::day_in("UTC", clock.now());
    let contacts = content.allowed_contacts().into_iter().collect();
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let texts = texts::shipped();
    Services {
        cluster: None,
        clock: Arc::clone(&clock),
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
        verifier: Arc::new(Tokens),
        model,
        memory: memory(stores.graph(), stores.namers(), &clock),
        reader: None,
        safety_model: None,
        personas: Arc::new(PersonaDirectory::shipped().unwrap()),
        safeguards: Arc::new(CurrentSafeguards::new(Safeguards {
            desk: Desk::new(content, &[7; 32], Arc::clone(&texts.screen) as _, today),
            output: Arc::new(Screen::shipped(contacts).unwrap()),
        })),
        scrubber: Arc::new(Scrub::new()),
        catalogue: Arc::new(Catalogue::shipped(Vec::new()).unwrap()),
        eraser: Some(cognito.eraser()),
        health: Arc::new(Healthy),
    }
}

/// Memory over these stores, as a server has it.
pub(crate) fn memory(
    graph: Arc<dyn GraphStore>,
    namer: Arc<dyn NamerSource>,
    clock: &Arc<dyn Clock>,
) -> Arc<Memory> {
    let texts = texts::shipped();
    let ports = MemoryPorts {
        graph,
        namer,
        extractor: Arc::clone(&texts.extractor) as _,
        encoder: Some(Arc::clone(&texts.encoder) as _),
        thesaurus: Some(Arc::clone(&texts.thesaurus) as _),
        scrubber: Arc::new(Scrub::new()),
        clock: Arc::clone(clock),
        ids: Arc::new(OsIds),
    };
    let life = Duration::from_secs(30 * 86_400);
    Arc::new(Memory::new(ports, life, 1 << 20))
}

pub(super) fn account(
    services: &Services,
    cognito: &Arc<Cognito>,
    (address, sessions): (SocketAddr, Arc<LateSockets>),
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
        memory_mode_max: MemoryMode::Full,
        sessions,
        catalogue: Arc::clone(&services.catalogue),
        client: Arc::new(ClientInfo {
            cognito_url: format!("http://{address}"),
            user_pool_id: cognito.pool().id.clone(),
            client_id: cognito.pool().client_id.clone(),
            ws_url: format!("ws://{address}/v1/ws"),
            http_url: format!("http://{address}"),
            mode: "model".to_owned(),
            model: None,
            company: None,
            password_min_chars: 12,
            sign_in_with_apple: cognito.apple().is_some(),
            dev_codes: false,
        }),
        dev_codes: None,
        clock: Arc::clone(&services.clock),
        ids: Arc::clone(&services.ids),
    }
}
