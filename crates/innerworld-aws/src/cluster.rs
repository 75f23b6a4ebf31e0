//! Several servers on the same tables: who lives, who holds which teen, and what they tell each other.
//!
//! A server says every few seconds that it lives, once for all its teens: a teen's own item names a server
//! only, and means nothing once that server is dead.

mod held;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::try_join_all;
use innerworld_core::{
    clock::Timestamp,
    cluster::{Cluster, Holder, Member},
    error::{ErrorKind, PortError},
    hex,
    ids::TeenId,
};

use self::held::Held;
use crate::{
    dynamo::{Change, Condition, Item, Key, Query, Table},
    hold::Hold,
    open::Aws,
    shared::Shared,
};

/// Partition of the servers' items, one each.
const SERVERS: &str = "_servers";
/// Sort key of a teen's item that names a server.
pub(crate) const HELD: &str = "server";
/// How long a server lives that does not say so again.
const LIFE: Duration = Duration::from_secs(10);
/// How often it says so, and looks after others.
const EVERY: Duration = Duration::from_secs(2);
/// How far the clocks of two servers may be apart.
const SKEW: Duration = Duration::from_secs(3);
/// Words that are heard in one round, so that it ends in time.
const WORDS: usize = 100;
/// A word that nobody heard is worth nothing after this.
const WORD_LIFE: Duration = Duration::from_secs(3_600);
/// Items of servers and holds are deleted by the tables after this, wherever nobody else did.
const KEPT: Duration = Duration::from_secs(2 * 86_400);
/// A hold is written anew before the tables delete it.
const AGED: Duration = Duration::from_secs(86_400);
/// A teen with whom nothing went on for so long is let go.
const IDLE: Duration = Duration::from_secs(1_800);
/// How often a teen is asked for that moves between servers meanwhile.
const TRIES: usize = 4;

/// This process as one of several servers.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    /// The tables, which the servers hold together.
    hold: Hold,
    id: String,
    address: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    lives_until: Timestamp,
    held: Held,
}

impl Aws {
    /// One of several servers on these tables, that others reach at `address`. Waits up to `patience` for
    /// the hold of a server that shares them with nobody.
    ///
    /// # Errors
    /// `Conflict` if such a server goes on holding them.
    pub async fn server(&self, address: &str, patience: Duration) -> Result<Server, PortError> {
        let hold = self.hold_together(patience).await?;
        Ok(Server {
            shared: Arc::clone(&self.shared),
            hold,
            id: self.shared.fresh_id(),
            address: address.to_owned(),
            state: Mutex::new(State {
                lives_until: Timestamp::default(),
                held: Held::default(),
            }),
        })
    }
}

impl Server {
    /// Joins the others. Before that it holds nobody. A server at the same address was this one before it
    /// died.
    pub async fn join(&self) -> Result<(), PortError> {
        const OPERATION: &str = "join the servers";
        let servers = Query::of(Table::Teens, SERVERS);
        for server in self.shared.dynamo.query(OPERATION, servers).await? {
            if server.text("address")? == self.address {
                let before = Key::of(Table::Teens, SERVERS, server.text("item")?);
                self.shared.dynamo.delete(OPERATION, &before).await?;
            }
        }
        self.live(Condition::Absent("user_id")).await.map(|_new| ())
    }

