//! Sign-ins through a browser, on their way: requests and codes, each found by its own hash.
//!
//! The partition `_auth` holds a small item for every request that waits, in the order of their
//! ends: how many wait is one question there.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    hex,
    identity::oauth::{AuthorizationCode, AuthorizationStore, Redeemed, SignInRequest},
    ids::TeenId,
    seal::Seals,
};

use crate::{
    dynamo::{Change, Committed, Condition, Item, Key, Query, Range, Table, Write},
    elsewhere,
    service_keys::{ServiceKeys, ServiceSeals},
    shared::{SEALED, Shared},
};

/// Partition of the requests that wait.
const WAITING: &str = "_auth";
/// Kind of a request, found by the hash of what the browser carries.
const REQUEST: &str = "auth";
/// Kind of a code, found by its hash; also the prefix of the teen's item that names it.
const CODE: &str = "auth_code";
/// Where a sealed code lies.
const CODE_PLACE: &str = "memory/authorization_code";
/// The attribute of a used code: the hash of the grant it was used for.
const USED_FOR: &str = "used_for";

/// [`AuthorizationStore`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoAuthorizationStore {
    shared: Arc<Shared>,
    seals: ServiceSeals,
}

impl DynamoAuthorizationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let keys = Arc::new(ServiceKeys::new(Arc::clone(&shared)));
        Self {
            shared,
            seals: ServiceSeals::new(keys, "oauth", "oauth"),
        }
    }

    /// Whether so many requests wait. Of requests that come at the same time a few may be let
    /// through beyond it: the bound guards the table, and needs no lock.
    async fn is_full(&self, most: usize, now: Timestamp) -> Result<bool, PortError> {
        let later = now.as_millis().saturating_add(1);
        let range = Range::Between(ends(later).into(), "~".into());
        let query = Query::of(Table::Teens, WAITING).range(range).limit(most);
        let waiting = self
            .shared
            .dynamo
            .query("count the sign-ins", query)
            .await?;
        Ok(waiting.len() >= most)
    }

    /// The seals of a code's owner; `None` if there is nobody any more whom it could sign in.
    async fn owner(&self, teen: TeenId) -> Result<Option<Arc<Seals>>, PortError> {
        if self.shared.teen_keys.is_fenced(teen).await? {
            return Ok(None);
        }
        match self.shared.teen_keys.for_reading(teen).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            found => found,
        }
    }
}

#[async_trait]
impl AuthorizationStore for DynamoAuthorizationStore {
    async fn put_request(
        &self,
        hash: [u8; 32],
        request: &SignInRequest,
        most: usize,
        now: Timestamp,
    ) -> Result<(), PortError> {
        const OPERATION: &str = "store a sign-in that began";
        if self.is_full(most, now).await? {
            return Err(PortError::new(ErrorKind::Throttled, OPERATION));
        }
        let end = request.expires_at;
        let sealed = self.seals.seal(&hash, request).await?;
        let item = Item::new().with(SEALED, sealed).until(end);
        let free = Some(Condition::Absent("user_id"));
        let writes = [
            Write::Put(elsewhere::place(REQUEST, &hash), item, free),
            Write::Put(waiting(hash, end), Item::new().until(end), None),
        ];
        match self.shared.dynamo.commit(OPERATION, &writes).await? {
            Committed::Yes => Ok(()),
            Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, OPERATION)),
        }
    }

    async fn take_request(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, PortError> {
        const OPERATION: &str = "take a sign-in that began";
        let place = elsewhere::place(REQUEST, &hash);
        let Some(item) = self.shared.dynamo.take(OPERATION, &place, None).await? else {
            return Ok(None);
        };
        let place = waiting(hash, item.ends()?);
        self.shared.dynamo.take(OPERATION, &place, None).await?;
        if !item.lives(now) {
            return Ok(None);
        }
        self.seals.open(&hash, item.bytes(SEALED)?).await.map(Some)
    }

    async fn put_code(&self, code: &AuthorizationCode) -> Result<(), PortError> {
        const OPERATION: &str = "store an authorization code";
        let seals = self.shared.teen_keys.for_writing(code.teen).await?;
        let sealed = seals.seal(&*self.shared.ids, (CODE_PLACE, &code.hash), code)?;
        let place = elsewhere::place(CODE, &code.hash);
        let name = elsewhere::partition(CODE, &code.hash);
        let names = elsewhere::naming(Item::new().until(code.expires_at), &place);
        let item = elsewhere::of(code.teen)
            .with(SEALED, sealed)
            .until(code.expires_at);
        let free = Some(Condition::Absent("user_id"));
        let writes = vec![
            Write::Put(place, item, free),
            Write::Put(Key::teen(Table::Teens, code.teen, name), names, None),
        ];
        match self.shared.commit_for(code.teen, OPERATION, writes).await? {
            Committed::Yes => Ok(()),
            Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, OPERATION)),
        }
    }

    async fn redeem(
        &self,
        hash: [u8; 32],
        grant: [u8; 32],
        now: Timestamp,
    ) -> Result<Redeemed, PortError> {
        const OPERATION: &str = "use an authorization code";
        let place = elsewhere::place(CODE, &hash);
        let found = self.shared.dynamo.get(OPERATION, &place).await?;
        let Some(item) = found.filter(|code| code.lives(now)) else {
            return Ok(Redeemed::Unknown);
        };
        let teen = elsewhere::whose(&item)?;
        let Some(seals) = self.owner(teen).await? else {
            return Ok(Redeemed::Unknown);
        };
        let change = Change::new().set(USED_FOR, grant.to_vec());
        let unused = Condition::All(vec![
            Condition::Present("user_id"),
            Condition::Absent(USED_FOR),
        ]);
        // Of uses at the same time the condition makes one the first.
        let first = self
            .shared
            .dynamo
            .update(OPERATION, (&place, change), Some(unused))
            .await?;
        if first {
            let code = seals.open((CODE_PLACE, &hash), item.bytes(SEALED)?)?;
            return Ok(Redeemed::First(code));
        }
        let Some(used) = self.shared.dynamo.get(OPERATION, &place).await? else {
            return Ok(Redeemed::Unknown);
        };
        let grant = used
            .bytes(USED_FOR)?
            .try_into()
            .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause))?;
        Ok(Redeemed::Again { teen, grant })
    }
}

/// A time as text that sorts as the times do.
fn ends(millis: i64) -> String {
    format!("{:014}", millis.max(0))
}

/// The place of a request among those that wait.
fn waiting(hash: [u8; 32], end: Timestamp) -> Key {
    let name = format!("{}#{}", ends(end.as_millis()), hex::encode(&hash));
    Key::of(Table::Teens, WAITING, name)
}
