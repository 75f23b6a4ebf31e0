//! Stores that close and open their files before every call: what a suite sees then has been
//! written, and nothing of it lives in memory only.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{Accept, AcceptOutcome, EventRecord, SessionRecord, TurnRecord},
        store::{ConversationStore, SessionLog, Taken},
    },
    error::PortError,
    identity::{
        account::{
            Account, AccountStore, CodeKind, Credential, ErasureStore, IssuedCode, KeyStore,
            RefreshGrant, SigningKey, Ticket, TicketStore,
        },
        consent::{ConsentRecord, ConsentStore},
        federation::{EventLog, FederationStore, ProviderGrant, Revocation, RevocationStore},
        oauth::{AuthorizationCode, AuthorizationStore, Redeemed, SignInRequest},
        profile::{DayUse, NoticeClock, Profile, ProfileStore, TeenClockStore},
    },
    ids::{JournalId, MessageId, SessionId, TeenId},
    memory::{
        job::{JobStore, MemoryJob},
        store::{
            Applied, AppliedKey, GraphStore, Horizon, MemoryWrite, MentionList, NamerSource,
            StoredMemory, Suppression,
        },
    },
    model::call::CallPurpose,
    safety::{
        SafetyCommit, SafetyCount, SafetyRecord,
        record::SafetyNotice,
        store::{JournalEntry, JournalStore, SafetySpool, SafetyStore},
    },
    seal::Namer,
    usage::{UsageLedger, UsageRecord},
};
use innerworld_embedded::Embedded;
use tokio::sync::{Mutex, MutexGuard};

use crate::place::Place;

/// One data directory; calls take turns, each in a run of its own.
pub(crate) struct Reopening {
    running: Mutex<Option<Embedded>>,
    place: Place,
}

impl Reopening {
    pub(crate) fn new() -> Self {
        Self {
            running: Mutex::default(),
            place: Place::new(),
        }
    }

    async fn reopened(&self) -> (MutexGuard<'_, Option<Embedded>>, Embedded) {
        let mut running = self.running.lock().await;
        drop(running.take());
        let embedded = self.place.open().unwrap();
        *running = Some(embedded.clone());
        (running, embedded)
    }
}

macro_rules! reopening {
    ($accessor:ident: $port:ident {
        $(fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $result:ty;)+
    }) => {
        #[async_trait]
        impl $port for Reopening {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$result, PortError> {
                let (_turn, embedded) = self.reopened().await;
                let port = embedded.$accessor();
                port.$name($($argument),*).await
            })+
        }
    };
}

reopening!(accounts: AccountStore {
    fn create(account: &Account, credential: &Credential) -> ();
    fn by_email(email: &str) -> Option<Account>;
    fn by_id(teen: TeenId) -> Option<Account>;
    fn update(account: &Account) -> ();
    fn credential(teen: TeenId) -> Option<Credential>;
    fn put_credential(teen: TeenId, credential: &Credential) -> ();
    fn put_code(teen: TeenId, code: &IssuedCode) -> ();
    fn code(teen: TeenId, kind: CodeKind, now: Timestamp) -> Option<IssuedCode>;
    fn guess_code(teen: TeenId, kind: CodeKind, most: u32, now: Timestamp) -> Option<IssuedCode>;
    fn remove_code(teen: TeenId, kind: CodeKind) -> ();
    fn put_grant(grant: &RefreshGrant) -> ();
    fn grant(hash: [u8; 32], now: Timestamp) -> Option<RefreshGrant>;
    fn remove_grant(hash: [u8; 32]) -> ();
    fn deny_before(teen: TeenId, not_before: Timestamp) -> ();
    fn denied_before(teen: TeenId) -> Option<Timestamp>;
    fn put_refusal(email: &str, until: Timestamp) -> ();
    fn is_refused(email: &str, now: Timestamp) -> bool;
});

reopening!(clocks: TeenClockStore {
    fn day(teen: TeenId, day: &str) -> DayUse;
    fn tick(teen: TeenId, day: &str, expected: Timestamp, used: DayUse) -> ();
    fn notices(teen: TeenId) -> NoticeClock;
    fn put_notices(teen: TeenId, clock: NoticeClock) -> ();
});

reopening!(consents: ConsentStore {
    fn append(teen: TeenId, records: &[ConsentRecord]) -> ();
    fn list(teen: TeenId) -> Vec<ConsentRecord>;
});

