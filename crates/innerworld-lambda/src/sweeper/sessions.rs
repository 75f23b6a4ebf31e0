//! Sessions that are due to be looked at.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use innerworld_aws::{Claim, ConnectionRow, Lease, OpenTurn, Standing};
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::{IdSource as _, MessageId, SessionId},
};
use innerworld_engine::{
    app::App,
    connection::{Bearer, Gone, Sends as _},
    stateless::{self, Between, Departure, Order, Refusal, Visit},
};
use tokio::time::{Instant, timeout};

use super::{Sweep, log};
use crate::{
    conversation::turn_event,
    posts::{Posts, close_connection},
    stop,
    system::RandomIds,
};

/// Sessions of each partition of the index that one round takes.
const OF_EACH_PARTITION: usize = 500;
/// Sessions that are looked at together.
const AT_ONCE: usize = 16;
/// Longest look at one session.
const LONGEST: Duration = Duration::from_secs(10);
/// When a session is looked at again: after a minute while an answer is owed, after two otherwise. Some
/// seconds less, so that a round that begins early does not pass it by.
const OWING: Duration = Duration::from_secs(55);
const QUIET: Duration = Duration::from_secs(115);
/// An accepted message is this old before its answer is asked for again.
const HANDED_OVER: Duration = Duration::from_secs(10);
/// How long a turn is held to be ended.
const LEASE: Duration = Duration::from_secs(30);
/// A connection that was not heard of for so long is gone, whatever its row says: clients ping every four
/// minutes, and of that is noted every five.
const SILENT: Duration = Duration::from_secs(10 * 60);

impl Sweep {
    /// Looks at all that are due; how many.
    pub(super) async fn sessions(
        &self,
        app: &Arc<App>,
        until: Instant,
    ) -> Result<usize, PortError> {
        let due = self.desk.due(app.now(), OF_EACH_PARTITION).await?;
        let mut seen = 0;
        for some in due.chunks(AT_ONCE) {
            if Instant::now() >= until {
                tracing::warn!(left = due.len() - seen, "sessions wait for the next round");
                break;
            }
            let looks = some
                .iter()
                .map(|session| Look { sweep: self, app }.at(*session));
            join_all(looks).await;
            seen += some.len();
        }
        Ok(seen)
    }
}

/// A look at one session.
#[derive(Clone, Copy)]
struct Look<'a> {
    sweep: &'a Sweep,
    app: &'a Arc<App>,
}

