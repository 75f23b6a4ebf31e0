//! Profiles, consents, clocks and journals.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::{
        consent::{ConsentRecord, ConsentStore},
        profile::{DayUse, NoticeClock, Profile, ProfileStore, TeenClockStore},
    },
    ids::{JournalId, TeenId},
    safety::store::{JournalEntry, JournalStore},
};

use super::{Defect, Reference, fault};

#[async_trait]
impl ProfileStore for Reference {
    async fn load(&self, teen: TeenId) -> Result<Option<Profile>, PortError> {
        let mut state = self.reading(teen)?;
        Ok(self.person(&mut state, teen).profile.clone())
    }

    async fn put(&self, teen: TeenId, profile: &Profile) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let stored = &mut self.person(&mut state, teen).profile;
        if stored.is_none() || !self.is(Defect::IgnoresConditions) {
            *stored = Some(profile.clone());
        }
        Ok(())
    }
}

#[async_trait]
impl ConsentStore for Reference {
    async fn append(&self, teen: TeenId, records: &[ConsentRecord]) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let consents = &mut self.person(&mut state, teen).consents;
        for record in records {
            if self.is(Defect::HalfCommits) {
                // Only the newest record of a purpose is kept.
                consents.retain(|stored| stored.purpose != record.purpose);
            }
            consents.push(record.clone());
        }
        Ok(())
    }

    async fn list(&self, teen: TeenId) -> Result<Vec<ConsentRecord>, PortError> {
        let mut state = self.reading(teen)?;
        let mut consents = self.person(&mut state, teen).consents.clone();
        self.order(&mut consents);
        Ok(consents)
    }
}

#[async_trait]
impl TeenClockStore for Reference {
    async fn day(&self, teen: TeenId, day: &str) -> Result<DayUse, PortError> {
        let mut state = self.state();
        let days = &self.person(&mut state, teen).days;
        Ok(days.get(day).copied().unwrap_or_default())
    }

    async fn tick(
        &self,
        teen: TeenId,
        day: &str,
        expected: Timestamp,
        used: DayUse,
    ) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let person = self.person(&mut state, teen);
        let stored = person.days.get(day).copied().unwrap_or_default();
        if stored.ticked_at != expected && !self.is(Defect::IgnoresConditions) {
            return Err(fault(ErrorKind::Conflict));
        }
        person.days.insert(day.to_owned(), used);
        if !self.is(Defect::HalfCommits) {
            person.notices.since_not_human_ms += used.used_ms.saturating_sub(stored.used_ms);
        }
        Ok(())
    }

    async fn notices(&self, teen: TeenId) -> Result<NoticeClock, PortError> {
        let mut state = self.state();
        Ok(self.person(&mut state, teen).notices)
    }

    async fn put_notices(&self, teen: TeenId, clock: NoticeClock) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        self.person(&mut state, teen).notices = clock;
        Ok(())
    }
}

#[async_trait]
impl JournalStore for Reference {
    async fn put(&self, teen: TeenId, entry: &JournalEntry) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let journal = &mut self.person(&mut state, teen).journal;
        if self.is(Defect::RepeatsAreNew) {
            journal.remove(&entry.id);
        }
        journal.entry(entry.id).or_insert_with(|| entry.clone());
        Ok(())
    }

    async fn list(
        &self,
        teen: TeenId,
        before: Option<JournalId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<JournalEntry>, PortError> {
        let mut state = self.reading(teen)?;
        let mut entries: Vec<_> = self
            .person(&mut state, teen)
            .journal
            .values()
            .rev()
            .filter(|entry| before.is_none_or(|before| entry.id < before))
            .filter(|entry| self.exists(entry.expires_at, now))
            .cloned()
            .collect();
        entries.truncate(self.limit(limit));
        self.order(&mut entries);
        Ok(entries)
    }

    async fn delete(&self, teen: TeenId, id: JournalId) -> Result<(), PortError> {
        let mut state = self.state();
        if !self.is(Defect::KeepsEverything) {
            self.person(&mut state, teen).journal.remove(&id);
        }
        Ok(())
    }
}
