//! Suite of [`ErasureStore`], over every store of a runtime.

use std::sync::Arc;

use innerworld_core::{
    error::ErrorKind,
    identity::{
        account::{AccountStore, ErasureStore, TicketStore},
        consent::{ConsentStore, Purpose},
        profile::{NoticeClock, ProfileStore, TeenClockStore},
    },
    ids::TeenId,
    memory::store::{GraphStore, NamerSource},
    safety::store::JournalStore,
    usage::UsageLedger,
};

use super::{assert_kind, conversation_store::LivePorts, suite};
use crate::records::{NOW, Records, WHOLE, at};

mod denied;
mod rows;

pub use denied::*;
pub use rows::*;

/// Every store of one runtime.
#[derive(Clone)]
pub struct AllPorts {
    /// Under test.
    pub erasure: Arc<dyn ErasureStore>,
    /// Sessions, safety records, jobs.
    pub live: LivePorts,
    /// Socket tickets.
    pub tickets: Arc<dyn TicketStore>,
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Profiles.
    pub profiles: Arc<dyn ProfileStore>,
    /// Consents.
    pub consents: Arc<dyn ConsentStore>,
    /// Budgets and notice clocks.
    pub clocks: Arc<dyn TeenClockStore>,
    /// Journal entries.
    pub journal: Arc<dyn JournalStore>,
    /// Memory.
    pub graph: Arc<dyn GraphStore>,
    /// Ids of memory.
    pub namers: Arc<dyn NamerSource>,
    /// The ledger.
    pub usage: Arc<dyn UsageLedger>,
}

impl std::fmt::Debug for AllPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AllPorts")
    }
}

suite!($ erasure_store_contract, erasure_store, AllPorts, [
    nobody_is_fenced_at_first,
    writes_of_a_fenced_teen_are_denied,
    reads_after_the_key_is_gone_are_not_found,
    rows_are_deleted_in_steps,
    steps_can_be_repeated,
    an_unknown_teen_can_be_erased,
    other_teens_keep_everything,
]);

/// A teen with a row in every store.
async fn settled(ports: &AllPorts, records: &Records) -> TeenId {
    let teen = records.teen();
    let account = records.account(teen);
    let credential = records.credential();
    ports.accounts.create(&account, &credential).await.unwrap();
    ports
        .accounts
        .put_grant(&records.grant(teen, at(600)))
        .await
        .unwrap();
    ports.profiles.put(teen, &records.profile()).await.unwrap();
    let consent = records.consent(Purpose::Terms, 0);
    ports.consents.append(teen, &[consent]).await.unwrap();
    ports
        .clocks
        .put_notices(teen, NoticeClock::default())
        .await
        .unwrap();
    ports
        .journal
        .put(teen, &records.journal(NOW))
        .await
        .unwrap();
    let write = records.session_write(records.session_id(0), 0);
    ports.graph.write(teen, &write).await.unwrap();
    ports
        .usage
        .started(teen, &records.usage("one", NOW))
        .await
        .unwrap();
    let session = records.session(teen);
    let store = &ports.live.conversations;
    store
        .open_session(&session, &[records.event(1)])
        .await
        .unwrap();
    let turn = records.turn(&session, 0, 2);
    store
        .accept(records.accept(teen, &turn), at(20))
        .await
        .unwrap();
    let change = records.safety_commit(teen, 0);
    ports.live.safety.commit(&change, NOW).await.unwrap();
    ports
        .tickets
        .put(&records.ticket(teen, at(30)))
        .await
        .unwrap();
    teen
}
