//! Sessions, turns and events.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{Accept, AcceptOutcome, EventRecord, SessionRecord, SessionState, TurnRecord},
        store::{ConversationStore, SessionLog, Taken},
    },
    error::{ErrorKind, PortError},
    ids::{MessageId, SessionId, TeenId},
    memory::job::{JobKind, MemoryJob},
};

use super::{
    Defect, Reference, fault,
    state::{State, Talk},
};

/// The first number of events.
fn first_of(events: &[EventRecord]) -> Option<u64> {
    events.first().map(|event| event.seq)
}

impl Reference {
    fn log(&self, talk: &Talk, now: Timestamp) -> SessionLog {
        let mut session = talk.session.clone();
        session.seq = talk.newest();
        session.next_sequence = talk.next_message();
        let there = |turn: &&TurnRecord| self.exists(turn.expires_at, now);
        let mut turns: Vec<_> = talk.turns.iter().filter(there).cloned().collect();
        let mut events: Vec<_> = talk.events.values().cloned().collect();
        self.order(&mut turns);
        self.order(&mut events);
        SessionLog {
            session,
            turns,
            events,
        }
    }

    /// The teen's sessions that exist, oldest first.
    fn talks<'a>(&'a self, state: &'a State, teen: TeenId, now: Timestamp) -> Vec<&'a Talk> {
        let there = |talk: &&Talk| {
            self.may_see(talk.session.teen, teen) && self.exists(talk.session.expires_at, now)
        };
        state.talks.values().filter(there).collect()
    }

    /// Whether the first number that a commit takes was given out before.
    fn is_late(&self, talk: &Talk, first: Option<u64>) -> bool {
        first.is_some_and(|first| first <= talk.newest()) && !self.is(Defect::IgnoresConditions)
    }

    fn take_in(
        &self,
        state: &mut State,
        accept: Accept,
        now: Timestamp,
    ) -> Result<AcceptOutcome, PortError> {
        let (teen, turn) = (accept.teen, accept.turn);
        let moved = accept
            .safety
            .as_ref()
            .is_some_and(|safety| state.revision(safety.teen) != safety.expected_rev);
        let Some(talk) = state.talks.get_mut(&turn.session).filter(|talk| {
            self.may_see(talk.session.teen, teen)
                && self.exists(talk.session.expires_at, now)
                && (talk.session.state.is_open() || self.is(Defect::IgnoresConditions))
        }) else {
            return Ok(AcceptOutcome::SessionClosed);
        };
        let message = turn.message.as_ref();
        let stored = talk.turns.iter().find(|stored| {
            let id = stored.message.as_ref().map(|message| message.id);
            id.is_some() && id == message.map(|message| message.id)
        });
        if let Some(stored) = stored.filter(|_| !self.is(Defect::RepeatsAreNew)) {
            let hash = |turn: &TurnRecord| turn.message.as_ref().map(|message| message.text_hash);
            return Ok(if hash(stored) == hash(&turn) {
                AcceptOutcome::Duplicate(Box::new(stored.clone()))
            } else {
                AcceptOutcome::IdConflict
            });
        }
        if self.is_late(talk, turn.seq_accepted) {
            return Err(fault(ErrorKind::Conflict));
        }
        if moved && !self.is(Defect::IgnoresConditions) {
            if self.is(Defect::HalfCommits) {
                talk.turns.push(turn);
            }
            return Ok(AcceptOutcome::SafetyMoved);
        }
        talk.session.seq = talk.session.seq.max(accept.seq);
        talk.turns.push(turn);
        talk.add(&accept.events);
        if let Some(safety) = &accept.safety {
            state.store_safety(safety);
        }
        if let Some(soft) = accept.soft.filter(|_| !self.is(Defect::HalfCommits)) {
            state.count(&soft);
        }
        Ok(AcceptOutcome::New)
    }
}