impl Look<'_> {
    async fn at(self, session: SessionId) {
        let looked = timeout(LONGEST, Box::pin(self.whole(session))).await;
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log("a session could not be looked at", &error),
            Err(_late) => {
                tracing::warn!(session.id = %session, "a look at a session took too long");
            }
        }
    }

    async fn whole(self, session: SessionId) -> Result<(), PortError> {
        let now = self.app.now();
        let desk = &self.sweep.desk;
        let Some(standing) = desk.look(session, now).await? else {
            return Ok(());
        };
        let pause = match self.attend_to(&standing).await {
            Ok(pause) => pause,
            // It is put off all the same: one that cannot be served must not stand before the others.
            Err(Refusal::Store(error)) => {
                log("a session could not be attended to", &error);
                QUIET
            }
            Err(Refusal::Code(code)) => {
                tracing::warn!(
                    code = code.as_str(),
                    "a session's teen may not talk any more"
                );
                QUIET
            }
        };
        desk.put_off(&standing, (now, now.plus(pause))).await
    }

    /// Does what a session needs; says how long it may wait for the next look.
    async fn attend_to(self, standing: &Standing) -> Result<Duration, Refusal> {
        if !standing.is_open {
            return Ok(QUIET);
        }
        let listener = self.listener(standing).await.map_err(Refusal::Store)?;
        let quiet = self.app.now().since(standing.last_activity_at);
        let is_idle = listener.is_none() && quiet >= self.app.settings.limits.idle_end;
        if let Some(turn) = standing.open_turns.first().filter(|_turn| !is_idle) {
            self.turn(standing, *turn).await?;
            return Ok(OWING);
        }
        match listener {
            Some(row) => self.visit(standing, row).await?,
            None if is_idle => self.end(standing).await?,
            None => {}
        }
        Ok(QUIET)
    }

    /// Whoever listens to the session.
    async fn listener(self, standing: &Standing) -> Result<Option<ConnectionRow>, PortError> {
        let now = self.app.now();
        let Some(connection) = &standing.connection else {
            return Ok(None);
        };
        let row = self.sweep.connections.find(connection, now).await?;
        let ours = |row: &ConnectionRow| row.session == Some(standing.session);
        let heard = |row: &ConnectionRow| now.since(row.last_seen_at) < SILENT;
        Ok(row.filter(|row| ours(row) && heard(row)))
    }

    /// A turn that nobody makes: it is begun again, or ended where it was begun.
    async fn turn(self, standing: &Standing, turn: OpenTurn) -> Result<(), Refusal> {
        let now = self.app.now();
        if turn.lease_until.is_some_and(|until| until > now) {
            return Ok(());
        }
        if turn.is_begun {
            return self.interrupt(standing, turn.message).await;
        }
        if now.since(standing.last_activity_at) < HANDED_OVER {
            return Ok(());
        }
        tracing::warn!(session.id = %standing.session, "an answer was not begun; it is asked for again");
        self.begin(standing, turn.message).await
    }

    async fn interrupt(self, standing: &Standing, message: MessageId) -> Result<(), Refusal> {
        let sweep = self.sweep;
        let lease = Lease {
            owner: format!("sweeper-{:032x}", RandomIds.ulid(self.app.now())),
            life: LEASE,
        };
        let asked = (standing.teen, standing.session);
        let claim = sweep.turns.claim(asked, message, &lease).await;
        let Claim::Taken { again } = claim.map_err(Refusal::Store)? else {
            return Ok(());
        };
        let mut services = self.app.services.clone();
        services.conversations = sweep.aws.conversations_under(lease);
        let app = App::new(services, self.app.settings.clone());
        let order = Order {
            memory_changed_at: None,
            teen: standing.teen,
            session: standing.session,
            message,
            again,
        };
        let mut posts = Posts::to(&sweep.posting, standing.connection.clone());
        let next = Box::pin(stateless::interrupt(&app, order, &mut posts)).await?;
        tracing::warn!(session.id = %standing.session, "a turn that nobody made any more was ended");
        match next {
            Some(message) => self.begin(standing, message).await,
            None => Ok(()),
        }
    }

    /// Hands the making of an answer over.
    async fn begin(self, standing: &Standing, message: MessageId) -> Result<(), Refusal> {
        let event = turn_event((standing.teen, standing.session), message);
        let sweep = self.sweep;
        let handed = sweep.invoker.hand_over(&sweep.turn_worker, event).await;
        handed.map_err(Refusal::Store)
    }

    /// Ends a session that nobody is in.
    async fn end(self, standing: &Standing) -> Result<(), Refusal> {
        let (teen, session) = (standing.teen, standing.session);
        let since = standing.last_activity_at;
        if Box::pin(stateless::end_idle(self.app, (teen, session), since)).await? {
            self.sweep.wake(teen, session).await;
        }
        Ok(())
    }

    /// Sends whoever listens what became due.
    async fn visit(self, standing: &Standing, row: ConnectionRow) -> Result<(), Refusal> {
        let asked = (standing.teen, standing.session);
        let left = self
            .sweep
            .turns
            .left::<Between>(asked, self.app.now())
            .await;
        let Some(between) = left.map_err(Refusal::Store)? else {
            return Ok(());
        };
        if between.connection != row.connection {
            return Ok(());
        }
        let visit = Visit {
            connection: row.connection.clone(),
            bearer: Bearer::verified(row.teen, row.connected_at, row.token_expires_at),
            session: standing.session,
            between,
        };
        let mut posts = Posts::to(&self.sweep.posting, Some(row.connection.clone()));
        // As with a frame: what is told is noted first.
        posts.hold();
        let departure = match Box::pin(stateless::due(self.app, visit, &mut posts)).await {
            Ok(departure) => departure,
            Err(Refusal::Store(error)) => return Err(Refusal::Store(error)),
            Err(refusal) => {
                let (frame, _close) = stateless::refused(self.app, &refusal);
                posts.send(&frame).await.ok();
                posts.release().await.ok();
                close_connection(&self.sweep.posting, &row.connection).await;
                return Ok(());
            }
        };
        let done = self.after(standing, &row, (departure, posts)).await;
        done.map_err(Refusal::Store)
    }

    /// Carries out what a visit brought.
    async fn after(
        self,
        standing: &Standing,
        row: &ConnectionRow,
        (departure, mut posts): (Departure, Posts<'_>),
    ) -> Result<(), PortError> {
        let connection = row.connection.as_str();
        let (teen, session) = (standing.teen, standing.session);
        if departure.ended.is_some() {
            self.sweep.wake(teen, session).await;
        }
        if let Some((_session, between)) = &departure.between {
            let ends = self.ends();
            let turns = &self.sweep.turns;
            let left = (connection, between, false);
            if !turns.leave((teen, session), left, ends).await? {
                // Somebody came back meanwhile, and is served by their own frames.
                return Ok(());
            }
        }
        let gone = posts.release().await == Err(Gone::Closed);
        if let Some((turn, why)) = departure.stop {
            let turns = &self.sweep.turns;
            turns.stop(session, turn, stop::word(why)).await?;
        }
        if gone {
            let connections = &self.sweep.connections;
            connections.leave(session, connection).await?;
        }
        if departure.close.is_some() {
            close_connection(&self.sweep.posting, connection).await;
        }
        Ok(())
    }

    fn ends(self) -> Timestamp {
        self.app.now().plus(self.app.settings.limits.session_life)
    }
}
