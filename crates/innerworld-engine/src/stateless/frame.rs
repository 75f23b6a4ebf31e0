//! One frame of a connection.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    conversation::{cursor::Cursor, record::SessionRecord, store::SessionLog},
    ids::{MessageId, SessionId, TurnId},
    secret::Redacted,
};
use innerworld_protocol::{ClientFrame, CloseCode};

use super::between::{Between, hear_again, open_turns};
use crate::{
    app::App,
    connection::{Authenticated, Bearer, Connection, End, Sends},
    session::{
        lifecycle::{self, Refused},
        room::{Room, StopReason},
        teen::{Refusal, TeenContext},
    },
};

/// What happened in a session so lately may still be on its way to the client from another process.
const SETTLES: Duration = Duration::from_secs(2);

/// A frame, with what is known of its connection.
#[derive(Debug)]
pub struct Arrival {
    /// The connection's id at its gateway.
    pub connection: String,
    /// Whose it is, and how long they may talk.
    pub bearer: Bearer,
    /// The session that it joined; `None` before `hello`.
    pub session: Option<SessionId>,
    /// What the frame before left; `None` before `hello`.
    pub between: Option<Between>,
    /// The frame.
    pub text: Redacted<String>,
}

/// A session that is looked at though no frame came.
#[derive(Debug)]
pub struct Visit {
    /// The id of the connection that listens, at its gateway.
    pub connection: String,
    /// Whose it is, and how long they may talk.
    pub bearer: Bearer,
    /// The session that it joined.
    pub session: SessionId,
    /// What the last frame left.
    pub between: Between,
}

/// What is to be done after a frame, in this order.
#[derive(Debug)]
pub struct Departure {
    /// The session that this frame joined.
    pub joined: Option<SessionId>,
    /// Whether it began with this frame.
    pub opened: bool,
    /// To be kept for the next frame, with this session.
    pub between: Option<(SessionId, Between)>,
    /// When the token ends; later than before if the frame renewed it.
    pub token_expires_at: Timestamp,
    /// The turn that is to be stopped, wherever it runs, and why.
    pub stop: Option<(TurnId, StopReason)>,
    /// The message whose answer is to begin.
    pub begin: Option<MessageId>,
    /// The session that ended: its job waits in the outbox.
    pub ended: Option<SessionId>,
    /// The connection is to be closed; its last frame has been sent.
    pub close: Option<CloseCode>,
}

/// Handles one frame and sends what it brings.
///
/// # Errors
/// What [`TeenContext::load`] refuses; nothing was sent then.
pub async fn frame(
    app: &Arc<App>,
    arrival: Arrival,
    carrier: &mut impl Sends,
) -> Result<Departure, Refusal> {
    let teen = arrival.bearer.teen();
    let context = TeenContext::load(app, teen).await?;
    let auth = Authenticated {
        bearer: arrival.bearer,
        context,
    };
    let room = Room::new(teen);
    let came_at = app.now();
    let mut connection = Connection::new(Arc::clone(app), Arc::clone(&room), auth);
    let log = match (arrival.session, &arrival.between) {
        (Some(session), Some(between)) => take_up(&mut connection, session, between).await?,
        _ => None,
    };
    if let Some(log) = &log
        && is_message(arrival.text.reveal())
    {
        hear_again(&connection, log);
    }
    let stood = log.map(|log| Stood::of(&log, app.now()));
    let was_open = is_open(&room).await;
    let end = connection
        .visit(carrier, arrival.text.reveal(), stood.as_ref())
        .await;
    let from = (arrival.connection.as_str(), arrival.session);
    let departure = leave(&connection, from, (was_open, end)).await;
    let began_at = |session: &SessionRecord| session.started_at >= came_at;
    let opened = room
        .inner
        .lock()
        .await
        .session
        .as_ref()
        .is_some_and(began_at);
    Ok(Departure {
        opened: opened && departure.joined.is_some(),
        ..departure
    })
}

/// Sends what became due since the last frame: a second of silence is looked at, as in a process that
/// stays. Nothing is left to keep if nothing was told.
///
/// # Errors
/// What [`TeenContext::load`] refuses; nothing was sent then.
pub async fn due(
    app: &Arc<App>,
    visit: Visit,
    carrier: &mut impl Sends,
) -> Result<Departure, Refusal> {
    let teen = visit.bearer.teen();
    let auth = Authenticated {
        bearer: visit.bearer,
        context: TeenContext::load(app, teen).await?,
    };
    let room = Room::new(teen);
    let mut connection = Connection::new(Arc::clone(app), Arc::clone(&room), auth);
    let log = take_up(&mut connection, visit.session, &visit.between).await?;
    let stood = log.map(|log| Stood::of(&log, app.now()));
    let was_open = is_open(&room).await;
    let looked = match &stood {
        Some(stood) => connection.look(carrier, Some(stood)).await,
        None => Ok(()),
    };
    let end = ended(carrier, looked).await;
    let from = (visit.connection.as_str(), Some(visit.session));
    let mut departure = leave(&connection, from, (was_open, end)).await;
    let told = |between: &Between| !between.told_the_same_as(&visit.between);
    departure.between = departure.between.filter(|(_, between)| told(between));
    Ok(departure)
}

