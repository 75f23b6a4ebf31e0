//! Everything that the reference stores hold.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::{
    clock::Timestamp,
    conversation::record::{EventRecord, SessionRecord, TurnRecord},
    identity::{
        account::{Account, CodeKind, Credential, IssuedCode, RefreshGrant, SigningKey, Ticket},
        consent::ConsentRecord,
        federation::{ProviderGrant, Revocation},
        oauth::{AuthorizationCode, SignInRequest},
        profile::{DayUse, NoticeClock, Profile},
    },
    ids::{JournalId, SessionId, TeenId, TurnId},
    memory::{
        graph::Graph,
        job::MemoryJob,
        store::{EvidenceTurn, MentionList, StoredDigest, Suppression},
    },
    safety::{SafetyCommit, SafetyCount, SafetyRecord, record::SafetyNotice, store::JournalEntry},
    usage::UsageRecord,
};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) talks: BTreeMap<SessionId, Talk>,
    pub(super) jobs: Vec<MemoryJob>,
    pub(super) safety: BTreeMap<TeenId, SafetyRecord>,
    pub(super) notices: BTreeMap<[u8; 16], Timestamp>,
    pub(super) counts: BTreeMap<SafetyCount, u64>,
    pub(super) tickets: BTreeMap<[u8; 32], Ticket>,
    pub(super) people: BTreeMap<TeenId, Person>,
    pub(super) grants: BTreeMap<[u8; 32], RefreshGrant>,
    pub(super) refusals: BTreeMap<String, Timestamp>,
    pub(super) signing_keys: BTreeMap<String, SigningKey>,
    pub(super) service_keys: BTreeMap<&'static str, [u8; 32]>,
    pub(super) settings: BTreeMap<&'static str, String>,
    pub(super) spool: BTreeMap<u64, SafetyCommit>,
    pub(super) spooled: u64,
    pub(super) requests: BTreeMap<[u8; 32], SignInRequest>,
    /// With the grant that the first use was for.
    pub(super) codes: BTreeMap<[u8; 32], (AuthorizationCode, Option<[u8; 32]>)>,
    pub(super) apps: BTreeSet<(String, TeenId)>,
    pub(super) events: BTreeSet<String>,
    pub(super) revocations: Vec<Revocation>,
    pub(super) fenced: BTreeSet<TeenId>,
    pub(super) keyless: BTreeSet<TeenId>,
}

/// What outlives a session, of one teen.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) account: Option<Account>,
    pub(super) credential: Option<Credential>,
    pub(super) codes: Vec<IssuedCode>,
    pub(super) denied_before: Option<Timestamp>,
    pub(super) provider_grant: Option<ProviderGrant>,
    pub(super) profile: Option<Profile>,
    pub(super) consents: Vec<ConsentRecord>,
    pub(super) days: BTreeMap<String, DayUse>,
    pub(super) notices: NoticeClock,
    pub(super) journal: BTreeMap<JournalId, JournalEntry>,
    pub(super) usage: Vec<UsageRecord>,
    pub(super) memory: Memory,
}

/// A teen's memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) graph: Graph,
    pub(super) evidence: BTreeMap<TurnId, EvidenceTurn>,
    pub(super) mentions: BTreeMap<(SessionId, String), MentionList>,
    pub(super) suppressions: BTreeMap<u128, Suppression>,
    pub(super) digest: Option<StoredDigest>,
    pub(super) applied: BTreeMap<(SessionId, String), String>,
}

impl Person {
    pub(super) fn code(&self, kind: CodeKind) -> Option<&IssuedCode> {
        self.codes.iter().find(|code| code.kind == kind)
    }
}

/// A session with what was said in it.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    pub(super) session: SessionRecord,
    pub(super) turns: Vec<TurnRecord>,
    pub(super) events: BTreeMap<u64, EventRecord>,
}

impl Talk {
    pub(super) fn add(&mut self, events: &[EventRecord]) {
        for event in events {
            self.events.insert(event.seq, event.clone());
        }
    }

    /// The newest event number, of the row, of events and of turns.
    pub(super) fn newest(&self) -> u64 {
        let of_turns = self
            .turns
            .iter()
            .flat_map(|turn| [turn.seq_accepted, turn.seq_start, turn.seq_end])
            .flatten()
            .max();
        let of_events = self.events.keys().next_back().copied();
        self.session.seq.max(of_turns.max(of_events).unwrap_or(0))
    }

    /// The number of the next message, of the row and of turns.
    pub(super) fn next_message(&self) -> u64 {
        self.turns
            .iter()
            .map(|turn| turn.sequence + 1 + u64::from(turn.message.is_some()))
            .fold(self.session.next_sequence, u64::max)
    }
}

impl State {
    pub(super) fn revision(&self, teen: TeenId) -> u64 {
        self.safety.get(&teen).map_or(0, |record| record.rev)
    }

    pub(super) fn store_safety(&mut self, commit: &SafetyCommit) {
        self.safety.insert(commit.teen, commit.record.clone());
        if let Some(notice) = &commit.notice {
            self.count(notice);
        }
    }

    /// Counts a notice, unless its row is there.
    pub(super) fn count(&mut self, notice: &SafetyNotice) {
        if self.notices.insert(notice.id, notice.expires_at).is_none() {
            *self.counts.entry(notice.count.clone()).or_default() += 1;
        }
    }

    pub(super) fn enqueue(&mut self, job: &MemoryJob) {
        if !self.jobs.iter().any(|queued| same(queued, job)) {
            self.jobs.push(job.clone());
        }
    }
}

/// Whether both stand for the same work.
pub(super) fn same(one: &MemoryJob, other: &MemoryJob) -> bool {
    one.teen == other.teen && one.kind == other.kind
}