    /// Takes part until this server no longer counts as alive, and says so by returning: another one may
    /// hold its teens from then on.
    pub async fn take_part(&self, member: &dyn Member) {
        let rounds = async {
            loop {
                tokio::time::sleep(EVERY).await;
                match self.round(member).await {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) if self.lives() => {
                        tracing::warn!(error.kind = ?error.kind(), operation = error.operation(), "the other servers could not be looked after");
                    }
                    Err(_lasting) => return,
                }
            }
        };
        tokio::select! {
            () = self.hold.keep() => {}
            () = rounds => {}
        }
    }

    /// One round: says that this server lives, does what others ask for, lets idle teens go, and takes up
    /// what dead servers left. `false` if another server found this one dead.
    pub async fn round(&self, member: &dyn Member) -> Result<bool, PortError> {
        if !self.live(Condition::Present("user_id")).await? {
            self.state().lives_until = Timestamp::default();
            return Ok(false);
        }
        self.hear(member).await?;
        self.let_idle_go(member).await?;
        if self.bury().await? {
            member.take_up();
        }
        Ok(true)
    }

    /// Leaves: others may take up its teens at once.
    pub async fn leave(&self) -> Result<(), PortError> {
        self.state().lives_until = Timestamp::default();
        let dynamo = &self.shared.dynamo;
        dynamo.delete("leave the servers", &self.place()).await
    }

    /// Says that this server lives, if its item is as expected.
    async fn live(&self, there: Condition) -> Result<bool, PortError> {
        let now = self.shared.clock.now();
        let change = Change::new()
            .set("address", self.address.as_str())
            .set("lives_until", now.plus(LIFE).as_millis())
            .until(now.plus(KEPT));
        let place = self.place();
        let dynamo = &self.shared.dynamo;
        let lives = dynamo.update("say that a server lives", (&place, change), Some(there));
        let lives = lives.await?;
        if lives {
            self.state().lives_until = now.plus(LIFE);
        }
        Ok(lives)
    }

    async fn let_idle_go(&self, member: &dyn Member) -> Result<(), PortError> {
        let now = self.shared.clock.now();
        let since = if member.is_stopping() {
            now
        } else {
            now.minus(IDLE)
        };
        let idle = self.state().held.idle(since, |teen| member.has(teen));
        let idle = idle.into_iter();
        try_join_all(idle.map(|(teen, mark)| self.drop_mark(teen, mark))).await?;
        Ok(())
    }

    /// Removes the item by which this server held a teen, unless it holds them anew.
    async fn drop_mark(&self, teen: TeenId, mark: String) -> Result<(), PortError> {
        let ours = Some(Condition::Is("mark", mark.into()));
        let place = held(teen);
        let dynamo = &self.shared.dynamo;
        let gone = dynamo.take("let a teen go", &place, ours);
        gone.await.map(|_item| ())
    }

    /// Removes the items of dead servers; whether this call removed one.
    async fn bury(&self) -> Result<bool, PortError> {
        const OPERATION: &str = "look for dead servers";
        let now = self.shared.clock.now();
        let servers = Query::of(Table::Teens, SERVERS);
        let mut buried = false;
        for server in self.shared.dynamo.query(OPERATION, servers).await? {
            if is_alive(&server, now)? {
                continue;
            }
            let place = Key::of(Table::Teens, SERVERS, server.text("item")?);
            let dead = Condition::AtMost("lives_until", now.minus(SKEW).as_millis().into());
            let taken = self.shared.dynamo.take(OPERATION, &place, Some(dead));
            buried |= taken.await?.is_some();
        }
        Ok(buried)
    }

    async fn hear(&self, member: &dyn Member) -> Result<(), PortError> {
        const OPERATION: &str = "hear what servers ask for";
        let place = words(&self.id);
        let query = Query::of(Table::Teens, place.as_str()).limit(WORDS);
        for item in self.shared.dynamo.query(OPERATION, query).await? {
            let teen = TeenId::from_verified_subject(item.text("teen")?)
                .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause))?;
            member.told(teen, item.text("word")?);
            // Done twice it changes nothing: it is deleted last.
            let key = Key::of(Table::Teens, place.as_str(), item.text("item")?);
            self.shared.dynamo.delete(OPERATION, &key).await?;
        }
        Ok(())
    }

    /// The address of a server, if it lives.
    async fn address_of(&self, id: &str, now: Timestamp) -> Result<Option<String>, PortError> {
        let key = Key::of(Table::Teens, SERVERS, id);
        let found = self.shared.dynamo.get("find a server", &key).await?;
        match found {
            Some(server) if is_alive(&server, now)? => Ok(Some(server.text("address")?.to_owned())),
            _ => Ok(None),
        }
    }

    fn lives(&self) -> bool {
        self.shared.clock.now() < self.state().lives_until
    }

    fn place(&self) -> Key {
        Key::of(Table::Teens, SERVERS, self.id.as_str())
    }

    /// No panic elsewhere leaves it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cluster for Server {
    async fn hold(&self, teen: TeenId) -> Result<Holder, PortError> {
        const OPERATION: &str = "hold a teen";
        let now = self.shared.clock.now();
        if !self.lives() {
            return Err(PortError::new(ErrorKind::Unavailable, OPERATION));
        }
        if self.state().held.uses(teen, now, AGED) {
            return Ok(Holder::Here);
        }
        let dynamo = &self.shared.dynamo;
        for _try in 0..TRIES {
            let found = dynamo.get(OPERATION, &held(teen)).await?;
            let holder = found.as_ref().map(|item| item.text(HELD)).transpose()?;
            let as_found = match holder {
                Some(other) if other != self.id => {
                    if let Some(address) = self.address_of(other, now).await? {
                        return Ok(Holder::There(address));
                    }
                    Condition::Is(HELD, other.into())
                }
                Some(ours) => Condition::Is(HELD, ours.into()),
                None => Condition::Absent("user_id"),
            };
            let mark = self.shared.fresh_id();
            let item = Item::new()
                .with(HELD, self.id.as_str())
                .with("mark", mark.as_str())
                .until(now.plus(KEPT));
            let place = held(teen);
            if dynamo
                .put(OPERATION, (&place, item), Some(as_found))
                .await?
            {
                self.state().held.took(teen, mark, now);
                return Ok(Holder::Here);
            }
        }
        Err(PortError::new(ErrorKind::Throttled, OPERATION))
    }

    async fn let_go(&self, teen: TeenId) -> Result<(), PortError> {
        let mark = self.state().held.take(teen);
        match mark {
            Some(mark) => self.drop_mark(teen, mark).await,
            None => Ok(()),
        }
    }

    async fn tell(&self, teen: TeenId, word: &'static str) -> Result<(), PortError> {
        const OPERATION: &str = "tell another server";
        let now = self.shared.clock.now();
        let found = self.shared.dynamo.get(OPERATION, &held(teen)).await?;
        let Some(found) = found else {
            return Ok(());
        };
        let holder = found.text(HELD)?;
        if holder == self.id {
            return Ok(());
        }
        let place = Key::of(Table::Teens, words(holder), self.shared.fresh_id());
        let item = Item::new()
            .with("teen", teen.to_string())
            .with("word", word)
            .until(now.plus(WORD_LIFE));
        let dynamo = &self.shared.dynamo;
        dynamo.put(OPERATION, (&place, item), None).await?;
        Ok(())
    }

    async fn spend(&self, number: [u8; 16], ends: Timestamp) -> Result<bool, PortError> {
        let place = format!("_spent#{}", hex::encode(&number));
        let place = Key::of(Table::Teens, place, "spent");
        let unspent = Some(Condition::Absent("user_id"));
        let item = Item::new().until(ends);
        let dynamo = &self.shared.dynamo;
        dynamo.put("spend a number", (&place, item), unspent).await
    }
}

/// Whether a server may still believe that it lives.
fn is_alive(server: &Item, now: Timestamp) -> Result<bool, PortError> {
    let until = Timestamp::from_millis(server.number("lives_until")?);
    Ok(now < until.plus(SKEW))
}

fn held(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, HELD)
}

fn words(server: &str) -> String {
    format!("_server#{server}")
}