#[async_trait]
impl ConversationStore for Reference {
    async fn open_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let mut state = self.writing(session.teen)?;
        let taken = state.talks.values().any(|talk| {
            self.may_see(talk.session.teen, session.teen) && talk.session.state.is_open()
        });
        if taken && !self.is(Defect::IgnoresConditions) {
            return Err(fault(ErrorKind::Conflict));
        }
        let mut talk = Talk {
            session: session.clone(),
            turns: Vec::new(),
            events: [].into(),
        };
        talk.add(events);
        state.talks.insert(session.id, talk);
        Ok(())
    }

    async fn live_session(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        let state = self.reading(teen)?;
        let mut talks = self.talks(&state, teen, now);
        talks.retain(|talk| talk.session.state != SessionState::Processed);
        self.order(&mut talks);
        Ok(talks.last().map(|talk| self.log(talk, now)))
    }

    async fn session(
        &self,
        teen: TeenId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionLog>, PortError> {
        let state = self.reading(teen)?;
        let talks = self.talks(&state, teen, now);
        let talk = talks.into_iter().find(|talk| talk.session.id == session);
        Ok(talk.map(|talk| self.log(talk, now)))
    }

    async fn sessions(
        &self,
        teen: TeenId,
        before: Option<SessionId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<SessionRecord>, PortError> {
        let state = self.reading(teen)?;
        let mut talks = self.talks(&state, teen, now);
        talks.retain(|talk| before.is_none_or(|before| talk.session.id < before));
        talks.reverse();
        talks.truncate(self.limit(limit));
        Ok(talks
            .iter()
            .map(|talk| self.log(talk, now).session)
            .collect())
    }

    async fn unfinished(&self, now: Timestamp) -> Result<Vec<(TeenId, SessionId)>, PortError> {
        let state = self.state();
        let mut found: Vec<_> = state
            .talks
            .values()
            .map(|talk| &talk.session)
            .filter(|session| session.state.is_open() || session.state == SessionState::Closing)
            .filter(|session| self.exists(session.expires_at, now))
            .map(|session| (session.teen, session.id))
            .collect();
        self.order(&mut found);
        Ok(found)
    }

    async fn update_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let mut state = self.writing(session.teen)?;
        if self.is(Defect::Resurrects) {
            state.talks.entry(session.id).or_insert_with(|| Talk {
                session: session.clone(),
                turns: Vec::new(),
                events: [].into(),
            });
        }
        let talk = state.talks.get_mut(&session.id);
        let Some(talk) = talk.filter(|talk| talk.session.teen == session.teen) else {
            return Err(fault(ErrorKind::NotFound));
        };
        if self.is_late(talk, first_of(events)) {
            return Err(fault(ErrorKind::Conflict));
        }
        talk.session = session.clone();
        talk.add(events);
        Ok(())
    }

    async fn accept(&self, accept: Accept, now: Timestamp) -> Result<AcceptOutcome, PortError> {
        let mut state = self.writing(accept.teen)?;
        self.take_in(&mut state, accept, now)
    }

    async fn insert_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        events: &[EventRecord],
    ) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let talk = state.talks.get_mut(&turn.session);
        let Some(talk) = talk.filter(|talk| self.may_see(talk.session.teen, teen)) else {
            return Err(fault(ErrorKind::NotFound));
        };
        let first = [turn.seq_start, first_of(events)];
        if self.is_late(talk, first.into_iter().flatten().min()) {
            return Err(fault(ErrorKind::Conflict));
        }
        talk.turns.push(turn.clone());
        talk.add(events);
        Ok(())
    }

    async fn update_turn(
        &self,
        teen: TeenId,
        turn: &TurnRecord,
        taken: Taken<'_>,
    ) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let talk = state.talks.get_mut(&turn.session);
        let Some(talk) = talk.filter(|talk| self.may_see(talk.session.teen, teen)) else {
            return Err(fault(ErrorKind::NotFound));
        };
        if self.is_late(talk, taken.first) {
            return Err(fault(ErrorKind::Conflict));
        }
        match talk.turns.iter_mut().find(|stored| stored.id == turn.id) {
            Some(stored) => *stored = turn.clone(),
            None if self.is(Defect::Resurrects) => talk.turns.push(turn.clone()),
            None => return Err(fault(ErrorKind::NotFound)),
        }
        talk.add(taken.events);
        Ok(())
    }

    async fn turn_of_message(
        &self,
        teen: TeenId,
        session: SessionId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<TurnRecord>, PortError> {
        let log = self.session(teen, session, now).await?;
        let turns = log.map(|log| log.turns).unwrap_or_default();
        Ok(turns.into_iter().find(|turn| {
            let id = turn.message.as_ref().map(|stored| stored.id);
            id == Some(message)
        }))
    }

    async fn close_session(
        &self,
        session: &SessionRecord,
        events: &[EventRecord],
        job: &MemoryJob,
    ) -> Result<(), PortError> {
        let mut state = self.writing(session.teen)?;
        let talk = state
            .talks
            .get_mut(&session.id)
            .ok_or_else(|| fault(ErrorKind::NotFound))?;
        let stored = talk.session.state;
        let closable = stored.is_open() || stored == SessionState::Closing;
        if !closable && !self.is(Defect::IgnoresConditions) {
            return Err(fault(ErrorKind::Conflict));
        }
        if self.is_late(talk, first_of(events)) {
            return Err(fault(ErrorKind::Conflict));
        }
        talk.session = session.clone();
        talk.add(events);
        if !self.is(Defect::HalfCommits) {
            state.enqueue(job);
        }
        Ok(())
    }

    async fn finish_session(&self, teen: TeenId, session: SessionId) -> Result<(), PortError> {
        let mut state = self.state();
        let talk = state.talks.get_mut(&session);
        let Some(talk) = talk.filter(|talk| self.may_see(talk.session.teen, teen)) else {
            return Ok(());
        };
        talk.session.state = SessionState::Processed;
        if self.is(Defect::KeepsEverything) {
            return Ok(());
        }
        // The row keeps the numbers whose rows go.
        talk.session.seq = talk.newest();
        talk.session.next_sequence = talk.next_message();
        talk.turns.clear();
        talk.events.clear();
        state
            .jobs
            .retain(|job| job.teen != teen || job.kind != JobKind::Remember { session });
        Ok(())
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, PortError> {
        let mut state = self.state();
        let mut left = self.limit(limit);
        let mut gone = 0;
        let mut take = |expires_at: Timestamp| {
            let goes = left > 0 && now >= expires_at;
            if goes {
                left -= 1;
                gone += 1;
            }
            goes
        };
        for talk in state.talks.values_mut() {
            talk.turns.retain(|turn| !take(turn.expires_at));
        }
        state
            .talks
            .retain(|_, talk| !talk.turns.is_empty() || !take(talk.session.expires_at));
        Ok(gone)
    }
}
