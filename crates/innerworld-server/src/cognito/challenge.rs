//! Secret blocks: what the server must know again when a challenge is answered, sealed and handed
//! to the client, so that nothing is stored for who never answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use innerworld_core::{
    clock::Timestamp,
    cluster::Cluster,
    error::PortError,
    identity::srp::{NUMBER_BYTES, PublicValue},
    ids::{IdSource, TeenId},
    seal::Sealer,
};
use zeroize::Zeroizing;

use super::{Pool, fault::Fault};

/// How long a challenge may be answered; Cognito's default.
const LIFE: Duration = Duration::from_secs(180);
/// Most used challenges remembered; beyond it answers are refused until older ones end.
const MAX_USED: usize = 100_000;
/// Time, number, subject and the client's value.
const BYTES: usize = 8 + 16 + 16 + NUMBER_BYTES;

/// Seals and opens secret blocks, each once.
pub(super) struct Challenges {
    ids: Arc<dyn IdSource>,
    sealer: Sealer,
    /// Pool and client, which a block is bound to.
    place: Vec<u8>,
    used: Used,
}

/// Which blocks were used.
enum Used {
    /// Known to this process, which is the only one that opens its blocks.
    Here(Mutex<HashMap<[u8; 16], Timestamp>>),
    /// Known to all servers.
    Together(Arc<dyn Cluster>),
}

/// What a secret block holds.
pub(super) struct Challenge {
    /// Who signs in.
    pub(super) subject: TeenId,
    /// The client's value `A`.
    pub(super) client: PublicValue,
}

impl Challenges {
    /// Blocks of one process, under a key that is made anew with it: after a restart, which forgets what
    /// was used, no block of before opens.
    pub(super) fn alone(ids: Arc<dyn IdSource>, pool: &Pool) -> Result<Self, PortError> {
        let mut key = Zeroizing::new([0_u8; 32]);
        ids.fill(&mut *key);
        Self::new((ids, &key), pool, Used::Here(Mutex::default()))
    }

    /// Blocks that each of several servers opens.
    pub(super) fn together(
        (ids, key): (Arc<dyn IdSource>, &[u8; 32]),
        pool: &Pool,
        cluster: Arc<dyn Cluster>,
    ) -> Result<Self, PortError> {
        Self::new((ids, key), pool, Used::Together(cluster))
    }

    fn new(
        (ids, key): (Arc<dyn IdSource>, &[u8; 32]),
        pool: &Pool,
        used: Used,
    ) -> Result<Self, PortError> {
        Ok(Self {
            sealer: Sealer::new(key)?,
            ids,
            place: format!("password verifier\0{}\0{}", pool.id, pool.client_id).into_bytes(),
            used,
        })
    }

    /// A new secret block.
    pub(super) fn seal(&self, challenge: &Challenge, now: Timestamp) -> Result<Vec<u8>, PortError> {
        let mut number = [0_u8; 16];
        self.ids.fill(&mut number);
        let mut plain = Vec::with_capacity(BYTES);
        plain.extend_from_slice(&now.plus(LIFE).as_millis().to_be_bytes());
        plain.extend_from_slice(&number);
        plain.extend_from_slice(&challenge.subject.to_bytes());
        plain.extend_from_slice(&challenge.client.to_bytes());
        self.sealer.seal_bytes(&*self.ids, &self.place, &plain)
    }

    /// Opens a block of this server, or of one of several, and never again.
    pub(super) async fn redeem(&self, block: &[u8], now: Timestamp) -> Result<Challenge, Fault> {
        let plain = self
            .sealer
            .open_bytes(&self.place, block)
            .map_err(|_foreign| Fault::SESSION)?;
        let (ends, number, challenge) = read(&plain).ok_or(Fault::SESSION)?;
        // Made in the future: the clock was set back.
        if now >= ends || ends > now.plus(LIFE) {
            return Err(Fault::SESSION);
        }
        let unused = match &self.used {
            Used::Here(used) => spend(used, (number, ends), now)?,
            Used::Together(cluster) => cluster.spend(number, ends).await?,
        };
        if unused {
            Ok(challenge)
        } else {
            Err(Fault::SESSION)
        }
    }
}

/// Whether the number was not used before; it is from now on.
fn spend(
    used: &Mutex<HashMap<[u8; 16], Timestamp>>,
    (number, ends): ([u8; 16], Timestamp),
    now: Timestamp,
) -> Result<bool, Fault> {
    let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
    if used.len() >= MAX_USED {
        used.retain(|_, ends| now < *ends);
    }
    if used.len() >= MAX_USED {
        return Err(Fault::TOO_MANY);
    }
    Ok(used.insert(number, ends).is_none())
}

fn read(plain: &[u8]) -> Option<(Timestamp, [u8; 16], Challenge)> {
    let (ends, rest) = plain.split_first_chunk::<8>()?;
    let (number, rest) = rest.split_first_chunk::<16>()?;
    let (subject, rest) = rest.split_first_chunk::<16>()?;
    let challenge = Challenge {
        subject: TeenId::from_bytes(*subject),
        client: PublicValue::from_bytes(rest.try_into().ok()?)?,
    };
    let ends = Timestamp::from_millis(i64::from_be_bytes(*ends));
    Some((ends, *number, challenge))
}
