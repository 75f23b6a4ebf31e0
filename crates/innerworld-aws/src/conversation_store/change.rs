//! Changes of a session's own item: updates, and its end.

use innerworld_core::{
    conversation::record::{EventRecord, SessionRecord},
    error::{ErrorKind, PortError},
    memory::job::MemoryJob,
    seal::Seals,
};

use super::{
    TRIES, events,
    meta::{Meta, Stage, untaken},
    pointers,
    rows::{Maker, meta_key},
};
use crate::{
    dynamo::{Committed, Condition, Write},
    job_rows::JobRows,
    shared::Shared,
};

/// A change of a session.
pub(super) struct Becoming<'a> {
    pub(super) operation: &'static str,
    pub(super) session: &'a SessionRecord,
    pub(super) events: &'a [EventRecord],
    /// The job that its end queues.
    pub(super) job: Option<&'a MemoryJob>,
}

impl Becoming<'_> {
    /// Commits the change.
    pub(super) async fn commit(&self, shared: &Shared) -> Result<(), PortError> {
        let session = self.session;
        let seals = shared.teen_keys.for_writing(session.teen).await?;
        let mut other_has_the_lock = false;
        for _try in 0..TRIES {
            let meta = self.stored(shared).await?;
            let mut writes = vec![self.of_meta(shared, (&meta, &seals))?];
            let lock = writes.len();
            writes.extend(self.of_lock(&meta).filter(|_lock| !other_has_the_lock));
            if meta.ends != session.expires_at {
                writes.push(pointers::point(
                    session.teen,
                    session.id,
                    session.expires_at,
                ));
            }
            let maker = Maker::new(shared, &seals);
            writes.extend(maker.events(session.id, self.events, session.expires_at)?);
            writes.extend(self.job.map(|job| JobRows::put(job, shared.clock.now())));
            let committed = shared.dynamo.store(self.operation, &writes).await?;
            if committed == Committed::Yes {
                events::trim_after(shared, (&meta, session.seq), self.events).await;
                return Ok(());
            }
            if !committed.refused(0) && committed.refused(lock) {
                // This session had expired before a newer one was opened, and was prolonged since.
                other_has_the_lock = true;
            }
        }
        Err(PortError::new(ErrorKind::Throttled, self.operation))
    }

    /// What is stored of the session, if it may become this.
    async fn stored(&self, shared: &Shared) -> Result<Meta, PortError> {
        let refuse = |kind| PortError::new(kind, self.operation);
        let meta = Meta::find(shared, self.session.teen, self.session.id).await?;
        let meta = meta
            .filter(|meta| meta.lives(shared.clock.now()))
            .ok_or_else(|| refuse(ErrorKind::NotFound))?;
        meta.allow_writing(self.operation)?;
        if meta.stage > self.latest() {
            return Err(refuse(ErrorKind::Conflict));
        }
        meta.allow_taking(self.first(), self.operation)?;
        Ok(meta)
    }

    /// The first number that the change takes.
    fn first(&self) -> Option<u64> {
        self.events.first().map(|event| event.seq)
    }

    /// The stage that the stored session may have reached: a session never goes back, and ends once.
    fn latest(&self) -> Stage {
        match self.job {
            Some(_) => Stage::Closing,
            None => Stage::of(self.session.state),
        }
    }

    fn of_meta(&self, shared: &Shared, (meta, seals): (&Meta, &Seals)) -> Result<Write, PortError> {
        let maker = Maker::new(shared, seals);
        let (change, mut conditions) = meta.becoming(&maker, self.session)?;
        conditions.extend(untaken(self.first()));
        conditions.extend([
            self.latest().or_before(),
            Condition::lives(shared.clock.now()),
        ]);
        let condition = Some(Condition::All(conditions));
        Ok(Write::Update(meta_key(self.session.id), change, condition))
    }

    /// What happens to the lock of an open session: it is freed, or lives as long as the session.
    fn of_lock(&self, meta: &Meta) -> Option<Write> {
        let (teen, session) = (self.session.teen, self.session.id);
        if meta.stage != Stage::Open {
            return None;
        }
        if Stage::of(self.session.state) != Stage::Open {
            return Some(pointers::unlock(teen, session));
        }
        let ends = self.session.expires_at;
        (ends != meta.ends).then(|| pointers::prolong_lock(teen, session, ends))
    }
}
