//! The product's HTTP routes: every `/v1` route of the HTTP API, from the same code that serves them on
//! one machine.
//!
//! The gateway's own authoriser lets id tokens pass, so the token is checked again. What routes keep
//! between requests (answers by `Idempotency-Key`, visits by address) is this instance's own and goes
//! with it: a request that comes again may meet another instance, and then happens again. What must
//! happen once has an id of its own, or is set and not added to.

mod identity;
mod owed;
mod sockets;

use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, response::Response};
use innerworld_aws::{
    Aws, CognitoTokenVerifier, ExportBucket, PoolAccounts, Posting, PrivacyJob, PrivacyQueue,
    PrivacyTask, SdkConfig, configuration,
};
use innerworld_core::{
    conversation::limits::Limits, error::PortError, identity::password, ids::IdSource as _,
};
use innerworld_engine::{
    app::{App, LateSockets},
    erase::{Closing, Eraser, Outside},
    revoke::Revoker,
    services::{Part, Settings},
};
use innerworld_server::{
    apple::AppleWebhook,
    http::account::{AccountApi, ClientInfo},
    router,
};
use lambda_runtime::tower::ServiceExt as _;
use serde_json::Value;

use self::{
    identity::{PoolNews, PoolSignIns},
    owed::{Debt, NothingKept, Owed},
    sockets::GatewaySockets,
};
use crate::{
    apple::AppleMessages,
    environment,
    exports::StoredExports,
    http_event::{self, EXPECTED, Request},
    models,
    process::settings,
    remembering::{self, Remembering},
    run::{Failure, Handler, read},
    start,
    system::RandomIds,
    without_texts,
};

/// Longest call for a document that is small enough to be answered with.
const DOCUMENT_CALL: Duration = Duration::from_secs(10);
/// Longest call of the gateway.
const POST: Duration = Duration::from_secs(2);

/// The function `account-api`.
pub struct Account {
    router: Router,
    app: Arc<App>,
    sockets: Arc<GatewaySockets>,
    owed: Arc<Owed>,
    privacy_jobs: PrivacyQueue,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account")
    }
}

impl Handler for Account {
    type Environment = environment::Account;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        Self::at(&configuration().await, &environment)
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let request: Request = read(event, EXPECTED)?;
        let asked = self.router.clone().oneshot(request.into_http()?);
        let answered: Result<Response, Infallible> = Box::pin(asked).await;
        let Ok(response) = answered;
        Box::pin(self.settle()).await;
        http_event::answer(response).await
    }
}

impl Account {
    /// The function, over the services that `config` names. Nothing is asked yet.
    fn at(config: &SdkConfig, environment: &environment::Account) -> anyhow::Result<Self> {
        // A fenced teen's changes are dropped by whoever receives them: it needs no spool.
        let keys = environment.kms_key.clone();
        let aws = start::stores(config, environment.tables.clone(), keys);
        let privacy_jobs = start::queue(config, environment.privacy_queue.clone());
        let privacy_jobs = PrivacyQueue::new(privacy_jobs);
        let remembering = Remembering {
            graph: remembering::database(config, &environment.graph),
            graph_days: environment.graph_days,
            mode_max: environment.memory_mode_max,
            ..Remembering::default()
        };
        let verifier = CognitoTokenVerifier::new(environment.pool.clone(), aws.deny_list())?;
        // No message is judged here, so nothing is written into the ledger: its key stays where it is
        // used. Opening asks no table: where help is must be told while they are away.
        let mut no_ledger = [0_u8; 32];
        RandomIds.fill(&mut no_ledger);
        let read_by = (Arc::new(verifier) as _, &no_ledger);
        let services = without_texts::services(
            &aws,
            read_by,
            without_texts::memory_by_hand(&aws, &remembering),
        )?;
        let settings = Settings {
            allowed_origins: environment.allowed_origins.clone(),
            ..settings(Limits::default(), Part::Frames, &remembering)
        };
        let app = App::new(services, settings);
        let sockets = Arc::new(sockets(config, &environment.endpoint, &aws, &app)?);
        let client = client_info(environment);
        let pool = client.user_pool_id.clone();
        let sign_ins = Arc::new(PoolSignIns {
            pool: PoolAccounts::new(config, pool, start::CALL_TIMEOUT),
            accounts: aws.accounts(),
            consents: aws.consents(),
            sockets: Arc::clone(&sockets),
            clock: start::clock(),
        });
        let owed = Arc::new(Owed::default());
        app.tell_of_changes(&owed);
        let eraser = eraser(&aws, &owed);
        let place = (
            environment.export_bucket.clone(),
            environment.kms_key.clone(),
        );
        let exports = StoredExports::new(
            aws.export_desk(),
            ExportBucket::new(config, place, DOCUMENT_CALL),
            privacy_jobs.clone(),
        );
        let names = environment.apple_client_ids.clone();
        let trusted = AppleMessages::new(names, environment.apple_issuer.as_deref())?;
        let apple = AppleWebhook::new(
            Arc::new(trusted),
            Arc::new(PoolNews {
                sign_ins: Arc::clone(&sign_ins),
                eraser: Arc::clone(&eraser),
            }),
            (aws.events(), start::clock()),
        );
        let account = account_api(&app, sign_ins, (eraser, client));
        Ok(Self {
            router: router::own(&app, (account, apple), exports),
            app,
            sockets,
            owed,
            privacy_jobs,
        })
    }

