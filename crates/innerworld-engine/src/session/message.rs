//! A teen's message: screened first, then admitted, then stored, then answered.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        budget::DayBudget,
        cursor::Effect,
        limits::Bucket,
        record::{
            Accept, AcceptOutcome, EventRecord, Finish, MessageRecord, SessionRecord, SessionState,
            TurnOrigin, TurnRecord, TurnState,
        },
    },
    hash::sha256,
    ids::{MessageId, TurnId},
    persona::PersonaId,
    secret::{Redacted, Text},
};
use innerworld_protocol::{
    ErrorCode, MESSAGE_BYTES, ServerFrame, client::Message, event, server::TurnStatus, text,
};

use super::{
    budget, choice,
    lifecycle::Refused,
    look::{self, Look, Occasion},
    numbers::{overtaken, skip},
    room::{Inner, Room, Running},
    safety::{self, Screened},
    teen::TeenContext,
    turn::{self, Accepted},
};
use crate::app::App;

/// How often a message is judged before its client is asked to send it again.
const JUDGEMENTS: usize = 8;

/// A message on its way through the pipeline.
struct Incoming<'a> {
    app: &'a Arc<App>,
    room: &'a Arc<Room>,
    ctx: &'a TeenContext,
    screened: Screened,
    id: MessageId,
    text: String,
    hash: [u8; 32],
    at: Timestamp,
}

/// What came of one attempt to store a message. Only the first stored anything.
enum Stored {
    Yes,
    /// The safety record moved meanwhile.
    SafetyMoved,
    /// Another process gave the numbers out; the session was read anew.
    Overtaken,
}

/// Takes a message that was screened; its safety frame is out already.
///
/// That frame needs nothing but memory: it left before idempotency, budget, rate, profile and
/// store were asked.
pub(crate) async fn take(
    app: &Arc<App>,
    room: &Arc<Room>,
    ctx: &TeenContext,
    message: &Message,
    screened: Screened,
) -> Result<(), Refused> {
    let cleaned = text::clean(message.text.reveal());
    let refused = match cleaned.len() {
        _ if cleaned.trim().is_empty() => Some(ErrorCode::InvalidMessage),
        bytes if bytes > MESSAGE_BYTES => Some(ErrorCode::MessageTooLong),
        _ => None,
    };
    if let Some(code) = refused {
        return Err(after_refusal(app, room, ctx, &screened, Refused::Code(code)).await);
    }
    let mut incoming = Incoming {
        app,
        room,
        ctx,
        screened,
        id: message.id,
        hash: hash_of(&cleaned),
        text: cleaned.into_owned(),
        at: app.now(),
    };
    let mut inner = room.inner.lock().await;
    let taken = match incoming.admit(&mut inner).await {
        Ok(Some((session, persona))) => incoming.accept(&mut inner, &session, &persona).await,
        Ok(None) => Ok(()),
        Err(refused) => Err(refused),
    };
    drop(inner);
    let Err(refused) = taken else {
        return Ok(());
    };
    Err(after_refusal(app, room, ctx, &incoming.screened, refused).await)
}

/// The teen saw the frame; that it was shown must be kept even if nothing else is. Where it cannot be,
/// the client is asked to send the message again.
async fn after_refusal(
    app: &App,
    room: &Room,
    ctx: &TeenContext,
    screened: &Screened,
    refused: Refused,
) -> Refused {
    if safety::settle_without_turn(app, room, ctx, screened).await {
        refused
    } else {
        Refused::Code(ErrorCode::StorageUnavailable)
    }
}

