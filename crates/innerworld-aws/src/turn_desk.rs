//! What processes that share a session tell each other, beside its log: who makes which answer, where the
//! teen listens, which turn is to be stopped, and what one frame leaves for the next.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{MessageId, SessionId, TeenId, TurnId},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    conversation_store::{Lease, meta_key, turn_of},
    dynamo::{Change, Condition, Item, Key, Table},
    shared::{SEALED, Shared},
};

/// Where what a frame leaves is sealed.
const PLACE: &str = "live/between";
/// How often a connection is put in the place of one that moved meanwhile.
const TRIES: usize = 5;

/// The connection whose frame left something.
const LEFT_BY: &str = "connection_id";
/// When the teen's memory was last changed by hand, milliseconds.
const MEMORY_CHANGED: &str = "memory_changed_at";

/// What came of asking for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody ever held it. The first write under a lease makes it the writer's: see [`TurnDesk::approach`].
    Free,
    /// It is the caller's as long as the lease lasts.
    Taken {
        /// Whether somebody had it before, whose lease ran out.
        again: bool,
    },
    /// Another process holds it.
    Held,
    /// It ended, or it does not exist.
    Over,
}

/// What stands on a session's item for whoever makes an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The connection that listens.
    pub connection: Option<String>,
    /// A turn that is to be stopped, and a word that says why.
    pub stop: Option<(TurnId, String)>,
    /// Whether the teen is being erased.
    pub fenced: bool,
    /// When the teen's memory was last changed by hand.
    pub memory_changed_at: Option<Timestamp>,
}

/// Notes on sessions and turns.
#[derive(Clone, Debug)]
pub struct TurnDesk {
    shared: Arc<Shared>,
}

impl TurnDesk {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Comes for the turn of a message. One that nobody ever held stays so, which saves a write: of two
    /// that come at once, both prepare an answer, and the first write decides who asks for it.
    pub async fn approach(
        &self,
        (teen, session): (TeenId, SessionId),
        message: MessageId,
        lease: &Lease,
    ) -> Result<Claim, PortError> {
        let now = self.shared.clock.now();
        let key = turn_of(session, message);
        let found = self.shared.dynamo.get("come for a turn", &key).await?;
        let teens = teen.to_string();
        let Some(item) = found.filter(|item| item.lives(now)) else {
            return Ok(Claim::Over);
        };
        if item.text("user_id")? != teens || item.text("state")? == "ended" {
            return Ok(Claim::Over);
        }
        if item.maybe_text("lease_owner")?.is_none() {
            return Ok(Claim::Free);
        }
        self.claim((teen, session), message, lease).await
    }

    /// Asks for the turn of a message, for `lease.life` from now on.
    pub async fn claim(
        &self,
        (teen, session): (TeenId, SessionId),
        message: MessageId,
        lease: &Lease,
    ) -> Result<Claim, PortError> {
        const OPERATION: &str = "take a turn";
        let now = self.shared.clock.now();
        let key = turn_of(session, message);
        let change = lease.held(Change::new(), now);
        let free = Condition::Any(vec![
            Condition::Absent("lease_until"),
            Condition::AtMost("lease_until", now.as_millis().into()),
        ]);
        let goes_on = ["accepted", "running"].map(|state| Condition::Is("state", state.into()));
        let conditions = vec![
            Condition::Is("user_id", teen.to_string().into()),
            Condition::lives(now),
            Condition::Any(goes_on.into()),
            free,
        ];
        let condition = Some(Condition::All(conditions));
        let dynamo = &self.shared.dynamo;
        let taken = dynamo.exchange(OPERATION, (&key, change), condition);
        if let Some(before) = taken.await? {
            let again = before.maybe_text("lease_owner")?.is_some();
            return Ok(Claim::Taken { again });
        }
        let found = dynamo.get(OPERATION, &key).await?;
        let held = found.filter(|item| item.lives(now));
        let held = held.map(|item| Ok::<_, PortError>(item.text("state")? != "ended"));
        Ok(match held.transpose()? {
            Some(true) => Claim::Held,
            Some(false) | None => Claim::Over,
        })
    }

    /// Holds a turn on, for `lease.life` from now on, or takes one that nobody ever held; `false` if it is
    /// another's.
    pub async fn renew(
        &self,
        (teen, session): (TeenId, SessionId),
        message: MessageId,
        lease: &Lease,
    ) -> Result<bool, PortError> {
        let now = self.shared.clock.now();
        let ours = Condition::All(vec![
            Condition::Is("user_id", teen.to_string().into()),
            lease.is_ours(),
        ]);
        let change = lease.held(Change::new(), now);
        let key = turn_of(session, message);
        let dynamo = &self.shared.dynamo;
        dynamo
            .update("hold a turn", (&key, change), Some(ours))
            .await
    }