    /// Carries out what the engine could only note. None of it can be taken back by then: what fails is
    /// done by those who come later.
    async fn settle(&self) {
        for (teen, debt) in self.owed.take() {
            let Debt::Close(why) = debt else {
                if let Err(error) = self.sockets.memory_changed(teen).await {
                    failed(&error, "a talk that goes on may name what was forgotten");
                }
                continue;
            };
            self.app.forget(teen);
            let erase = PrivacyJob::first(PrivacyTask::Erase { teen });
            if why == Closing::Erased
                && let Err(error) = self.privacy_jobs.send(&erase, self.app.now()).await
            {
                failed(
                    &error,
                    "an erase could not be queued; the sweeper finds its job",
                );
            }
            if let Err(error) = self.sockets.close(teen, why).await {
                failed(&error, "sockets could not be closed; the fence holds them");
            }
        }
    }
}

fn failed(error: &PortError, what: &'static str) {
    tracing::warn!(operation = error.operation(), error.kind = ?error.kind(), "{what}");
}

fn sockets(
    config: &SdkConfig,
    endpoint: &str,
    aws: &Aws,
    app: &App,
) -> anyhow::Result<GatewaySockets> {
    let posting = Posting::new(config, endpoint, POST, start::clock());
    Ok(GatewaySockets {
        connections: aws.connections(),
        conversations: Arc::clone(&app.services.conversations),
        desk: aws.turn_desk(),
        posting: posting.context("the gateway cannot be called")?,
        clock: start::clock(),
        ids: Arc::new(RandomIds),
    })
}

/// Its job is done elsewhere: here is what a teen must be able to rely on at once.
fn eraser(aws: &Aws, owed: &Arc<Owed>) -> Arc<Eraser> {
    let revoker = Revoker::new(aws.revocations(), None, start::clock());
    Arc::new(Eraser {
        store: aws.erasure(),
        federation: aws.federation(),
        revoker: Arc::new(revoker),
        jobs: aws.jobs(),
        verifier: Arc::new(NothingKept),
        sockets: Arc::clone(owed) as _,
        // Whoever runs the job asks those outside.
        outside: Outside::default(),
        clock: start::clock(),
    })
}

fn account_api(
    app: &Arc<App>,
    sign_ins: Arc<PoolSignIns>,
    (eraser, client): (Arc<Eraser>, ClientInfo),
) -> AccountApi {
    let services = &app.services;
    let sessions = LateSockets::default();
    sessions.attach(app);
    AccountApi {
        accounts: Arc::clone(&services.accounts),
        profiles: Arc::clone(&services.profiles),
        consents: Arc::clone(&services.consents),
        tickets: Arc::clone(&services.tickets),
        verifier: Arc::clone(&services.verifier),
        identity: sign_ins,
        app_store: None,
        eraser,
        catalogue: Arc::clone(&services.catalogue),
        client: Arc::new(client),
        memory: Arc::clone(&services.memory),
        memory_mode_max: app.settings.memory_mode_max,
        sessions: Arc::new(sessions),
        dev_codes: None,
        clock: Arc::clone(&services.clock),
        ids: Arc::clone(&services.ids),
    }
}

/// Where clients find what belongs to the deployment. They are told the address that they asked at as
/// that of this API.
fn client_info(environment: &environment::Account) -> ClientInfo {
    let issuer = environment.pool.issuer();
    let (cognito_url, pool) = issuer.rsplit_once('/').unwrap_or((issuer, ""));
    let socket = environment.endpoint.replacen("http", "ws", 1);
    ClientInfo {
        cognito_url: cognito_url.to_owned(),
        user_pool_id: pool.to_owned(),
        client_id: environment.pool.client_id().to_owned(),
        ws_url: socket,
        http_url: String::new(),
        mode: "model".to_owned(),
        model: Some(environment.model.clone()),
        company: Some(models::COMPANY.to_owned()),
        password_min_chars: password::MIN_CHARS,
        sign_in_with_apple: false,
        dev_codes: false,
    }
}
