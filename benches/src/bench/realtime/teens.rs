//! Teens of the bench: accounts, profiles, terms and access tokens, made once in a data folder
//! that every start of the server gets a copy of.
//!
//! They are written by the server's own stores and their tokens signed by the server's own key, so
//! the server checks them like any others. Signing up 5,000 teens over HTTP would only measure how
//! slow a password hash is meant to be.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use innerworld_core::{
    clock::{Clock as _, Timestamp},
    error::{ErrorKind, PortError},
    identity::{
        account::{Account, AccountState, Credential, Mail, Mailer, RefreshGrant},
        consent::{ConsentRecord, Purpose},
        consents::Catalogue,
        profile::{AgeBand, Profile},
    },
    ids::TeenId,
    secret::{Redacted, Text},
};
use innerworld_embedded::{Embedded, OpenOptions, OsIds, SystemClock};
use innerworld_engine::app::LateSockets;
use innerworld_server::cognito::{
    Cognito, IdentityPorts, KeyRing, Pool, Rates,
    tokens::{ACCESS_LIFE, REFRESH_LIFE, SCOPE, hash},
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::report;

/// Teens who are made at the same time.
const MAKING: usize = 256;

/// Teens in a data folder.
#[derive(Debug)]
pub(super) struct Teens {
    data: PathBuf,
    /// An access token each.
    tokens: Vec<String>,
}

/// Nobody signs up here.
struct NoMail;

#[async_trait::async_trait]
impl Mailer for NoMail {
    async fn send(&self, _mail: &Mail) -> Result<(), PortError> {
        Err(PortError::new(ErrorKind::Unavailable, "send a mail"))
    }
}

impl Teens {
    /// Makes `count` teens in `folder`.
    pub(super) async fn make(folder: &Path, count: usize) -> anyhow::Result<Self> {
        report::progress(&format!("making {count} teens"));
        let data = folder.join("teens");
        let options = OpenOptions {
            master_key_file: data.join("master.key"),
            data_dir: data.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(OsIds),
        };
        let stores = Embedded::open(options).context("the store could not be opened")?;
        let pool = pool(&stores).await?;
        let (clock, ids) = (SystemClock, Arc::new(OsIds));
        let keys = KeyRing::open(stores.keys(), ids, clock.now()).await?;
        let tokens = (0..count)
            .map(|number| token(&keys, &pool, number, clock.now()))
            .collect::<Result<_, _>>()
            .context("a token could not be signed")?;
        store(&stores, count).await?;
        Ok(Self { data, tokens })
    }

    /// The access token of teen `number`.
    pub(super) fn token(&self, number: usize) -> &str {
        self.tokens.get(number).map_or("", String::as_str)
    }

    /// Copies the data to `target`, which does not exist yet.
    pub(super) fn copy(&self, target: &Path) -> anyhow::Result<()> {
        copy(&self.data, target).context("the data folder could not be copied")
    }
}

/// Makes the pool and the signing key, as the server does at its first start.
async fn pool(stores: &Embedded) -> anyhow::Result<Pool> {
    let ports = IdentityPorts {
        cluster: None,
        accounts: stores.accounts(),
        keys: stores.keys(),
        mailer: Arc::new(NoMail),
        erasure: stores.erasure(),
        jobs: stores.jobs(),
        consents: stores.consents(),
        authorizations: stores.authorizations(),
        federation: stores.federation(),
        events: stores.events(),
        revocations: stores.revocations(),
        apple: None,
        sockets: Arc::new(LateSockets::default()),
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    let cognito = Cognito::open(ports, "http://127.0.0.1", None, Rates::default()).await;
    let cognito = cognito.context("the identity provider could not be opened")?;
    Ok(cognito.pool().clone())
}

fn teen(number: usize) -> TeenId {
    // Any constant keeps them apart from the nil UUID.
    TeenId::from_subject_bits((1_u128 << 100) | u128::try_from(number).unwrap_or(0))
}

/// The sign-in that teen `number`'s token comes from.
fn grant(number: usize, now: Timestamp) -> RefreshGrant {
    RefreshGrant {
        hash: hash(&number.to_string()),
        teen: teen(number),
        auth_time: now,
        expires_at: now.plus(REFRESH_LIFE),
    }
}

/// An access token with the claims of a sign-in by password.
fn token(keys: &KeyRing, pool: &Pool, number: usize, now: Timestamp) -> Result<String, PortError> {
    let sub = teen(number).to_string();
    let origin = grant(number, now).hash.map(|byte| format!("{byte:02x}"));
    let iat = now.as_seconds();
    let life = i64::try_from(ACCESS_LIFE.as_secs()).unwrap_or(0);
    keys.sign(&json!({
        "sub": sub, "iss": pool.issuer, "client_id": pool.client_id, "origin_jti": origin.concat(),
        "event_id": sub, "token_use": "access", "scope": SCOPE, "auth_time": iat, "iat": iat,
        "exp": iat + life, "jti": sub, "username": sub, "iat_ms": now.as_millis(),
    }))
}

async fn store(stores: &Embedded, count: usize) -> anyhow::Result<()> {
    let catalogue =
        Catalogue::shipped(Vec::new()).context("the consent texts could not be read")?;
    let mut making: JoinSet<Result<(), PortError>> = JoinSet::new();
    for number in 0..count {
        if making.len() >= MAKING
            && let Some(made) = making.join_next().await
        {
            made?.context("a teen could not be stored")?;
        }
        let terms = terms(&catalogue);
        making.spawn(store_one(stores.clone(), number, terms));
    }
    while let Some(made) = making.join_next().await {
        made?.context("a teen could not be stored")?;
    }
    Ok(())
}

async fn store_one(stores: Embedded, number: usize, terms: ConsentRecord) -> Result<(), PortError> {
    let (teen, now) = (teen(number), SystemClock.now());
    let account = Account {
        teen,
        email: Text::new(format!("teen{number}@bench.example")),
        state: AccountState::Confirmed,
        created_at: now,
        modified_at: now,
        federated: None,
    };
    // Nobody signs in by password: no password fits this.
    let credential = Credential {
        argon2id: Redacted::new(String::new()),
        srp_salt: Redacted::new(Vec::new()),
        srp_verifier: Redacted::new(Vec::new()),
    };
    stores.accounts().create(&account, &credential).await?;
    stores.accounts().put_grant(&grant(number, now)).await?;
    stores.profiles().put(teen, &profile(now)).await?;
    stores.consents().append(teen, &[terms]).await
}

fn profile(now: Timestamp) -> Profile {
    Profile {
        band: AgeBand::From13To15,
        next_band_on: None,
        declared_on: None,
        country: "US".to_owned(),
        region: None,
        time_zone: "UTC".to_owned(),
        next_time_zone: None,
        locale: "en-US".to_owned(),
        name: None,
        completed_at: now,
    }
}

/// The terms and nothing else: memory stays off, as it is for a teen who did not choose it.
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
        mode: None,
        persona: None,
    }
}

/// Copies a folder with all that is in it; modes stay.
fn copy(source: &Path, target: &Path) -> std::io::Result<()> {
    fs::create_dir(target)?;
    fs::set_permissions(target, fs::metadata(source)?.permissions())?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = target.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}
