//! Password hashes: made and checked in blocking threads, a bounded number at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::{
        account::Credential,
        srp::{Person, PublicValue, SALT_BYTES, Server, SessionKey},
    },
    ids::{IdSource, TeenId},
    secret::Redacted,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB and some ten milliseconds of one core.
const AT_A_TIME: usize = 4;

/// What was computed since the start that takes time: for a known account and for an unknown one
/// the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Computations {
    /// argon2id hashes.
    pub hashes: u64,
    /// Exponentiations of sign-in by SRP and of new passwords.
    pub exponentiations: u64,
}

/// Makes and checks credentials.
pub(super) struct Passwords {
    ids: Arc<dyn IdSource>,
    pool: String,
    permits: Semaphore,
    hashes: AtomicU64,
    exponentiations: AtomicU64,
    /// What the passwords of unknown people are checked against, at the same cost.
    nobody: String,
}

impl Passwords {
    /// `pool` is the pool's id.
    pub(super) async fn new(ids: Arc<dyn IdSource>, pool: String) -> Result<Self, PortError> {
        let mut passwords = Self {
            ids,
            pool,
            permits: Semaphore::new(AT_A_TIME),
            hashes: AtomicU64::new(0),
            exponentiations: AtomicU64::new(0),
            nobody: String::new(),
        };
        let credential = passwords
            .make(TeenId::from_subject_bits(0), "nobody".to_owned())
            .await?;
        passwords.nobody = credential.argon2id.into_inner();
        Ok(passwords)
    }

    /// The hash and the SRP verifier of a new password.
    pub(super) async fn make(
        &self,
        teen: TeenId,
        password: String,
    ) -> Result<Credential, PortError> {
        let mut salts = [[0_u8; SALT_BYTES]; 2];
        for salt in &mut salts {
            self.ids.fill(salt);
        }
        let pool = self.pool.clone();
        self.count(1, 1);
        self.blocking(move || credential(&pool, teen, &password, salts))
            .await?
    }

    /// Whether `password` fits; `None` costs the same and never fits.
    pub(super) async fn check(
        &self,
        credential: Option<Credential>,
        password: String,
    ) -> Result<bool, PortError> {
        let known = credential.is_some();
        let phc = credential.map_or_else(|| self.nobody.clone(), |c| c.argon2id.into_inner());
        self.count(1, 0);
        let fits = self.blocking(move || fits(&phc, &password)).await?;
        Ok(known && fits)
    }

    /// The server's value of a sign-in by SRP.
    pub(super) async fn public(&self, server: Server) -> Result<PublicValue, PortError> {
        self.count(0, 1);
        self.blocking(move || server.public()).await
    }

    /// The key of a sign-in by SRP.
    pub(super) async fn key(
        &self,
        server: Server,
        client: PublicValue,
    ) -> Result<SessionKey, PortError> {
        self.count(0, 3);
        self.blocking(move || server.key(&client)).await
    }

    /// What was computed so far.
    pub(super) fn computations(&self) -> Computations {
        Computations {
            hashes: self.hashes.load(Ordering::Relaxed),
            exponentiations: self.exponentiations.load(Ordering::Relaxed),
        }
    }

    fn count(&self, hashes: u64, exponentiations: u64) {
        self.hashes.fetch_add(hashes, Ordering::Relaxed);
        self.exponentiations
            .fetch_add(exponentiations, Ordering::Relaxed);
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PortError> {
        let fault = |cause: Box<dyn std::error::Error + Send + Sync>| {
            PortError::with_source(ErrorKind::Unavailable, "hash a password", cause)
        };
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|cause| fault(cause.into()))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|cause| fault(cause.into()))
    }
}

fn credential(
    pool: &str,
    teen: TeenId,
    password: &str,
    [hash_salt, srp_salt]: [[u8; SALT_BYTES]; 2],
) -> Result<Credential, PortError> {
    let fault = |_cause| PortError::new(ErrorKind::Unavailable, "hash a password");
    let salt = SaltString::encode_b64(&hash_salt).map_err(fault)?;
    let hash = Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map_err(fault)?;
    let verifier = Person::new(pool, &teen.to_string()).verifier(password, &srp_salt);
    Ok(Credential {
        argon2id: Redacted::new(hash.to_string()),
        srp_salt: Redacted::new(srp_salt.to_vec()),
        srp_verifier: Redacted::new(verifier),
    })
}

fn fits(phc: &str, password: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}
