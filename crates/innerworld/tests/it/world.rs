//! The socket server over in-memory stores, with a scripted model and a clock that tests move.

mod fated;
pub(crate) mod parts;
mod texts;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::PortError,
    health::HealthCheck,
    identity::{
        account::{Mail, Mailer},
        consent::{ConsentRecord, MemoryMode, Purpose},
        profile::{AgeBand, Profile},
        token::{Claims, TokenError, TokenVerifier},
    },
    ids::{IdSource, TeenId},
    memory::model_tier::reader::SessionReader,
    model::chat_model::ChatModel,
    safety::{content::AgeLimits, look::SafetyModel},
    secret::Text,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_engine::{
    app::{App, HealthSource, LateSockets},
    services::{Part, Services, Settings},
};
use innerworld_server::{
    cognito::{Cognito, apple::AppleProvider},
    router,
};
use innerworld_testkit::{FakeClock, scripted_model::ScriptedModel};
use tokio::{net::TcpStream, task::JoinSet};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite};

pub(crate) use self::parts::Guard;
use self::parts::{account, identity, services};

/// A running server and what a test may reach of it.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) stores: Embedded,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) address: SocketAddr,
    pub(crate) cognito: Arc<Cognito>,
    /// What was mailed.
    pub(crate) mails: Arc<Mails>,
    /// Ends with the world.
    _serving: JoinSet<()>,
}

/// A socket of a test client.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Tokens of tests: `<subject>` in hexadecimal, `/`, the end in milliseconds.
struct Tokens;

#[async_trait::async_trait]
impl TokenVerifier for Tokens {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let (subject, end) = token.split_once('/').ok_or(TokenError::Invalid)?;
        let subject = u128::from_str_radix(subject, 16).map_err(|_wrong| TokenError::Invalid)?;
        let end = end.parse().map_err(|_wrong| TokenError::Invalid)?;
        let expires_at = Timestamp::from_millis(end);
        if now >= expires_at {
            return Err(TokenError::Expired);
        }
        Ok(Claims {
            teen: TeenId::from_subject_bits(subject),
            issued_at: now,
            expires_at,
            jti: String::new(),
            auth_time: now,
            scopes: Vec::new(),
        })
    }
}

/// A mailer that keeps what it was given.
#[derive(Default)]
pub(crate) struct Mails(Mutex<Vec<Mail>>);

impl Mails {
    /// The code mailed last to this address.
    pub(crate) fn newest(&self, address: &str) -> String {
        let mails = self.0.lock().unwrap();
        let mut mails = mails.iter().rev();
        let mail = mails.find(|mail| mail.to.reveal() == address);
        mail.unwrap().code.reveal().clone()
    }

    /// How many were sent to this address.
    pub(crate) fn to(&self, address: &str) -> usize {
        let mails = self.0.lock().unwrap();
        mails
            .iter()
            .filter(|mail| mail.to.reveal() == address)
            .count()
    }
}

#[async_trait::async_trait]
impl Mailer for Mails {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

struct Healthy;

#[async_trait::async_trait]
impl HealthSource for Healthy {
    async fn check(&self) -> Vec<HealthCheck> {
        Vec::new()
    }
}

impl World {
    /// Starts a server whose answers come from `model`.
    pub(crate) async fn start(model: Arc<dyn ChatModel>, settings: Settings) -> Self {
        let clock = Arc::new(FakeClock::default());
        let ids: Arc<dyn IdSource> = Arc::new(OsIds);
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::clone(&ids)).unwrap();
        Self::over(stores, clock, model, settings).await
    }

