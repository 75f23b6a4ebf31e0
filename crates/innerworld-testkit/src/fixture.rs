//! The contents of a fixture folder: an invented teen, written through the ports, and read back
//! as JSON. What is read when the folder is made is kept beside it; every later version of the
//! program must read the same.

mod contents;
mod read;

use std::sync::Arc;

use innerworld_core::{
    conversation::store::ConversationStore,
    identity::{
        account::{AccountStore, KeyStore, Mailer},
        consent::ConsentStore,
        profile::{ProfileStore, TeenClockStore},
    },
    memory::{job::JobStore, store::GraphStore},
    safety::store::{JournalStore, SafetyStore},
    usage::UsageLedger,
};

pub use contents::write;
pub use read::read;

/// Address of the teen of the fixture. Nobody has it.
pub const EMAIL: &str = "linnea@fixture.example";

/// The ports through which a fixture is written and read.
#[expect(missing_debug_implementations, reason = "ports show nothing")]
pub struct Stores {
    /// Account, credential, codes.
    pub accounts: Arc<dyn AccountStore>,
    /// Signing keys and settings.
    pub keys: Arc<dyn KeyStore>,
    /// The mail that waits in the outbox.
    pub mailer: Arc<dyn Mailer>,
    /// The profile.
    pub profiles: Arc<dyn ProfileStore>,
    /// The consents.
    pub consents: Arc<dyn ConsentStore>,
    /// The day's use.
    pub clocks: Arc<dyn TeenClockStore>,
    /// The talk of a session whose memory job waits.
    pub conversations: Arc<dyn ConversationStore>,
    /// That job.
    pub jobs: Arc<dyn JobStore>,
    /// What is remembered of an older session.
    pub graph: Arc<dyn GraphStore>,
    /// The calm safety record.
    pub safety: Arc<dyn SafetyStore>,
    /// A kept journal entry.
    pub journal: Arc<dyn JournalStore>,
    /// A metered call.
    pub usage: Arc<dyn UsageLedger>,
}