impl Incoming<'_> {
    /// Decides whether the message may be stored. `None`: it was stored before, and the client
    /// has been told.
    async fn admit(
        &self,
        inner: &mut Inner,
    ) -> Result<Option<(SessionRecord, PersonaId)>, Refused> {
        let refused = match self.check(inner).await {
            Ok(admitted) => match self.take_token(inner) {
                Ok(()) => return Ok(Some(admitted)),
                Err(refused) => refused,
            },
            Err(refused) => refused,
        };
        // Only a message that would be refused is looked up: the accept itself finds repeats.
        match self.repeat(inner).await? {
            Some(turn) => {
                answer_repeat(self.room, &turn);
                Ok(None)
            }
            None => Err(refused),
        }
    }

    /// The rules of admission, cheapest first.
    async fn check(&self, inner: &mut Inner) -> Result<(SessionRecord, PersonaId), Refused> {
        if !safety::is_kept(self.app, self.room).await {
            return Err(Refused::Code(ErrorCode::StorageUnavailable));
        }
        let session = inner.open()?;
        if self.screened.journal_only() {
            return Err(Refused::Code(ErrorCode::JournalOnly));
        }
        let persona = match (&session.state, &session.persona) {
            (SessionState::Active, Some(persona)) => persona.clone(),
            _ => return Err(Refused::Code(ErrorCode::PersonaRequired)),
        };
        budget::charge_if_due(self.app, self.room, inner, self.ctx).await?;
        if inner.budget.as_ref().is_some_and(DayBudget::is_spent) {
            return Err(Refused::Code(ErrorCode::DailyLimit));
        }
        if inner.queued.is_some() {
            return Err(Refused::Code(ErrorCode::TurnBusy));
        }
        // Charging may have logged the time left.
        let session = inner.open()?.clone();
        Ok((session, persona))
    }

    fn take_token(&self, inner: &mut Inner) -> Result<(), Refused> {
        let limits = &self.app.settings.limits;
        let bucket = inner
            .bucket
            .get_or_insert_with(|| Bucket::full(limits.messages_burst, self.at));
        bucket
            .take(limits.messages_burst, limits.messages_per_min, self.at)
            .map_err(|wait| Refused::Wait(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }

    async fn repeat(&self, inner: &Inner) -> Result<Option<TurnRecord>, Refused> {
        let Some(session) = inner.session.as_ref() else {
            return Ok(None);
        };
        let store = &self.app.services.conversations;
        let found = store
            .turn_of_message(self.room.teen, session.id, self.id, self.at)
            .await?;
        let other_text = |turn: &TurnRecord| {
            turn.message
                .as_ref()
                .is_some_and(|known| known.text_hash != self.hash)
        };
        match found {
            Some(turn) if other_text(&turn) => Err(Refused::Code(ErrorCode::IdConflict)),
            found => Ok(found),
        }
    }

    /// Stores the message with everything that must commit with it, and starts its answer. While
    /// another change of the safety record is quicker, the message is judged again: no event is lost.
    async fn accept(
        &mut self,
        inner: &mut Inner,
        session: &SessionRecord,
        persona: &PersonaId,
    ) -> Result<(), Refused> {
        let mut session = session.clone();
        for _ in 0..JUDGEMENTS {
            match self.store(inner, &session, persona).await? {
                Stored::Yes => return Ok(()),
                Stored::Overtaken => {
                    session = inner.open()?.clone();
                    if inner.queued.is_some() {
                        return Err(Refused::Code(ErrorCode::TurnBusy));
                    }
                    continue;
                }
                Stored::SafetyMoved => {}
            }
            safety::judge_again(self.app, self.room, self.ctx, &mut self.screened).await;
            if self.screened.journal_only() {
                return Err(Refused::Code(ErrorCode::JournalOnly));
            }
        }
        Err(Refused::Code(ErrorCode::StorageUnavailable))
    }

    /// One attempt.
    async fn store(
        &self,
        inner: &mut Inner,
        session: &SessionRecord,
        persona: &PersonaId,
    ) -> Result<Stored, Refused> {
        let turn = self.turn(session, persona);
        let seq_of_turn = turn.seq_end.or(turn.seq_accepted).unwrap_or(session.seq);
        let events: Vec<EventRecord> = (seq_of_turn + 1..)
            .zip(self.screened.events())
            .map(|(seq, event)| EventRecord { seq, event })
            .collect();
        let seq = events.last().map_or(seq_of_turn, |event| event.seq);
        let accept = Accept {
            teen: self.room.teen,
            turn: turn.clone(),
            seq,
            events: events.clone(),
            safety: self.screened.commit().cloned(),
            soft: self.screened.soft().cloned(),
        };
        let store = &self.app.services.conversations;
        let outcome = store.accept(accept, self.at).await;
        if overtaken(self.app, self.room, inner, &outcome).await? {
            return Ok(Stored::Overtaken);
        }
        match outcome? {
            AcceptOutcome::New => {}
            AcceptOutcome::Duplicate(turn) => {
                answer_repeat(self.room, &turn);
                self.take_up_unheard(inner, *turn);
                return Ok(Stored::Yes);
            }
            AcceptOutcome::IdConflict => return Err(Refused::Code(ErrorCode::IdConflict)),
            AcceptOutcome::SessionClosed => return Err(Refused::Code(ErrorCode::SessionEnded)),
            AcceptOutcome::SafetyMoved => return Ok(Stored::SafetyMoved),
        }
        if let Some(open) = inner.session.as_mut() {
            open.seq = seq;
            open.next_sequence += 2;
            open.last_activity_at = self.at;
        }
        inner.turns += 1;
        self.screened.committed(self.room);
        publish_accepted(self.room, &turn);
        self.room.publish(&events);
        let waited = self.app.now().since(self.at);
        self.app
            .metrics
            .accepted_seconds
            .observe(waited.as_secs_f64());
        if turn.state == TurnState::Ended {
            // A crisis: no persona turn, and whatever was being said stops.
            self.room.stop_turn(None, super::room::StopReason::Safety);
        } else {
            self.answer(inner, turn);
        }
        Ok(Stored::Yes)
    }

    /// A message that was stored before, though nobody heard of it: its answer begins now.
    fn take_up_unheard(&self, inner: &mut Inner, turn: TurnRecord) {
        if inner.answers(self.room, turn.id) || turn.state != TurnState::Accepted {
            return;
        }
        if let Some(open) = inner.session.as_mut() {
            let newest = turn.seq_accepted.unwrap_or(open.seq);
            // Its frame was sent as a repeat.
            skip(self.room, open.seq, newest);
            open.seq = open.seq.max(newest);
            open.next_sequence = open.next_sequence.max(turn.sequence + 2);
        }
        inner.turns += 1;
        self.answer(inner, turn);
    }

    /// Lets a model look at the message, if it is one of those.
    fn look(&self, inner: &Inner, turn: &TurnRecord) -> Option<Look> {
        let (local, _) = self.screened.awaits_look()?;
        let occasion = Occasion::of(self.room, inner, turn, local.clone())?;
        Some(look::begin(self.app, self.room, self.ctx, occasion))
    }

    fn turn(&self, session: &SessionRecord, persona: &PersonaId) -> TurnRecord {
        let blocked = self.screened.blocks();
        let seq = session.seq + 1;
        let services = &self.app.services;
        TurnRecord {
            id: TurnId::from_bits(services.ids.ulid(self.at)),
            session: session.id,
            message: Some(MessageRecord {
                id: self.id,
                text_hash: self.hash,
                prompt_text: Text::new(services.scrubber.scrub(&self.text)),
                text: Redacted::new(self.text.clone()),
            }),
            persona: persona.clone(),
            state: if blocked {
                TurnState::Ended
            } else {
                TurnState::Accepted
            },
            origin: match (blocked, self.app.settings.remote_models) {
                (true, _) => TurnOrigin::Safety,
                (false, true) => TurnOrigin::Model,
                (false, false) => TurnOrigin::Offline,
            },
            sequence: session.next_sequence,
            seq_accepted: Some(seq),
            seq_start: blocked.then_some(seq + 1),
            seq_end: blocked.then_some(seq + 2),
            upstream_started: false,
            answer: Text::default(),
            finish: blocked.then_some(Finish::Safety),
            code: None,
            usage: None,
            excluded: blocked,
            second_look: self.screened.awaits_look().map(|(_, category)| category),
            suspected: self
                .screened
                .awaits_look()
                .and_then(|(local, _)| local.suspected()),
            support: self.screened.support(),
            created_at: self.at,
            expires_at: session.expires_at,
        }
    }

    /// Starts the answer now, or lets it wait behind the running one.
    fn answer(&self, inner: &mut Inner, turn: TurnRecord) {
        if !self.app.settings.answers {
            return;
        }
        let here = self.app.settings.part.answers();
        let accepted = Accepted {
            look: here.then(|| self.look(inner, &turn)).flatten(),
            turn,
        };
        if inner.queued.is_some() || self.room.view().running.is_some() {
            let status = ServerFrame::TurnStatus {
                turn: accepted.turn.id,
                status: TurnStatus::Queued,
            };
            self.room.control(&status.encode());
            inner.queued = Some(Box::new(accepted));
        } else if here {
            turn::spawn(self.app, self.room, self.ctx, accepted);
        } else {
            self.room.view().running = Some(Running::of(accepted.turn.id));
            inner.handed_over = accepted.turn.message.map(|message| message.id);
        }
    }
}

fn publish_accepted(room: &Room, turn: &TurnRecord) {
    let mut view = room.view();
    if let (Some(seq), Some(frame)) = (turn.seq_accepted, event::accepted(turn, false)) {
        view.push(seq, frame.encode(), Effect::None);
    }
    drop(view);
    if turn.state == TurnState::Ended {
        choice::publish_whole_turn(room, turn);
    } else {
        room.view().wake();
    }
}

/// The same message again: the same turn, then its frames from the beginning. The client drops
/// what it has by `seq` and `off`.
fn answer_repeat(room: &Room, turn: &TurnRecord) {
    let mut frames = Vec::new();
    frames.extend(event::accepted(turn, true));
    if turn.seq_start.is_some() && turn.state != TurnState::Accepted {
        frames.extend(event::turn_start(turn));
        let live = room
            .view()
            .feed
            .open_turn()
            .filter(|(open, _)| *open == turn.id)
            .map(|(_, text)| text.to_owned());
        let mut shown = turn.clone();
        if let Some(text) = live {
            shown.answer = text.into();
        }
        if !shown.answer.reveal().is_empty() {
            frames.push(event::snapshot(&shown));
        }
        frames.extend(event::turn_end(turn, false));
    }
    for frame in frames {
        room.control(&frame.encode());
    }
}

/// SHA-256 of a text.
pub(crate) fn hash_of(text: &str) -> [u8; 32] {
    sha256(text.as_bytes())
}