    /// Starts a server that believes only tokens of its identity provider.
    pub(crate) async fn guarded(model: Arc<dyn ChatModel>, settings: Settings) -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        Self::run(stores, clock, (model, settings), true).await
    }

    /// Starts a server over stores that exist already: a restart.
    pub(crate) async fn over(
        stores: Embedded,
        clock: Arc<FakeClock>,
        model: Arc<dyn ChatModel>,
        settings: Settings,
    ) -> Self {
        Self::run(stores, clock, (model, settings), false).await
    }

    /// Starts a server whose ended sessions are read by `reader` too.
    pub(crate) async fn read_by(
        reader: Arc<dyn SessionReader>,
        model: Arc<dyn ChatModel>,
        settings: Settings,
    ) -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        let parts = (model, settings);
        Self::build(stores, clock, parts, |services, _cognito| {
            services.reader = Some(reader);
        })
        .await
    }

    /// Starts a server over these stores, at whose messages `look` takes a second look.
    pub(crate) async fn looked_at_by(
        look: Arc<dyn SafetyModel>,
        (stores, clock): (Embedded, Arc<FakeClock>),
        model: Arc<dyn ChatModel>,
        settings: Settings,
    ) -> Self {
        Self::build(stores, clock, (model, settings), |services, _cognito| {
            services.safety_model = Some(look);
        })
        .await
    }

    /// `guarded`: with true tokens, as [`World::guarded`].
    pub(crate) async fn run(
        stores: Embedded,
        clock: Arc<FakeClock>,
        parts: (Arc<dyn ChatModel>, Settings),
        guarded: bool,
    ) -> Self {
        Self::build(stores, clock, parts, |services, cognito| {
            if guarded {
                services.verifier = cognito.verifier();
            }
        })
        .await
    }

    /// A server with true tokens at which people sign in with Apple.
    pub(crate) async fn with_apple(
        stores: Embedded,
        clock: Arc<FakeClock>,
        parts: (Arc<dyn ChatModel>, Settings),
        apple: Arc<AppleProvider>,
    ) -> Self {
        let guard = |services: &mut Services, cognito: &Cognito| {
            services.verifier = cognito.verifier();
        };
        let guarded = (Some(apple), Guard::default());
        Self::build_with(stores, clock, parts, (guarded, guard)).await
    }

    /// A server with true tokens whose identity provider is guarded like this.
    pub(crate) async fn guarded_by(guard: Guard) -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        let model = Arc::new(ScriptedModel::saying("hello"));
        let parts = (model as _, settings());
        let change = |services: &mut Services, cognito: &Cognito| {
            services.verifier = cognito.verifier();
        };
        Self::build_with(stores, clock, parts, ((None, guard), change)).await
    }

    /// A server whose services `change` changes first.
    pub(crate) async fn build(
        stores: Embedded,
        clock: Arc<FakeClock>,
        parts: (Arc<dyn ChatModel>, Settings),
        change: impl FnOnce(&mut Services, &Cognito),
    ) -> Self {
        let guarded = (None, Guard::default());
        Self::build_with(stores, clock, parts, (guarded, change)).await
    }

    async fn build_with(
        stores: Embedded,
        clock: Arc<FakeClock>,
        (model, settings): (Arc<dyn ChatModel>, Settings),
        ((apple, guard), change): (
            (Option<Arc<AppleProvider>>, Guard),
            impl FnOnce(&mut Services, &Cognito),
        ),
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sockets = Arc::new(LateSockets::default());
        let mails = Arc::new(Mails::default());
        let around = (address, apple, guard);
        let cognito = identity(&stores, &clock, &sockets, &mails, around).await;
        let mut services = services(&stores, &clock, &cognito, model);
        change(&mut services, &cognito);
        let account = account(&services, &cognito, (address, Arc::clone(&sockets)));
        let app = App::new(services, settings);
        sockets.attach(&app);
        app.recover().await.unwrap();
        app.start_background();
        innerworld_engine::revoke::run(&app, cognito.revoker());
        let routes = router::public(&app, Arc::clone(&cognito), account);
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            app,
            stores,
            clock,
            address,
            cognito,
            mails,
            _serving: serving,
        }
    }

    /// A teen with a complete profile, the terms, and this memory mode.
    pub(crate) async fn teen(&self, number: u128, memory: MemoryMode) -> TeenId {
        let teen = TeenId::from_subject_bits(number);
        self.admit(teen, memory).await;
        teen
    }

    /// Completes the profile and the consents of this teen.
    pub(crate) async fn admit(&self, teen: TeenId, memory: MemoryMode) {
        let profile = Profile {
            band: AgeBand::From13To15,
            next_band_on: None,
            country: "US".to_owned(),
            region: None,
            time_zone: "UTC".to_owned(),
            next_time_zone: None,
            locale: "en-US".to_owned(),
            name: Some(Text::new("Robin".to_owned())),
            completed_at: self.clock.now(),
            declared_on: None,
        };
        self.stores.profiles().put(teen, &profile).await.unwrap();
        let terms = self.consent(Purpose::Terms, None);
        let memory = self.consent(Purpose::Memory, Some(memory));
        self.stores
            .consents()
            .append(teen, &[terms, memory])
            .await
            .unwrap();
    }

    /// The teen gives this company a consent, or takes it back.
    pub(crate) async fn consent_to(
        &self,
        teen: TeenId,
        (purpose, company): (Purpose, &str),
        granted: bool,
    ) {
        let record = ConsentRecord {
            recipient: company.to_owned(),
            granted,
            ..self.consent(purpose, None)
        };
        self.stores
            .consents()
            .append(teen, &[record])
            .await
            .unwrap();
    }

    fn consent(&self, purpose: Purpose, mode: Option<MemoryMode>) -> ConsentRecord {
        ConsentRecord {
            purpose,
            recipient: String::new(),
            text_version: self.app.services.catalogue.version(purpose).to_owned(),
            text_hash: String::new(),
            jurisdiction: "US".to_owned(),
            band: AgeBand::From13To15,
            granted: true,
            recorded_at: self.clock.now(),
            evidence: "api".to_owned(),
            mode,
            persona: None,
        }
    }

    /// A token of this teen that ends after `life`.
    pub(crate) fn token(&self, teen: TeenId, life: Duration) -> String {
        format!(
            "{:x}/{}",
            teen.bits(),
            self.clock.now().plus(life).as_millis()
        )
    }

    /// Opens a socket with this token in the header.
    pub(crate) async fn socket(&self, token: &str) -> Result<Socket, tungstenite::Error> {
        self.raw_socket(token, &[]).await
    }

    /// Opens a socket with a ticket.
    pub(crate) async fn socket_by_ticket(
        &self,
        ticket: &str,
    ) -> Result<Socket, tungstenite::Error> {
        use tungstenite::client::IntoClientRequest as _;
        let url = format!("ws://{}/v1/ws?ticket={ticket}", self.address);
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "innerworld.v1".parse().unwrap());
        let connected = tokio_tungstenite::connect_async(request).await;
        connected.map(|(socket, _)| socket)
    }

    /// Opens a socket with further (or other) headers.
    pub(crate) async fn raw_socket(
        &self,
        token: &str,
        others: &[(&'static str, String)],
    ) -> Result<Socket, tungstenite::Error> {
        use tungstenite::client::IntoClientRequest as _;
        let url = format!("ws://{}/v1/ws", self.address);
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        headers.insert("sec-websocket-protocol", "innerworld.v1".parse().unwrap());
        for (name, value) in others {
            headers.insert(*name, value.parse().unwrap());
        }
        tokio_tungstenite::connect_async(request)
            .await
            .map(|(socket, _)| socket)
    }
}

/// Settings of tests: the defaults, no provider.
pub(crate) fn settings() -> Settings {
    Settings {
        part: Part::Whole,
        answers: true,
        limits: innerworld_core::conversation::limits::Limits {
            handshakes_per_ip_min: 10_000,
            handshakes_per_teen_min: 1_000,
            ..Default::default()
        },
        allowed_origins: vec!["https://app.example.org".to_owned()],
        https: true,
        remote_models: true,
        memory_mode_max: MemoryMode::Full,
        evidence_days: 30,
        graph_days: 30,
        recall_tokens: 120,
        max_tokens: 400,
        temperature: 0.8,
        looks_a_day: 40,
        drain: Duration::from_secs(5),
        resource_ages: AgeLimits::default(),
    }
}

/// Sends one frame.
pub(crate) async fn send(socket: &mut Socket, frame: &serde_json::Value) {
    socket
        .send(tungstenite::Message::text(frame.to_string()))
        .await
        .unwrap();
}

/// The next text frame, or the close code.
pub(crate) async fn receive(socket: &mut Socket) -> Result<serde_json::Value, u16> {
    let wait = Duration::from_secs(20);
    loop {
        let message = tokio::time::timeout(wait, socket.next())
            .await
            .expect("nothing came");
        match message {
            Some(Ok(tungstenite::Message::Text(text))) => {
                return Ok(serde_json::from_str(&text).unwrap());
            }
            Some(Ok(tungstenite::Message::Close(frame))) => {
                return Err(frame.map_or(1005, |frame| frame.code.into()));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(1006),
        }
    }
}
