//! Suite of [`GraphStore`].

use std::sync::Arc;

use innerworld_core::{
    ids::TeenId,
    memory::store::{Applied, GraphStore, MemoryWrite, StoredMemory},
};

use super::suite;
use crate::records::WHOLE;

mod evidence;
mod expire;
mod lists;
mod write;

pub use evidence::*;
pub use expire::*;
pub use lists::*;
pub use write::*;

/// The port under test.
pub type Port = Arc<dyn GraphStore>;

suite!($ graph_store_contract, graph_store, Port, [
    an_unwritten_memory_is_empty,
    a_written_memory_is_read_back,
    a_repeated_write_changes_nothing,
    a_newer_version_is_written,
    a_stale_generation_conflicts,
    one_of_many_writes_wins,
    records_are_replaced_and_deleted,
    a_node_with_many_edges_is_read_back,
    memories_are_each_teens_own,
    erasing_memory_leaves_nothing,
    a_write_from_before_the_erase_conflicts,
    evidence_comes_in_order,
    evidence_is_replaced_and_deleted,
    the_graph_is_read_without_evidence,
    evidence_text_ends_in_time,
    mention_lists_come_in_order,
    mention_lists_are_replaced_and_deleted,
    suppressions_are_kept,
    the_last_digest_counts,
    the_graph_ends_in_time,
    expiring_drops_texts,
    expiring_drops_what_was_not_seen,
    expiring_is_bounded,
]);

async fn write(store: &Port, teen: TeenId, write: &MemoryWrite) {
    assert_eq!(store.write(teen, write).await.unwrap(), Applied::Now);
}

async fn load(store: &Port, teen: TeenId) -> StoredMemory {
    store.load(teen, WHOLE).await.unwrap()
}
