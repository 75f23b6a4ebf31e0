//! Suite of [`ConversationStore`], with the safety rows and the job that its commits carry.

use std::sync::Arc;

use innerworld_core::{
    conversation::{record::SessionRecord, store::ConversationStore},
    ids::TeenId,
    memory::job::JobStore,
    safety::store::SafetyStore,
};

use super::suite;
use crate::records::Records;

mod accept;
mod close;
mod session;
mod sweep;
mod turn;

pub use accept::*;
pub use close::*;
pub use session::*;
pub use sweep::*;
pub use turn::*;

/// Ports that share one store, because they commit together.
#[derive(Clone)]
pub struct LivePorts {
    /// Under test.
    pub conversations: Arc<dyn ConversationStore>,
    /// Where accepted safety changes show.
    pub safety: Arc<dyn SafetyStore>,
    /// Where the job of a closed session shows.
    pub jobs: Arc<dyn JobStore>,
}

impl std::fmt::Debug for LivePorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LivePorts")
    }
}

/// A teen with an open session whose log holds event 1.
pub(super) async fn opened(ports: &LivePorts, records: &Records) -> (TeenId, SessionRecord) {
    let teen = records.teen();
    let session = records.session(teen);
    open(ports, records, &session).await;
    (teen, session)
}

async fn open(ports: &LivePorts, records: &Records, session: &SessionRecord) {
    ports
        .conversations
        .open_session(session, &[records.event(1)])
        .await
        .unwrap();
}

suite!($ conversation_store_contract, conversation_store, LivePorts, [
    an_opened_session_is_read_back,
    a_second_open_session_conflicts,
    a_teen_without_session_has_none,
    sessions_do_not_exist_from_their_expiry_on,
    turns_do_not_exist_from_their_expiry_on,
    another_teens_session_is_none,
    another_teen_changes_nothing,
    sessions_are_paged_newest_first,
    unfinished_are_open_and_closing_ones,
    an_updated_session_is_read_back,
    updating_a_missing_session_is_not_found,
    events_are_listed_in_order,
    an_accepted_message_is_stored,
    a_repeated_message_is_the_same_turn,
    a_used_id_with_other_text_conflicts,
    one_of_many_equal_accepts_is_new,
    a_closing_session_takes_no_message,
    a_missing_session_takes_no_message,
    an_expired_session_takes_no_message,
    a_safety_change_commits_with_its_message,
    a_moved_safety_record_stores_nothing,
    a_quiet_offer_is_counted_with_its_message,
    a_repeated_trigger_counts_once,
    a_template_turn_is_in_the_log,
    an_updated_turn_is_read_back,
    a_missing_turn_is_never_recreated,
    turns_are_listed_oldest_first,
    the_log_knows_its_newest_event,
    the_log_knows_its_next_message,
    closing_queues_the_job,
    closing_twice_conflicts,
    one_of_many_closers_wins,
    a_closing_session_can_be_closed,
    a_new_session_opens_after_closing,
    finishing_deletes_what_was_said,
    finishing_again_changes_nothing,
    sweeping_takes_what_expired,
    sweeping_is_bounded,
]);