/// Where the session stood before the frame.
struct Stood {
    seq: u64,
    /// The client has everything up to here.
    settled: u64,
}

impl Stood {
    fn of(log: &SessionLog, now: Timestamp) -> Self {
        let seq = log.session.seq;
        let lately = now.since(log.session.last_activity_at) < SETTLES;
        let newest = log.turns.iter().rfind(|turn| turn.message.is_some());
        let unsettled = open_turns(log).next().or(newest.filter(|_turn| lately));
        let before = unsettled.and_then(|turn| turn.seq_accepted?.checked_sub(1));
        Self {
            seq,
            settled: before.unwrap_or(seq),
        }
    }
}

async fn take_up(
    connection: &mut Connection,
    session: SessionId,
    between: &Between,
) -> Result<Option<SessionLog>, Refused> {
    let app = Arc::clone(&connection.out.app);
    let (teen, now) = (connection.bearer.teen(), app.now());
    let log = app
        .services
        .conversations
        .session(teen, session, now)
        .await?;
    between.take_up(connection, log.as_ref()).await?;
    Ok(log)
}

/// How a connection ended, if it did.
async fn ended(carrier: &mut impl Sends, visited: Result<(), End>) -> Option<End> {
    let end = visited.err()?;
    // The fatal frame is still to be seen; where it cannot be, nothing else can.
    carrier.deliver().await.ok();
    Some(end)
}

impl Connection {
    /// Handles a frame, then looks at the clock as a process that stays does every second.
    async fn visit(
        &mut self,
        carrier: &mut impl Sends,
        text: &str,
        stood: Option<&Stood>,
    ) -> Option<End> {
        let visited = async {
            Box::pin(self.text(carrier, text)).await?;
            self.step_back(stood);
            self.out.flush(carrier).await?;
            self.look(carrier, stood).await
        };
        let visited = visited.await;
        ended(carrier, visited).await
    }

    /// Looks at the clock, where the client has said hello.
    async fn look(&mut self, carrier: &mut impl Sends, stood: Option<&Stood>) -> Result<(), End> {
        if self.out.cursor.is_some() {
            Box::pin(self.look_at_clock(carrier)).await?;
            self.step_back(stood);
            self.out.flush(carrier).await?;
        }
        Ok(())
    }

    /// What this frame logged goes out together with what others logged just before it: a client drops
    /// a number that comes after a higher one.
    fn step_back(&mut self, stood: Option<&Stood>) {
        let newest = self.out.room.view().feed.newest();
        if let Some(stood) = stood.filter(|stood| newest > stood.seq)
            && let Some(cursor) = &mut self.out.cursor
            && cursor.seq == stood.seq
        {
            *cursor = Cursor::at(stood.settled, None);
        }
    }
}

async fn is_open(room: &Room) -> bool {
    room.inner.lock().await.open().is_ok()
}

async fn leave(
    connection: &Connection,
    (id, before): (&str, Option<SessionId>),
    (was_open, end): (bool, Option<End>),
) -> Departure {
    let room = &connection.out.room;
    let (session, begin, ended) = {
        let mut inner = room.inner.lock().await;
        let open = inner.open().is_ok();
        let session = inner.session.as_ref().map(|session| session.id);
        // The end of a session whose answer was lost is seen as one that another process made.
        let over = session.filter(|_session| was_open && !open);
        (session, inner.handed_over, inner.closed.or(over))
    };
    let there = connection.out.cursor.and(session);
    let running = room.view().running.clone();
    let stop = running.and_then(|running| Some((running.turn, running.stopped()?)));
    let between = match there {
        Some(session) => Some((session, Between::of(connection, id).await)),
        None => None,
    };
    Departure {
        joined: there.filter(|session| before != Some(*session)),
        opened: false,
        between,
        token_expires_at: connection.bearer.expires_at(),
        stop,
        begin,
        ended,
        close: match end {
            Some(End::Close(code)) => Some(code),
            Some(End::Gone) | None => None,
        },
    }
}

/// Whether a frame is judged together with the messages before it.
fn is_message(text: &str) -> bool {
    matches!(ClientFrame::parse(text), Ok(ClientFrame::Message(_)))
}

/// The error frame for a teen who may not go on, and how their connection closes.
pub fn refused(app: &App, refusal: &Refusal) -> (String, Option<CloseCode>) {
    use innerworld_protocol::{ErrorCode, server::ErrorFrame};
    match refusal {
        Refusal::Code(code) => {
            let error = ErrorFrame::new(*code, app.request_id()).closing(CloseCode::Forbidden);
            (lifecycle::encode_error(error), Some(CloseCode::Forbidden))
        }
        Refusal::Store(error) => {
            tracing::error!(error.kind = ?error.kind(), operation = error.operation(), source = lifecycle::source_of(error), "a frame could not be handled");
            let error = ErrorFrame::new(ErrorCode::StorageUnavailable, app.request_id());
            (lifecycle::encode_error(error), None)
        }
    }
}