    /// What stands on a session's item now; nothing if there is none.
    pub async fn read(&self, session: SessionId) -> Result<Notes, PortError> {
        const OPERATION: &str = "read a session's notes";
        let found = self
            .shared
            .dynamo
            .get(OPERATION, &meta_key(session))
            .await?;
        let Some(item) = found else {
            return Ok(Notes::default());
        };
        let corrupt = || PortError::new(ErrorKind::Corrupt, OPERATION);
        let stop = item
            .maybe_text("cancel")?
            .map(|note| {
                let (turn, why) = note.split_once('#').ok_or_else(corrupt)?;
                let turn = turn.parse().map_err(|_form| corrupt())?;
                Ok::<_, PortError>((turn, why.to_owned()))
            })
            .transpose()?;
        Ok(Notes {
            connection: item.maybe_text("connection_id")?.map(str::to_owned),
            stop,
            fenced: item.flag("fenced"),
            memory_changed_at: item
                .maybe_number(MEMORY_CHANGED)?
                .map(Timestamp::from_millis),
        })
    }

    /// Notes that the teen's memory was changed by hand; nothing if the session is gone.
    pub async fn memory_changed(&self, session: SessionId, at: Timestamp) -> Result<(), PortError> {
        let change = Change::new().set(MEMORY_CHANGED, at.as_millis());
        let there = Some(Condition::Present("session_id"));
        let key = meta_key(session);
        let dynamo = &self.shared.dynamo;
        let noted = dynamo.update("note a changed memory", (&key, change), there);
        noted.await.map(|_there| ())
    }

    /// Notes that a turn is to be stopped. `why` is a word of the caller's own.
    pub async fn stop(
        &self,
        session: SessionId,
        turn: TurnId,
        why: &'static str,
    ) -> Result<(), PortError> {
        let change = Change::new().set("cancel", format!("{turn}#{why}"));
        let there = Some(Condition::Present("session_id"));
        let key = meta_key(session);
        let noted = self
            .shared
            .dynamo
            .update("stop a turn", (&key, change), there);
        noted.await.map(|_there| ())
    }

    /// Puts a connection in the place of the one that listened, which is given back if it is another.
    pub async fn listen(
        &self,
        session: SessionId,
        connection: &str,
    ) -> Result<Option<String>, PortError> {
        const OPERATION: &str = "listen to a session";
        for _try in 0..TRIES {
            let before = self.read(session).await?.connection;
            let same = match &before {
                Some(before) if before == connection => return Ok(None),
                Some(before) => Condition::Is("connection_id", before.as_str().into()),
                None => Condition::Absent("connection_id"),
            };
            let condition = Condition::All(vec![Condition::Present("session_id"), same]);
            let change = Change::new().set("connection_id", connection);
            let key = meta_key(session);
            let dynamo = &self.shared.dynamo;
            if dynamo
                .update(OPERATION, (&key, change), Some(condition))
                .await?
            {
                return Ok(before);
            }
        }
        Err(PortError::new(ErrorKind::Throttled, OPERATION))
    }

    /// Keeps what a frame of this connection leaves, until `ends`. One that did not `join` the session
    /// just now keeps nothing where another connection did meanwhile: `false`.
    pub async fn leave<T: Serialize + Sync>(
        &self,
        (teen, session): (TeenId, SessionId),
        (connection, left, joined): (&str, &T, bool),
        ends: Timestamp,
    ) -> Result<bool, PortError> {
        const OPERATION: &str = "keep what a frame leaves";
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        let place = (PLACE, &session.to_bytes()[..]);
        let sealed = seals.seal(&*self.shared.ids, place, left)?;
        let item = Item::new().with(SEALED, sealed).with(LEFT_BY, connection);
        let ours = Condition::Any(vec![
            Condition::Absent(LEFT_BY),
            Condition::Is(LEFT_BY, connection.into()),
        ]);
        let item = (&left_key(teen, session), item.until(ends));
        let condition = (!joined).then_some(ours);
        self.shared.dynamo.put(OPERATION, item, condition).await
    }

    /// What the frame before left; `None` if nothing is kept.
    pub async fn left<T: DeserializeOwned>(
        &self,
        (teen, session): (TeenId, SessionId),
        now: Timestamp,
    ) -> Result<Option<T>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(None);
        };
        let key = left_key(teen, session);
        let found = self
            .shared
            .dynamo
            .get("read what a frame left", &key)
            .await?;
        let place = (PLACE, &session.to_bytes()[..]);
        found
            .filter(|item| item.lives(now))
            .map(|item| seals.open(place, item.bytes(SEALED)?))
            .transpose()
    }
}

fn left_key(teen: TeenId, session: SessionId) -> Key {
    Key::teen(Table::SessionContext, teen, format!("{session}#window"))
}
