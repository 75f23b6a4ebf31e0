//! The steps of an erase.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp, error::PortError, identity::account::ErasureStore, ids::TeenId,
    memory::job::JobKind,
};

use super::{
    Defect, Reference,
    state::{Person, State},
};

impl Reference {
    /// Deletes one row of the teen; `false` if there is none left.
    fn delete_one(&self, state: &mut State, teen: TeenId) -> bool {
        let is_mine = |owner: TeenId| owner == teen || self.is(Defect::CrossesTeens);
        let talk = state.talks.values().find(|talk| is_mine(talk.session.teen));
        if let Some(session) = talk.map(|talk| talk.session.id) {
            return state.talks.remove(&session).is_some();
        }
        if state.safety.remove(&teen).is_some() {
            return true;
        }
        let is_job = |job: &innerworld_core::memory::job::MemoryJob| {
            job.teen == teen && job.kind != JobKind::Erase
        };
        if let Some(position) = state.jobs.iter().position(is_job) {
            state.jobs.remove(position);
            return true;
        }
        if let Some(hash) = first(&state.tickets, |ticket| ticket.teen == teen) {
            return state.tickets.remove(&hash).is_some();
        }
        if let Some(hash) = first(&state.grants, |grant| grant.teen == teen) {
            return state.grants.remove(&hash).is_some();
        }
        if let Some(hash) = first(&state.codes, |(code, _)| code.teen == teen) {
            return state.codes.remove(&hash).is_some();
        }
        if let Some(link) = state.apps.iter().find(|link| link.1 == teen).cloned() {
            return state.apps.remove(&link);
        }
        let owner = self.owner(teen);
        let person = state.people.get_mut(&owner);
        person.is_some_and(delete_part) || state.people.remove(&owner).is_some()
    }
}

/// Deletes one part of what is stored of a person.
fn delete_part(person: &mut Person) -> bool {
    person.account.take().is_some()
        || person.credential.take().is_some()
        || person.provider_grant.take().is_some()
        || person.profile.take().is_some()
        || person.codes.pop().is_some()
        || person.consents.pop().is_some()
        || person.usage.pop().is_some()
        || person.days.pop_first().is_some()
        || person.journal.pop_first().is_some()
        || person.memory.graph.edges.pop_first().is_some()
        || person.memory.graph.nodes.pop_first().is_some()
        || person.memory.evidence.pop_first().is_some()
        || person.memory.mentions.pop_first().is_some()
        || person.memory.suppressions.pop_first().is_some()
}

fn first<T>(
    rows: &std::collections::BTreeMap<[u8; 32], T>,
    is_it: impl Fn(&T) -> bool,
) -> Option<[u8; 32]> {
    rows.iter()
        .find(|(_, row)| is_it(row))
        .map(|(hash, _)| *hash)
}

#[async_trait]
impl ErasureStore for Reference {
    async fn fence(&self, teen: TeenId, _now: Timestamp) -> Result<(), PortError> {
        self.state().fenced.insert(teen);
        Ok(())
    }

    async fn is_fenced(&self, teen: TeenId) -> Result<bool, PortError> {
        Ok(self.state().fenced.contains(&teen))
    }

    async fn destroy_key(&self, teen: TeenId) -> Result<(), PortError> {
        self.state().keyless.insert(teen);
        Ok(())
    }

    async fn delete_rows(&self, teen: TeenId, limit: usize) -> Result<usize, PortError> {
        let mut state = self.state();
        let mut gone = 0;
        while gone < self.limit(limit)
            && !self.is(Defect::KeepsEverything)
            && self.delete_one(&mut state, teen)
        {
            gone += 1;
        }
        Ok(gone)
    }

    async fn truncate_logs(&self) -> Result<(), PortError> {
        Ok(())
    }

    async fn bury(&self, teen: TeenId, _until: Timestamp) -> Result<(), PortError> {
        let mut state = self.state();
        state.fenced.insert(teen);
        state.keyless.insert(teen);
        if self.is(Defect::Resurrects) {
            state.fenced.remove(&teen);
        }
        Ok(())
    }
}