reopening!(conversations: ConversationStore {
    fn open_session(session: &SessionRecord, events: &[EventRecord]) -> ();
    fn live_session(teen: TeenId, now: Timestamp) -> Option<SessionLog>;
    fn session(teen: TeenId, session: SessionId, now: Timestamp) -> Option<SessionLog>;
    fn sessions(
        teen: TeenId,
        before: Option<SessionId>,
        limit: usize,
        now: Timestamp,
    ) -> Vec<SessionRecord>;
    fn unfinished(now: Timestamp) -> Vec<(TeenId, SessionId)>;
    fn update_session(session: &SessionRecord, events: &[EventRecord]) -> ();
    fn accept(accept: Accept, now: Timestamp) -> AcceptOutcome;
    fn insert_turn(teen: TeenId, turn: &TurnRecord, events: &[EventRecord]) -> ();
    fn update_turn(teen: TeenId, turn: &TurnRecord, taken: Taken<'_>) -> ();
    fn turn_of_message(
        teen: TeenId,
        session: SessionId,
        message: MessageId,
        now: Timestamp,
    ) -> Option<TurnRecord>;
    fn close_session(session: &SessionRecord, events: &[EventRecord], job: &MemoryJob) -> ();
    fn finish_session(teen: TeenId, session: SessionId) -> ();
    fn sweep(now: Timestamp, limit: usize) -> usize;
});

reopening!(erasure: ErasureStore {
    fn fence(teen: TeenId, now: Timestamp) -> ();
    fn is_fenced(teen: TeenId) -> bool;
    fn destroy_key(teen: TeenId) -> ();
    fn delete_rows(teen: TeenId, limit: usize) -> usize;
    fn truncate_logs() -> ();
    fn bury(teen: TeenId, until: Timestamp) -> ();
});

reopening!(graph: GraphStore {
    fn load(teen: TeenId, horizon: Horizon) -> StoredMemory;
    fn generation(teen: TeenId) -> u64;
    fn mention_lists(teen: TeenId) -> Vec<MentionList>;
    fn suppressions(teen: TeenId) -> Vec<Suppression>;
    fn is_applied(teen: TeenId, key: &AppliedKey) -> bool;
    fn write(teen: TeenId, write: &MemoryWrite) -> Applied;
    fn erase_memory(teen: TeenId) -> ();
    fn expire(now: Timestamp, graph_before: Timestamp, limit: usize) -> usize;
});

reopening!(jobs: JobStore {
    fn enqueue(job: &MemoryJob) -> ();
    fn due(now: Timestamp, limit: usize) -> Vec<MemoryJob>;
    fn defer(job: &MemoryJob, not_before: Timestamp) -> ();
    fn remove(job: &MemoryJob) -> ();
    fn backlog(now: Timestamp) -> (usize, Option<Timestamp>);
});

reopening!(journal: JournalStore {
    fn put(teen: TeenId, entry: &JournalEntry) -> ();
    fn list(
        teen: TeenId,
        before: Option<JournalId>,
        limit: usize,
        now: Timestamp,
    ) -> Vec<JournalEntry>;
    fn delete(teen: TeenId, id: JournalId) -> ();
});

reopening!(keys: KeyStore {
    fn signing_keys() -> Vec<SigningKey>;
    fn put_signing_key(key: &SigningKey) -> ();
    fn remove_signing_key(kid: &str) -> ();
    fn service_key(name: &'static str) -> [u8; 32];
    fn setting(name: &'static str) -> Option<String>;
    fn put_setting_once(name: &'static str, value: &str) -> String;
});

reopening!(namers: NamerSource {
    fn namer(teen: TeenId) -> Namer;
});

reopening!(profiles: ProfileStore {
    fn load(teen: TeenId) -> Option<Profile>;
    fn put(teen: TeenId, profile: &Profile) -> ();
});

reopening!(safety: SafetyStore {
    fn load(teen: TeenId) -> Option<SafetyRecord>;
    fn commit(commit: &SafetyCommit, now: Timestamp) -> ();
    fn count(teen: TeenId, notice: &SafetyNotice) -> ();
    fn counts(from: &str, to: &str) -> Vec<(SafetyCount, u64)>;
});

reopening!(spool: SafetySpool {
    fn append(commit: &SafetyCommit) -> ();
    fn pending() -> Vec<(u64, SafetyCommit)>;
    fn remove(handle: u64) -> ();
    fn depth() -> usize;
});

reopening!(tickets: TicketStore {
    fn put(ticket: &Ticket) -> ();
    fn take(hash: [u8; 32], now: Timestamp) -> Option<Ticket>;
});

reopening!(usage: UsageLedger {
    fn started(teen: TeenId, record: &UsageRecord) -> ();
    fn finished(teen: TeenId, record: &UsageRecord) -> ();
    fn list(teen: TeenId) -> Vec<UsageRecord>;
    fn calls(teen: TeenId, purpose: CallPurpose, since: Timestamp) -> u32;
});

reopening!(authorizations: AuthorizationStore {
    fn put_request(hash: [u8; 32], request: &SignInRequest, most: usize, now: Timestamp) -> ();
    fn take_request(hash: [u8; 32], now: Timestamp) -> Option<SignInRequest>;
    fn put_code(code: &AuthorizationCode) -> ();
    fn redeem(hash: [u8; 32], grant: [u8; 32], now: Timestamp) -> Redeemed;
});

reopening!(federation: FederationStore {
    fn create(account: &Account, grant: &ProviderGrant) -> ();
    fn put_grant(teen: TeenId, grant: &ProviderGrant) -> ();
    fn grant(teen: TeenId) -> Option<ProviderGrant>;
    fn link_app(teen: TeenId, app_transaction: &str) -> ();
    fn teens_of_app(app_transaction: &str) -> Vec<TeenId>;
});

reopening!(events: EventLog {
    fn is_done(event: &str) -> bool;
    fn done(event: &str) -> ();
});

reopening!(revocations: RevocationStore {
    fn put(revocation: &Revocation) -> ();
    fn due(now: Timestamp, limit: usize) -> Vec<Revocation>;
    fn defer(id: [u8; 32], not_before: Timestamp) -> ();
    fn remove(id: [u8; 32]) -> ();
    fn waiting() -> usize;
});
